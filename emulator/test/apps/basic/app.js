/* eslint-disable @typescript-eslint/no-require-imports */
/* global require, setTimeout, Buffer, process */
/** Fixture app of the emulator's tests: one small function for each thing a durable app does. Plain JavaScript. */
const { app } = require('@azure/functions');
const df = require('durable-functions');

const seen = { flaky: {}, timers: [] };

df.app.activity('hello', { handler: (name) => `Hello ${name}` });
df.app.activity('echo', { handler: (input) => input });
df.app.activity('typeOf', {
  handler: (input) => ({ type: typeof input, value: input === undefined ? 'none' : input }),
});
df.app.activity('square', { handler: (n) => n * n });
df.app.activity('boom', {
  handler: (text) => {
    throw new Error(text);
  },
});
df.app.activity('flaky', {
  handler: ({ key, okAt }) => {
    seen.flaky[key] = (seen.flaky[key] ?? 0) + 1;
    if (seen.flaky[key] < okAt) throw new Error(`attempt ${seen.flaky[key]}`);
    return `ok at ${seen.flaky[key]}`;
  },
});
df.app.activity('slow', {
  handler: async (ms) => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    seen.slowEnd = new Date().toISOString();
    return `slept ${ms}`;
  },
});
df.app.activity('lastSlowEnd', { handler: () => seen.slowEnd });
df.app.activity('signal', {
  extraInputs: [df.input.durableClient()],
  handler: async (key, context) => {
    await df.getClient(context).signalEntity(new df.EntityId('counter', key), 'add', 1);
    return 'signalled';
  },
});

df.app.entity('counter', (context) => {
  const value = context.df.getState(() => 0);
  switch (context.df.operationName) {
    case 'add':
      context.df.setState(value + context.df.getInput());
      break;
    case 'addGet':
      context.df.setState(value + context.df.getInput());
      context.df.return(value + context.df.getInput());
      break;
    case 'get':
      context.df.return(value);
      break;
    case 'delete':
      context.df.destructOnExit();
      break;
    case 'throwText':
      throw 'entity text';
    case 'twice':
      context.df.return(1);
      context.df.return(2);
      break;
    case 'forward':
      context.df.signalEntity(new df.EntityId('counter', context.df.getInput()), 'add', 10);
      break;
  }
});

