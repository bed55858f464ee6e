/* eslint-disable @typescript-eslint/no-require-imports */
/* global require */
/** Function chaining: each step takes what the one before gave. */
const df = require('durable-functions');

df.app.activity('brew', { handler: (kind) => ({ kind, steps: ['brewed'] }) });
df.app.activity('pour', { handler: (cup) => ({ ...cup, steps: [...cup.steps, 'poured'] }) });
df.app.activity('serve', { handler: (cup) => ({ ...cup, steps: [...cup.steps, 'served'] }) });

df.app.orchestration('chaining', function* (context) {
  const brewed = yield context.df.callActivity('brew', context.df.getInput());
  const poured = yield context.df.callActivity('pour', brewed);
  return yield context.df.callActivity('serve', poured);
});
