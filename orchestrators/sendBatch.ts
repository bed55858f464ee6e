/** One batch of at most 100 patients: read the asks, ask each patient's entity, send what may go. */
import { EntityId, type OrchestrationContext, type OrchestrationHandler } from 'durable-functions';
import type { BatchAsks, BatchInput } from '../activities/readBatch';
import type { Answer } from '../domain/patient';
import { call } from './call';
import { PATIENT } from './names';
import { nowMs, type Steps } from './sleep';
import type { Totals } from './sendBatches';

export const sendBatch: OrchestrationHandler = function* (context) {
  const input = context.df.getInput<BatchInput>()!;
  // 1. Whom, by reference.
  return yield* gateAndSend(context, input, yield* call(context, 'readBatch', input));
};

/** Also the whole of a pass that has one batch only: it needs no child. */
export function* gateAndSend(
  context: OrchestrationContext,
  input: BatchInput,
  { asks, common }: BatchAsks,
): Steps<Totals> {
  // 2. The gate: each patient's entity answers and records in one step.
  const at = nowMs(context);
  const gate = asks.map(({ patientId, ...ask }) =>
    context.df.callEntity(new EntityId(PATIENT, patientId), 'ask', { ...ask, ...common, nowMs: at }),
  );
  const answers = (gate.length === 0 ? [] : yield context.df.Task.all(gate)) as Answer[];

  // 3. Reserve, send, confirm.
  const result = yield* call(context, 'sendTexts', { ...input, answers });

  // 4. What was granted but did not leave must not count.
  for (const { patientId, messageId, refusedAtMs = at } of result.withdrawn)
    context.df.signalEntity(new EntityId(PATIENT, patientId), 'withdraw', {
      messageId,
      atMs: Math.max(at, refusedAtMs),
    });
  return { sent: result.sent, refused: result.refused };
}
