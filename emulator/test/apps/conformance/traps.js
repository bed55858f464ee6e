/* eslint-disable @typescript-eslint/no-require-imports */
/* global require */
/** The pitfalls of the library, one orchestrator each: where the real host hangs, misroutes or loses data. */
const df = require('durable-functions');

const orchestrators = {
  *h6reuse(context) {
    const slow = context.df.callActivity('slow', 1200);
    yield context.df.Task.any([context.df.callActivity('slow', 300), slow]);
    yield context.df.Task.any([slow, context.df.callActivity('slow', 400)]);
    return yield context.df.callActivity('hello', 'last');
  },
  *h17(context) {
    const input = { key: context.df.instanceId, okAt: 2 };
    try {
      yield context.df.Task.all([
        context.df.callActivity('boom', 'x'),
        context.df.callActivityWithRetry('flaky', new df.RetryOptions(300, 3), input),
      ]);
    } catch {
      const r = yield context.df.callActivity('hello', 'after');
      return { r: r === undefined ? '<undefined>' : r };
    }
  },
  // yields the loser of a race by itself: the library then has two waiters for it, the host one
  *h7(context) {
    const event = context.df.waitForExternalEvent('E');
    yield context.df.Task.any([event, context.df.callActivity('echo', 1)]);
    const first = yield event;
    yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 30_000));
    return [first, yield context.df.waitForExternalEvent('E')];
  },
  *h9(context) {
    try {
      return yield context.df.callEntity(new df.EntityId('rawEntity', 'k'), 'fail');
    } catch {
      return 'caught';
    }
  },
  *h11(context) {
    const id = new df.EntityId('counter', context.df.getInput());
    return yield context.df.Task.all([context.df.callEntity(id, 'twice'), context.df.callEntity(id, 'get')]);
  },
  *h16(context) {
    const first = context.df.callActivity('echo', 1);
    const second = context.df.callActivity('echo', 2);
    yield context.df.Task.all([first, second]);
    yield context.df.Task.all([first, second]);
    return 'never';
  },
  *h22(context) {
    const got = [];
    const event = context.df.waitForExternalEvent('0');
    const task = context.df.callActivity('echo', 'from the activity');
    yield context.df.Task.any([task, event]);
    if (task.isCompleted) got.push(['activity', task.result]);
    if (event.isCompleted) got.push(['event', event.result]);
    return got;
  },
  *unregSignal(context) {
    context.df.signalEntity(new df.EntityId('nosuch', 'k'), 'add', 1);
    return yield context.df.callActivity('hello', 'after');
  },
  *callsCounter(context) {
    try {
      return yield context.df.callEntity(new df.EntityId('counter', context.df.getInput()), 'get');
    } catch (error) {
      return error.message;
    }
  },
  *changesCode(context) {
    yield context.df.callActivity('hello', 'a');
    if (context.df.isReplaying) yield context.df.createTimer(context.df.currentUtcDateTime);
    else yield context.df.callActivity('square', 2);
    return 'x';
  },
};
for (const [name, handler] of Object.entries(orchestrators)) df.app.orchestration(name, handler);
