/**
 * What the carrier says about a text: delivered, not delivered and why, nothing at all, or the same twice. Delays come
 * in a few steps, so that the receipts of one pass share instants and reach the product as one array. Whether a text
 * arrived and whether its receipt did are two questions. Leaves out: what the patient does about it (reactions.ts).
 */
import { MINUTE_MS } from '../domain/calendar';
import { RECEIPT_CODES } from '../domain/input';
import { rates } from './assumptions';
import type { Person } from './people';
import { chance, pickWeighted } from './random';
import { onGrid } from './schedule';

export interface Passage {
  readonly arrives: boolean;
  readonly code: (typeof RECEIPT_CODES)[number] | undefined;
  /** When the receipt comes: never, once or twice; strictly after the text. */
  readonly receiptsAtMs: readonly number[];
}

const RECEIPT_GRID_MS = 5_000;

/** `occasion` and `n` say which text of the patient it is: the n-th of the campaign or the n-th answer. */
export function passageOf(person: Person, occasion: 'text' | 'answer', n: number, sentAtMs: number): Passage {
  const draw = (what: string) => chance(person.luck, `${what} ${occasion}`, n);
  const code = person.line.fault ?? (draw('fails') < rates.failsOnce ? ('OTHER' as const) : undefined);
  const { seconds } = pickWeighted(rates.receiptDelays, draw('receipt delay'));
  const firstMs = onGrid(sentAtMs + seconds * 1000, RECEIPT_GRID_MS);
  const lost = draw('receipt lost') < rates.receiptLost;
  const twice = draw('receipt twice') < rates.receiptTwice;
  const receiptsAtMs = lost ? [] : twice ? [firstMs, firstMs + 10 * MINUTE_MS] : [firstMs];
  return { arrives: code === undefined, code, receiptsAtMs };
}
