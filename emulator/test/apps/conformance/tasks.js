/* eslint-disable @typescript-eslint/no-require-imports */
/* global require */
/** Activities in chains and fans, retries, timers, HTTP calls, versions, and values of every kind. */
const df = require('durable-functions');

const soon = (context, ms) => new Date(context.df.currentUtcDateTime.getTime() + ms);

function retryOptions(firstMs, attempts, more = {}) {
  return Object.assign(new df.RetryOptions(firstMs, attempts), more);
}

const VALUES = [1, 1.5, 'text', '', '12', '{"a":1}', true, false, null, undefined, { a: 1 }, [1, 2]];

const orchestrators = {
  *chain(context) {
    const out = [];
    for (const city of ['Tokyo', 'Seattle', 'London']) out.push(yield context.df.callActivity('hello', city));
    return out;
  },
  *chainInput(context) {
    const input = context.df.getInput();
    const { instanceId: id, version, parentInstanceId } = context.df;
    return { input, type: typeof input, id, version: version ?? null, parent: parentInstanceId ?? null };
  },
  *crashable(context) {
    const before = yield context.df.callActivity('hello', 'before');
    const slept = yield context.df.callActivity('slow', 5000);
    return [before, slept, yield context.df.callActivity('hello', 'after')];
  },
  *caseName(context) {
    return yield context.df.callActivity('HELLO', 'case');
  },
  *actInputs(context) {
    const out = [];
    for (const v of [...VALUES, new Date(0), '2024-05-01T12:00:00Z']) {
      out.push(yield context.df.callActivity('typeOf', v));
    }
    return out;
  },
  *returns(context) {
    const out = {};
    for (const kind of context.df.getInput()) {
      const v = yield context.df.callActivity('ret', kind);
      out[kind] = { type: v === null ? 'null' : typeof v, v: kind === 'big' ? v.length : v };
    }
    return out;
  },
  *bigOutput(context) {
    return 'y'.repeat(context.df.getInput());
  },
  *fanOut(context) {
    const tasks = Array.from({ length: context.df.getInput() }, (_, i) => context.df.callActivity('square', i));
    return (yield context.df.Task.all(tasks)).reduce((a, b) => a + b, 0);
  },
  *fanOutOneFails(context) {
    let caught = null;
    try {
      yield context.df.Task.all([
        context.df.callActivity('slow', 1500),
        context.df.callActivity('boom', 'member failed'),
        context.df.callActivity('square', 3),
      ]);
    } catch (error) {
      caught = error.message.slice(0, 79);
    }
    return { caught, after: yield context.df.callActivity('hello', 'after failure') };
  },
  *anyOf(context) {
    const first = context.df.callActivity('slow', 200);
    const second = context.df.callActivity('slow', 1500);
    return (yield context.df.Task.any([first, second])) === first ? 'first' : 'second';
  },
  *timer(context) {
    const at = soon(context, 2000);
    yield context.df.createTimer(at);
    return { at: at.toISOString(), now: context.df.currentUtcDateTime.toISOString() };
  },
  *timerPast(context) {
    yield context.df.createTimer(soon(context, -5000));
    return 'done';
  },
  *currentTime(context) {
    const t0 = context.df.currentUtcDateTime.toISOString();
    yield context.df.callActivity('slow', 1100);
    const g = [context.df.newGuid(context.df.instanceId), context.df.newGuid(context.df.instanceId)];
    return { t0, t1: context.df.currentUtcDateTime.toISOString(), g };
  },
  *longTimer(context) {
    yield context.df.createTimer(soon(context, 8 * 86_400_000));
    return 'a week later';
  },
  *retryOk(context) {
    const input = { key: context.df.instanceId, okAt: 3 };
    return yield context.df.callActivityWithRetry('flaky', retryOptions(300, 4), input);
  },
  *retryExhausted(context) {
    return yield context.df.callActivityWithRetry('boom', retryOptions(300, 3), 'always');
  },
  *retryCaught(context) {
    let m = null;
    try {
      yield context.df.callActivityWithRetry('boom', retryOptions(300, 2, { backoffCoefficient: 2 }), 'always');
    } catch (error) {
      m = error.message;
    }
    return { m, after: yield context.df.callActivity('hello', 'after') };
  },
  *retryAllMix(context) {
    const flaky = (letter, okAt) =>
      context.df.callActivityWithRetry('flaky', retryOptions(300, 3), { key: context.df.instanceId + letter, okAt });
    return yield context.df.Task.all([flaky('a', 2), flaky('b', 3)]);
  },
  *retrySlow(context) {
    try {
      yield context.df.callActivityWithRetry('boom', retryOptions(2500, 3, { backoffCoefficient: 2 }), 'slow');
    } catch {
      return 'caught';
    }
  },
  *retryTimeout(context) {
    const options = retryOptions(2500, 10, { retryTimeoutInMilliseconds: 4000 });
    return yield context.df.callActivityWithRetry('boom', options, 'always');
  },
  *http(context) {
    return yield context.df.callHttp(context.df.getInput());
  },
  *httpTwo(context) {
    const request = context.df.getInput();
    return yield context.df.Task.all([context.df.callHttp(request), context.df.callHttp(request)]);
  },
  *versionEcho(context) {
    const child = yield context.df.callSubOrchestrator('chainInput', 1);
    const asked = context.df.getInput() || undefined;
    const explicitChild = yield context.df.callSubOrchestrator('chainInput', 1, undefined, asked);
    return { me: context.df.version, child: child.version, explicitChild: explicitChild.version };
  },
};
for (const [name, handler] of Object.entries(orchestrators)) df.app.orchestration(name, handler);
