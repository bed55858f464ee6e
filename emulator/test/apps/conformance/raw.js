/* eslint-disable @typescript-eslint/no-require-imports */
/* global require */
/** Orchestrators whose answers are made by hand, to show the host what the library never sends. */
const { app, trigger } = require('@azure/functions');

const raw = (name, handler) =>
  app.generic(name, { trigger: trigger.generic({ type: 'orchestrationTrigger', name: 'ctx' }), handler });
const state = (isDone, actions, rest = {}) => ({ isDone, schemaVersion: 3, actions: [actions], ...rest });
const WAIT = { actionType: 6, externalEventName: 'Item', reason: 'ExternalEvent' };
const SLOW = { actionType: 0, functionName: 'slow', input: 1500 };

raw('rawGarbage', () => 'not a state');
raw('rawNull', () => undefined);
raw('rawPreserve', (payload) => {
  const ended = payload.history.some((e) => e.EventType === 5);
  const again = { actionType: 4, input: { gen: 1 }, preserveUnprocessedEvents: true };
  return ended ? state(true, [WAIT, SLOW, again]) : state(false, [WAIT, SLOW]);
});
raw('rawScheduledSignal', (payload) => {
  const started = payload.history.find((e) => e.EventType === 12);
  const fireAt = new Date(new Date(started.Timestamp).getTime() + 3000).toISOString();
  const signal = { actionType: 10, instanceId: `@counter@${payload.input}`, operation: 'add', input: 7, fireAt };
  return state(true, [signal], { output: 'scheduled' });
});

// an entity whose error result is no JSON, which the library's own entities never send
app.generic('rawEntity', {
  trigger: trigger.generic({ type: 'entityTrigger', name: 'ctx' }),
  handler: (payload) => ({
    results: payload.batch.map(() => ({ isError: true, duration: 0, startTime: 0, result: 'no JSON' })),
    signals: [],
    entityExists: true,
    entityState: 'null',
  }),
});
