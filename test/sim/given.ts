/** What a simulated run gave, as far as excuses look at it (late.ts), parsed once. */
import { parse } from 'csv-parse/sync';
import { SECOND_MS } from '../../domain/calendar';
import type { AppointmentEvent, Input, Receipt, Reply } from '../../domain/input';
import type { Campaign } from '../../domain/policy';
import type { Report } from '../../domain/report';
import type { HeldUp } from '../../simulator/faults/bus';

export interface Given {
  /** By name. */
  readonly outputs: Readonly<Record<string, string>>;
  /** inputs.jsonl, with those that the faults added. */
  readonly inputs: string;
  readonly rosterCsv: string;
  readonly campaign: Campaign;
  readonly heldUp: HeldUp;
  /** Of the world and of the host. */
  readonly faults: readonly FaultMade[];
}

export interface FaultMade {
  readonly kind: string;
  readonly atMs: number;
  /** Table and operation, or queue, or instance. */
  readonly target?: string;
}

export interface LedgerLine {
  readonly messageId: string;
  readonly sentAt: string;
  readonly patientId: string;
  readonly phase: string;
  readonly wave: string;
  readonly touch: string;
  readonly status: string;
  readonly reason: string;
  readonly decidedAt: string;
}

export interface WorklistLine {
  readonly patientId: string;
  readonly reason: string;
  readonly since: string;
}

export interface Parsed extends Pick<Given, 'campaign' | 'heldUp' | 'faults'> {
  readonly ledger: readonly LedgerLine[];
  readonly worklist: readonly WorklistLine[];
  readonly report: Report;
  /** Send days, in the order of their opening, epoch ms. */
  readonly opened: readonly { readonly date: string; readonly atMs: number }[];
  readonly inputs: readonly Input[];
  readonly replies: readonly Reply[];
  readonly receipts: readonly Receipt[];
  /** As far as it can be read. */
  readonly phoneOf: ReadonlyMap<string, string>;
}

const NO_MOBILE = new Set<unknown>(['LANDLINE', 'UNKNOWN_NUMBER', 'BLOCKED']);

export function parsed({ outputs, inputs: jsonl, rosterCsv, campaign, heldUp, faults }: Given): Parsed {
  const inputs = linesOf<Input>(jsonl);
  const rows = { columns: true, bom: true, relax_column_count: true, skip_empty_lines: true };
  const roster = parse(rosterCsv, rows) as unknown as { patientId: string; phone: string }[];
  return {
    ...{ campaign, heldUp, faults, inputs },
    ledger: parse(outputs['ledger.csv'] ?? '', { columns: true }) as LedgerLine[],
    worklist: parse(outputs['worklist.csv'] ?? '', { columns: true }) as WorklistLine[],
    report: JSON.parse(outputs['report.json']!) as Report,
    opened: linesOf<{ at: string; action: string; target: string }>(outputs['audit.jsonl'] ?? '')
      .filter(({ action }) => action === 'day.opened')
      .map(({ at, target }) => ({ date: target, atMs: Date.parse(at) })),
    replies: inputs.filter((input) => input.type === 'sms.reply'),
    receipts: inputs.filter((input) => input.type === 'sms.receipt'),
    phoneOf: new Map(roster.map(({ patientId, phone }) => [patientId, phone])),
  };
}

export type Told = Reply | AppointmentEvent;

export interface Waiting {
  readonly told: Told;
  /** When it first came, and when its receiver last failed on it, epoch ms. */
  readonly fromMs: number;
  readonly failedAtMs: number;
}

/** Replies and what bookings say that waited at `atMs`, epoch ms, to be taken in again. */
export function waitingAt({ heldUp }: Parsed, atMs: number): Waiting[] {
  const waiting = heldUp.inputs.filter(
    ({ queue, fromMs, untilMs }) =>
      (queue === 'sms-replies' || queue === 'appointment-events') && fromMs <= atMs + SECOND_MS && atMs <= untilMs,
  );
  return waiting.flatMap(({ text, fromMs, failedAtMs }) =>
    (JSON.parse(text) as Told[]).map((told) => ({ told, fromMs, failedAtMs })),
  );
}

/** Patients on the number of `phone`. */
export function patientsOn({ phoneOf }: Parsed, phone: string | undefined): Set<string> {
  return new Set([...phoneOf].filter(([, own]) => own === phone).map(([patientId]) => patientId));
}

/** Receipts by which a number of these patients takes no more texts. */
export function noMobileReceipts({ ledger, receipts }: Parsed, patients: ReadonlySet<string>): readonly Receipt[] {
  const messages = new Set(ledger.filter((row) => patients.has(row.patientId)).map(({ messageId }) => messageId));
  return receipts.filter(
    ({ messageId, status, code }) => messages.has(messageId) && status === 'UNDELIVERED' && NO_MOBILE.has(code),
  );
}

/** Of a `.jsonl` file. */
function linesOf<Line>(jsonl: string): Line[] {
  return jsonl
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}