const orchestrations = {
  *chain(context) {
    const out = [];
    for (const city of ['Tokyo', 'Seattle', 'London']) out.push(yield context.df.callActivity('hello', city));
    return out;
  },
  *chainInput(context) {
    const input = context.df.getInput();
    return { input, type: typeof input, id: context.df.instanceId };
  },
  *values(context) {
    const out = [];
    for (const v of [1, 1.5, 'text', '12', true, false, null, undefined, { a: 1 }, [1, 2]]) {
      out.push(yield context.df.callActivity('typeOf', v));
    }
    return out;
  },
  *fanOut(context) {
    const n = context.df.getInput();
    const results = yield context.df.Task.all(
      Array.from({ length: n }, (_, i) => context.df.callActivity('square', i)),
    );
    return results.reduce((a, b) => a + b, 0);
  },
  *fail(context) {
    yield context.df.callActivity('boom', 'bad thing');
  },
  *failCaught(context) {
    try {
      yield context.df.callActivity('boom', 'bad thing');
    } catch (error) {
      return error.message.slice(0, 45);
    }
  },
  *throwError() {
    throw new Error('orchestrator error');
  },
  *sleep(context) {
    const start = context.df.currentUtcDateTime.toISOString();
    const at = new Date(context.df.currentUtcDateTime.getTime() + context.df.getInput().ms);
    yield context.df.createTimer(at);
    return { start, at: at.toISOString(), now: context.df.currentUtcDateTime.toISOString() };
  },
  *daily(context) {
    const { days, drifted = 0, first, done = 0 } = context.df.getInput();
    const at = new Date(context.df.currentUtcDateTime.getTime() + 86_400_000);
    yield context.df.createTimer(at);
    const now = context.df.currentUtcDateTime;
    const next = {
      days,
      done: done + 1,
      first: first ?? now.toISOString(),
      drifted: drifted + Math.abs(now.getTime() - at.getTime()),
    };
    if (next.done < days) context.df.continueAsNew(next);
    return { first: next.first, last: now.toISOString(), drifted: next.drifted };
  },
  *race(context) {
    const { ms, cancel = true } = context.df.getInput();
    const timer = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + ms));
    const event = context.df.waitForExternalEvent('Approval');
    const winner = yield context.df.Task.any([timer, event]);
    if (winner === event) {
      if (cancel) timer.cancel();
      return { won: 'event', value: event.result };
    }
    return { won: 'timer' };
  },
  *waitSeq(context) {
    const out = [];
    for (let i = 0; i < 3; i++) out.push(yield context.df.waitForExternalEvent('E'));
    return out;
  },
  *waitOne(context) {
    return yield context.df.waitForExternalEvent('Go');
  },
  *statusThenWait(context) {
    context.df.setCustomStatus({ stage: 'waiting' });
    yield context.df.waitForExternalEvent('Go');
    context.df.setCustomStatus({ stage: 'end' });
    return 'done';
  },
  *bigStatus(context) {
    context.df.setCustomStatus('x'.repeat(context.df.getInput()));
    return 'ok';
  },
  *parent(context) {
    const a = yield context.df.callSubOrchestrator('child', { n: 1 });
    const b = yield context.df.callSubOrchestrator('child', 'text', `${context.df.instanceId}-explicit`);
    return { a, b };
  },
  *child(context) {
    const got = yield context.df.callActivity('echo', context.df.getInput());
    return { got, id: context.df.instanceId, parent: context.df.parentInstanceId ?? null };
  },
  *parentOfFailing(context) {
    try {
      yield context.df.callSubOrchestrator('throwError');
    } catch (error) {
      return error.message.split('\n')[0].trim();
    }
  },
  *parentOfWaiting(context) {
    return yield context.df.callSubOrchestrator('waitOne', null, `${context.df.instanceId}-child`);
  },
  *fanParents(context) {
    const n = context.df.getInput();
    return yield context.df.Task.all(Array.from({ length: n }, (_, i) => context.df.callSubOrchestrator('child', i)));
  },
  *eternal(context) {
    const { n } = context.df.getInput();
    const r = yield context.df.callActivity('echo', n);
    if (n < 3) context.df.continueAsNew({ n: n + 1 });
    return { n, r };
  },
  *eternalEvents(context) {
    const { seen: items } = context.df.getInput();
    const item = yield context.df.waitForExternalEvent('Item');
    const next = [...items, item];
    if (next.length < 3) context.df.continueAsNew({ seen: next });
    return next;
  },
  *retryOk(context) {
    const options = new df.RetryOptions(5000, 4);
    options.backoffCoefficient = 2;
    const r = yield context.df.callActivityWithRetry('flaky', options, { key: context.df.instanceId, okAt: 3 });
    return { r, now: context.df.currentUtcDateTime.toISOString() };
  },
  *retryExhausted(context) {
    try {
      yield context.df.callActivityWithRetry('boom', new df.RetryOptions(300, 3), 'always');
    } catch {
      return yield context.df.callActivity('hello', 'after');
    }
  },
  *retrySub(context) {
    try {
      yield context.df.callSubOrchestratorWithRetry('throwError', new df.RetryOptions(1000, 2));
    } catch {
      return { at: context.df.currentUtcDateTime.toISOString() };
    }
  },
  *entities(context) {
    const id = new df.EntityId('counter', context.df.getInput());
    context.df.signalEntity(id, 'add', 3);
    const a = yield context.df.callEntity(id, 'addGet', 4);
    let error = null;
    try {
      yield context.df.callEntity(id, 'throwText');
    } catch (e) {
      error = e.message;
    }
    return { a, error, b: yield context.df.callEntity(id, 'get') };
  },
  *locked(context) {
    const { key, hold } = context.df.getInput();
    const a = new df.EntityId('counter', key);
    const b = new df.EntityId('counter', `${key}2`);
    const lock = yield context.df.lock(b, a);
    const before = yield context.df.callEntity(a, 'get');
    if (hold) yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + hold));
    yield context.df.callEntity(a, 'addGet', 1);
    yield context.df.callEntity(b, 'addGet', 1);
    if (!hold) lock.release();
    return { before, after: hold ? null : yield context.df.callEntity(a, 'get') };
  },
  *uneven(context) {
    const children = [1, 4, 2, 7].map((n) => context.df.callSubOrchestrator('steps', n));
    return yield context.df.Task.all(children);
  },
  *steps(context) {
    const n = context.df.getInput();
    for (let i = 0; i < n; i++) yield context.df.callActivity('echo', i);
    return n;
  },
  *http(context) {
    const url = context.df.getInput();
    const posted = yield context.df.callHttp({ method: 'POST', url: `${url}/echo`, body: { a: 1 } });
    const polled = yield context.df.callHttp({ method: 'GET', url: `${url}/async` });
    const after = yield context.df.callActivity('hello', 'after');
    return { posted: posted.content, polled: [polled.statusCode, polled.content], after };
  },
  *slowAndTimer(context) {
    const timer = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 5));
    yield context.df.Task.all([context.df.callActivity('slow', 80), timer]);
    return { activityEndedAt: yield context.df.callActivity('lastSlowEnd') };
  },
  *slowPair(context) {
    const ms = context.df.getInput();
    return yield context.df.Task.all([context.df.callActivity('slow', ms), context.df.callActivity('slow', ms)]);
  },
  *guids(context) {
    const first = context.df.newGuid(context.df.instanceId);
    yield context.df.callActivity('echo', 1);
    return [first, context.df.newGuid(context.df.instanceId)];
  },
  *log(context) {
    context.log('a line from the orchestrator');
    return 'logged';
  },
  *signalers(context) {
    const key = context.df.getInput();
    yield context.df.Task.all(Array.from({ length: 10 }, () => context.df.callActivity('signal', key)));
    return 'sent';
  },
};

