/* eslint-disable @typescript-eslint/no-require-imports */
/* global require */
/** The small app of the benchmarks: what the rivals' scripts do, written for durable-functions. Plain JavaScript. */
const { app } = require('@azure/functions');
const df = require('durable-functions');

const WEEK_MS = 7 * 86_400_000;

app.http('hello', { methods: ['GET'], authLevel: 'anonymous', handler: () => ({ body: 'hello' }) });

df.app.activity('double', { handler: (n) => n * 2 });

df.app.entity('counter', (context) => {
  context.df.setState(context.df.getState(() => 0) + context.df.getInput());
});

df.app.orchestration('fanOut', function* (context) {
  const tasks = Array.from({ length: context.df.getInput() }, (_, i) => context.df.callActivity('double', i));
  return (yield context.df.Task.all(tasks)).reduce((sum, n) => sum + n, 0);
});

df.app.orchestration('chain', function* (context) {
  let n = context.df.getInput();
  for (let i = 0; i < 3; i++) n = yield context.df.callActivity('double', n);
  return n;
});

df.app.orchestration('week', function* (context) {
  yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + WEEK_MS));
  return context.df.getInput();
});

/** What an idle instance is: started, and waiting for a person. */
df.app.orchestration('wait', function* (context) {
  return yield context.df.waitForExternalEvent('Approval');
});

/** What the lists are made of. */
df.app.orchestration('done', function* (context) {
  return context.df.getInput();
});
