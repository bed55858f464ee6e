/* eslint-disable @typescript-eslint/no-require-imports */
/* global require */
/** An entity that counts, used by signals and by an orchestration that calls it. */
const df = require('durable-functions');

df.app.entity('counter', (context) => {
  const value = context.df.getState(() => 0);
  if (context.df.operationName === 'add') context.df.setState(value + context.df.getInput());
  if (context.df.operationName === 'get') context.df.return(value);
});

df.app.orchestration('countUp', function* (context) {
  const counter = new df.EntityId('counter', context.df.getInput());
  yield context.df.callEntity(counter, 'add', 5);
  return yield context.df.callEntity(counter, 'get');
});