const traps = {
  *h6(context) {
    const slow = context.df.waitForExternalEvent('never');
    const kept = context.df.callActivity('echo', 2);
    yield context.df.Task.any([context.df.callActivity('echo', 1), kept, slow]);
    yield context.df.Task.any([kept, context.df.callActivity('echo', 3)]);
    return 'never here';
  },
  *h13() {
    throw 'just text';
  },
  *h14(context) {
    yield context.df.callActivity('doesNotExist', 1);
  },
  *h14sub(context) {
    yield context.df.callSubOrchestrator('doesNotExist');
  },
  *h14entity(context) {
    yield context.df.callEntity(new df.EntityId('nosuch', 'k'), 'get');
  },
  *h14self(context) {
    yield context.df.callSubOrchestrator('child', 1, context.df.instanceId);
  },
  *h17(context) {
    const retry = context.df.callActivityWithRetry('flaky', new df.RetryOptions(300, 3), {
      key: context.df.instanceId,
      okAt: 2,
    });
    try {
      yield context.df.Task.all([context.df.callActivity('boom', 'x'), retry]);
    } catch {
      return yield context.df.callActivity('hello', 'after');
    }
  },
  *h18(context) {
    const options = new df.RetryOptions(5000, 10);
    options.retryTimeoutInMilliseconds = 8000;
    return yield context.df.callActivityWithRetry('boom', options, 'x');
  },
  *h22(context) {
    return yield context.df.waitForExternalEvent('0');
  },
  *h11(context) {
    return yield context.df.callEntity(new df.EntityId('counter', 'twice'), 'twice');
  },
  *h26(context) {
    const call = () => context.df.callHttp({ method: 'GET', url: `${context.df.getInput()}/async` });
    yield context.df.Task.all([call(), call()]);
  },
  *replacesRunning(context) {
    return yield context.df.callSubOrchestrator('waitOne', null, context.df.getInput());
  },
  *nondeterministic(context) {
    seen.nondet = (seen.nondet ?? 0) + 1;
    yield context.df.callActivity(seen.nondet > 1 ? 'square' : 'hello', 2);
    return 'x';
  },
};
for (const [name, fn] of Object.entries({ ...orchestrations, ...traps })) df.app.orchestration(name, fn);

