/* eslint-disable @typescript-eslint/no-require-imports */
/* global require */
/** Human interaction: waits three days for an answer, then escalates. */
const df = require('durable-functions');

df.app.activity('ask', { handler: (who) => `asked ${who}` });
df.app.activity('escalate', { handler: (who) => `told the manager of ${who}` });

df.app.orchestration('approval', function* (context) {
  const who = context.df.getInput();
  yield context.df.callActivity('ask', who);
  const answer = context.df.waitForExternalEvent('Approval');
  const timeout = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 3 * 86_400_000));
  const winner = yield context.df.Task.any([answer, timeout]);
  if (winner === timeout) return yield context.df.callActivity('escalate', who);
  timeout.cancel();
  return answer.result ? 'approved' : 'rejected';
});
