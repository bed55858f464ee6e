/** What a batch tells the entities of patients whose granted text did not leave, step by step without a host. */
import type { OrchestrationContext } from 'durable-functions';
import { gateAndSend } from '../../orchestrators/sendBatch';

const AT_MS = Date.parse('2026-01-05T16:00:00Z');

it('withdraws each grant as of the asking, or of a refusal that came later', () => {
  const signals: unknown[] = [];
  const df = {
    currentUtcDateTime: new Date(AT_MS),
    callEntity: () => 'asked',
    callActivityWithRetry: () => 'sent',
    signalEntity: ({ key }: { key: string }, operation: string, input: unknown) =>
      signals.push([key, operation, input]),
    Task: { all: () => 'all asked' },
  };
  const asks = ['P1', 'P2', 'P3'].map((patientId) => ({ patientId, messageId: `m-${patientId}` }));
  const steps = gateAndSend(
    { df } as unknown as OrchestrationContext,
    { campaignId: 'small', date: '2026-01-05', batch: 'b' },
    { asks, common: {} } as never,
  );
  expect(steps.next().value).toBe('all asked');
  expect(steps.next([{ verdict: 'GO' }, { verdict: 'GO' }, { verdict: 'GO' }]).value).toBe('sent');
  const withdrawn = [
    { patientId: 'P1', messageId: 'm-P1' },
    { patientId: 'P2', messageId: 'm-P2', refusedAtMs: AT_MS + 60_000 },
    { patientId: 'P3', messageId: 'm-P3', refusedAtMs: AT_MS - 60_000 },
  ];
  expect(steps.next({ sent: 0, refused: 1, withdrawn })).toEqual({ done: true, value: { sent: 0, refused: 1 } });
  expect(signals).toEqual([
    ['P1', 'withdraw', { messageId: 'm-P1', atMs: AT_MS }],
    ['P2', 'withdraw', { messageId: 'm-P2', atMs: AT_MS + 60_000 }],
    ['P3', 'withdraw', { messageId: 'm-P3', atMs: AT_MS }],
  ]);
});
