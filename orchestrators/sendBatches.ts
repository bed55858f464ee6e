/** Fans a pass out over its batches, as a tree of at most 32 children a node. A batch that fails leaves its patients waiting. */
import type { OrchestrationContext, OrchestrationHandler, Task } from 'durable-functions';
import { groupsOf, nodeName } from '../domain/fanOut';
import { SEND_BATCH, SEND_BATCHES } from './names';
import type { Steps } from './sleep';

export interface BatchesInput {
  readonly campaignId: string;
  readonly date: string;
  /** References, never patients. */
  readonly batches: readonly string[];
}

export interface Totals {
  readonly sent: number;
  readonly refused: number;
}

export const sendBatches: OrchestrationHandler = function* (context) {
  return yield* sendAll(context, context.df.getInput<BatchesInput>()!);
};

/** Gates and sends every batch; also called by the campaign itself, whose pass is the root of the tree. */
export function* sendAll(context: OrchestrationContext, input: BatchesInput): Steps<Totals> {
  if (input.batches.length === 0) return { sent: 0, refused: 0 };
  const groups = groupsOf(input.batches);
  const children =
    groups.length === 1
      ? input.batches.map((batch) => oneBatch(context, input, batch))
      : groups.map((group) => oneNode(context, input, group));
  const totals = (yield context.df.Task.all(children)) as Totals[];
  return { sent: sum(totals, 'sent'), refused: sum(totals, 'refused') };
}

/**
 * A pass that fails leaves its patients waiting. What was ordered before stands in the batches' outcomes, or in the ledger
 * where a batch has none: the next pass counts it and asks again for the rest.
 */
export function* orLeaveWaiting(sending: Steps<Totals>): Steps<Totals> {
  try {
    return yield* sending;
  } catch {
    return { sent: 0, refused: 0 };
  }
}

function oneBatch(context: OrchestrationContext, input: BatchesInput, batch: string): Task {
  const { campaignId, date } = input;
  return context.df.callSubOrchestrator(SEND_BATCH, { campaignId, date, batch }, `${campaignId}:${batch}`);
}

function oneNode(context: OrchestrationContext, input: BatchesInput, batches: readonly string[]): Task {
  return context.df.callSubOrchestrator(
    SEND_BATCHES,
    { ...input, batches },
    `${input.campaignId}:${nodeName(batches)}`,
  );
}

function sum(totals: readonly Totals[], field: keyof Totals): number {
  return totals.reduce((total, one) => total + one[field], 0);
}
