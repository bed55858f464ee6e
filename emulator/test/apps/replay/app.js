/* eslint-disable @typescript-eslint/no-require-imports */
/* global require, process */
/** One orchestrator and what became of it: VARIANT names the change made to its code since it was recorded. */
const df = require('durable-functions');

const changed = (name) => process.env.VARIANT === name;

for (const name of ['reserve', 'charge', 'ship']) {
  if (!(name === 'ship' && changed('activity removed')))
    df.app.activity(name, { handler: (input) => `${name} ${input}` });
}
df.app.activity('shipFast', { handler: () => 'fast' });
df.app.entity('stock', (context) => {
  context.df.setState(context.df.getState(() => 10) - 1);
  context.df.return(context.df.getState());
});
df.app.orchestration('packing', function* (context) {
  return yield context.df.callActivity('reserve', changed('other child') ? 'c' : 'child');
});
if (!changed('orchestrator removed')) {
  df.app.orchestration('order', function* (context) {
    const id = context.df.getInput();
    if (changed('step added first')) yield context.df.callActivity('charge', 'early');
    yield context.df.callActivity('reserve', id);
    const days = changed('longer timer') ? 5 : 3;
    const timer = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + days * 86_400_000));
    const paid = context.df.waitForExternalEvent('Paid');
    const winner = yield context.df.Task.any([timer, paid]);
    if (winner === timer) return 'unpaid';
    if (!changed('timer left open')) timer.cancel();
    if (changed('waits again')) yield context.df.waitForExternalEvent('More');
    const stock = new df.EntityId('stock', id);
    const left = yield context.df.callEntity(stock, changed('operation renamed') ? 'get' : 'take', 1);
    if (changed('fan-out')) {
      yield context.df.Task.all([context.df.callActivity('charge', id), context.df.callSubOrchestrator('packing', id)]);
    } else {
      if (!changed('step removed')) yield context.df.callActivity('charge', id);
      yield context.df.callSubOrchestrator('packing', id, `${id}-packing`);
    }
    yield context.df.callActivity(changed('activity renamed') ? 'shipFast' : 'ship', id);
    if (changed('fails')) throw new Error('no more');
    return { left, note: changed('other output') ? 'new' : 'old' };
  });
}