app.http('start', {
  route: 'start/{name}/{id?}',
  methods: ['POST'],
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    const text = await request.text();
    const options = { instanceId: request.params.id };
    if (text !== '') options.input = JSON.parse(text);
    return client.createCheckStatusResponse(request, await client.startNew(request.params.name, options));
  },
});
app.http('startWait', {
  route: 'startwait/{name}',
  methods: ['POST'],
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    const text = await request.text();
    const id = await client.startNew(request.params.name, text === '' ? {} : { input: JSON.parse(text) });
    return client.waitForCompletionOrCreateCheckStatusResponse(request, id);
  },
});
app.http('client', {
  route: 'client/{op}/{id}',
  methods: ['POST'],
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    const { op, id } = request.params;
    const text = await request.text();
    const body = text === '' ? undefined : JSON.parse(text);
    const q = request.query;
    const operations = {
      raise: () => client.raiseEvent(id, q.get('name'), body),
      terminate: () => client.terminate(id, q.get('reason') ?? 'why'),
      suspend: () => client.suspend(id, 'why'),
      resume: () => client.resume(id, 'why'),
      status: () => client.getStatus(id, { showHistory: true }),
      all: () => client.getStatusAll(),
      purge: () => client.purgeInstanceHistory(id),
      purgeBy: () => client.purgeInstanceHistoryBy({ createdTimeFrom: new Date(0), runtimeStatus: ['Completed'] }),
      signal: () => client.signalEntity(new df.EntityId('counter', id), q.get('o'), body),
      read: () => client.readEntityState(new df.EntityId('counter', id)),
    };
    try {
      const result = await operations[op]();
      return { jsonBody: { ok: true, result: result ?? null } };
    } catch (error) {
      return { jsonBody: { ok: false, message: error.message } };
    }
  },
});
app.http('mirror', {
  route: 'mirror/{*path}',
  methods: ['GET', 'POST', 'PUT', 'DELETE'],
  authLevel: 'function',
  handler: async (request) => ({
    status: 201,
    headers: { 'X-Method': request.method },
    cookies: request.query.get('cookie') ? [{ name: 'c', value: 'v' }] : [],
    jsonBody: {
      url: request.url,
      params: request.params,
      query: Object.fromEntries(request.query),
      type: request.headers.get('content-type'),
      text: await request.text(),
    },
  }),
});
app.http('item', {
  route: 'items/{id:int}',
  methods: ['GET'],
  handler: async (request) => ({ body: `item ${request.params.id}` }),
});
app.http('bytes', {
  methods: ['POST'],
  handler: async (request) => ({ body: Buffer.from(await request.arrayBuffer()) }),
});
app.http('nothing', { methods: ['GET'], handler: async () => undefined });
app.http('broken', {
  methods: ['GET'],
  handler: async () => {
    throw new Error('broken handler');
  },
});
app.http('time', {
  methods: ['GET'],
  handler: async () => ({ jsonBody: { now: new Date().toISOString(), ms: Date.now() } }),
});
app.http('ticks', { methods: ['GET'], handler: async () => ({ jsonBody: seen.timers }) });
app.http('env', {
  methods: ['GET'],
  handler: async () => ({ jsonBody: { x: process.env.TEST_X, site: process.env.WEBSITE_HOSTNAME } }),
});
app.timer('tick', {
  schedule: '0 0 */6 * * *',
  handler: (timer) => void seen.timers.push([new Date().toISOString(), timer]),
});
