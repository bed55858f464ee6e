/* eslint-disable @typescript-eslint/no-require-imports */
/* global require */
/** External events, custom status, continue-as-new. */
const df = require('durable-functions');

const soon = (context, ms) => new Date(context.df.currentUtcDateTime.getTime() + ms);

const orchestrators = {
  *waitOne(context) {
    return yield context.df.waitForExternalEvent('Go');
  },
  *waitTwoSame(context) {
    return yield context.df.Task.all([context.df.waitForExternalEvent('E'), context.df.waitForExternalEvent('E')]);
  },
  *waitSeq(context) {
    const out = [];
    for (let i = 0; i < 3; i++) out.push(yield context.df.waitForExternalEvent('E'));
    return out;
  },
  *waitAfterActivity(context) {
    const slept = yield context.df.callActivity('slow', 1500);
    return [slept, yield context.df.waitForExternalEvent('Early')];
  },
  *dupEvents(context) {
    const a = yield context.df.waitForExternalEvent('A');
    return { a, b: yield context.df.waitForExternalEvent('B') };
  },
  *race(context) {
    const { ms, cancel = true } = context.df.getInput();
    const timer = context.df.createTimer(soon(context, ms));
    const event = context.df.waitForExternalEvent('Approval');
    if ((yield context.df.Task.any([timer, event])) === timer) return { won: 'timer' };
    if (cancel) timer.cancel();
    return { won: 'event', value: event.result };
  },
  *customStatus(context) {
    for (const status of [{ stage: 'one', n: 1 }, 'two', null]) {
      context.df.setCustomStatus(status);
      yield context.df.waitForExternalEvent('Next');
    }
    return 'end';
  },
  *customStatusBig(context) {
    context.df.setCustomStatus('x'.repeat(context.df.getInput()));
    yield context.df.callActivity('hello', 'a');
    return 'end';
  },
  *csGen(context) {
    const { n } = context.df.getInput();
    if (n === 0) context.df.setCustomStatus('set in generation 0');
    yield context.df.waitForExternalEvent('Next');
    if (n > 0) return 'end';
    context.df.continueAsNew({ n: n + 1 });
  },
  *csFalsy(context) {
    for (const status of ['text', 0, 'text', '', 'text', false]) {
      context.df.setCustomStatus(status);
      yield context.df.waitForExternalEvent('Next');
    }
    return 'end';
  },
  *eternal(context) {
    const { n } = context.df.getInput();
    context.df.setCustomStatus({ n });
    yield context.df.callActivity('echo', n);
    if (n === 2) return { n };
    context.df.continueAsNew({ n: n + 1 });
    return 'ignored';
  },
  *eternalTimer(context) {
    const { n } = context.df.getInput();
    yield context.df.createTimer(soon(context, 1000));
    if (n === 2) return { n };
    context.df.continueAsNew({ n: n + 1 });
  },
  *eternalString(context) {
    const input = context.df.getInput();
    if (input !== 'start') return { input };
    context.df.continueAsNew('abc');
  },
  *canThrow(context) {
    context.df.continueAsNew({});
    throw new Error('after continueAsNew');
  },
  *eternalPending(context) {
    const { n, cancel } = context.df.getInput();
    const timer = context.df.createTimer(soon(context, 3000));
    yield context.df.Task.any([context.df.callActivity('hello', 'x'), timer]);
    if (cancel) timer.cancel();
    if (n === 1) return 'done';
    context.df.continueAsNew({ n: n + 1, cancel });
  },
  *eternalEvents(context) {
    const next = [...context.df.getInput().seen, yield context.df.waitForExternalEvent('Item')];
    if (next.length < 3) context.df.continueAsNew({ seen: next });
    return next;
  },
  *eternalEventsSlow(context) {
    const next = [...context.df.getInput().seen, yield context.df.waitForExternalEvent('Item')];
    yield context.df.callActivity('slow', 1500);
    if (next.length < 5) context.df.continueAsNew({ seen: next });
    return next;
  },
};
for (const [name, handler] of Object.entries(orchestrators)) df.app.orchestration(name, handler);
