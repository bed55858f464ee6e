/* eslint-disable @typescript-eslint/no-require-imports */
/* global require */
/** Parents and their children: ids, failures, generations, waiting children. */
const df = require('durable-functions');

const orchestrators = {
  *parent(context) {
    const child = (...args) => context.df.callSubOrchestrator('child', ...args);
    const a = yield child({ n: 1 });
    const b = yield child('text input', `${context.df.instanceId}-explicit`);
    const [x, y] = yield context.df.Task.all([child(1), child()]);
    return { a, b, x, y };
  },
  *child(context) {
    const got = yield context.df.callActivity('echo', context.df.getInput());
    return { got, id: context.df.instanceId, parent: context.df.parentInstanceId };
  },
  *childFails(context) {
    yield context.df.callActivity('boom', 'child activity');
  },
  *childThrows() {
    throw new Error('child threw');
  },
  *childWaits(context) {
    return yield context.df.waitForExternalEvent('X');
  },
  *childCan(context) {
    const { n } = context.df.getInput();
    yield context.df.callActivity('hello', 'x');
    if (n === 2) return { n, parent: context.df.parentInstanceId };
    context.df.continueAsNew({ n: n + 1 });
  },
  *parentCan(context) {
    return yield context.df.callSubOrchestrator('childCan', { n: 0 });
  },
  *parentOfFailing(context) {
    const out = {};
    for (const name of ['childFails', 'childThrows']) {
      try {
        yield context.df.callSubOrchestrator(name);
      } catch (error) {
        out[name] = { name: error.name, message: error.message };
      }
    }
    return out;
  },
  *parentUncaught(context) {
    return yield context.df.callSubOrchestrator('childThrows');
  },
  *parentRetry(context) {
    return yield context.df.callSubOrchestratorWithRetry('childThrows', new df.RetryOptions(200, 3));
  },
  *parentOfWaiting(context) {
    return yield context.df.callSubOrchestrator('childWaits', null, `${context.df.instanceId}-child`);
  },
  *parentFireForget(context) {
    yield context.df.Task.any([
      context.df.callSubOrchestrator('childWaits', null, `${context.df.instanceId}-child`),
      context.df.callActivity('hello', 'quick'),
    ]);
    return 'parent done';
  },
  *unregChild(context) {
    return yield context.df.callSubOrchestrator('doesNotExist', 1);
  },
  *callSelfId(context) {
    return yield context.df.callSubOrchestrator('child', 1, context.df.instanceId);
  },
  *replacesRunning(context) {
    return yield context.df.callSubOrchestrator('childWaits', null, context.df.getInput());
  },
};
for (const [name, handler] of Object.entries(orchestrators)) df.app.orchestration(name, handler);
