/* eslint-disable @typescript-eslint/no-require-imports */
/* global require */
/** HTTP functions: starters, every method of the durable client, and the switch that makes `failUnlessFlag` succeed. */
const { app } = require('@azure/functions');
const df = require('durable-functions');
const { flags } = require('./activities.js');

const client = { extraInputs: [df.input.durableClient()], methods: ['POST'] };
const jsonOf = async (request) => {
  const text = await request.text();
  return text === '' ? undefined : JSON.parse(text);
};
const shown = (value) => (value === undefined ? '<undefined>' : value);

async function optionsOf(request) {
  const input = await jsonOf(request);
  const version = request.query.get('version') ?? undefined;
  return {
    ...(request.params.id === undefined ? {} : { instanceId: request.params.id }),
    ...(input === undefined ? {} : { input }),
    ...(version === undefined ? {} : { version }),
  };
}

app.http('start', {
  ...client,
  route: 'start/{name}/{id?}',
  handler: async (request, context) => {
    const durable = df.getClient(context);
    try {
      const id = await durable.startNew(request.params.name, await optionsOf(request));
      return durable.createCheckStatusResponse(request, id);
    } catch (error) {
      return { status: 500, jsonBody: { error: error.message } };
    }
  },
});

app.http('startWait', {
  ...client,
  route: 'startwait/{name}',
  handler: async (request, context) => {
    const durable = df.getClient(context);
    const id = await durable.startNew(request.params.name, await optionsOf(request));
    const timeout = request.query.get('timeout');
    const waits = timeout === null ? undefined : { timeoutInMilliseconds: Number(timeout) };
    return durable.waitForCompletionOrCreateCheckStatusResponse(request, id, waits);
  },
});

app.http('client', {
  ...client,
  route: 'client/{op}/{id?}',
  handler: async (request, context) => {
    const durable = df.getClient(context);
    const { op, id } = request.params;
    const query = (name) => request.query.get(name) ?? undefined;
    const body = await jsonOf(request);
    const entity = () => new df.EntityId(query('name'), id);
    const operations = {
      status: () => durable.getStatus(id),
      history: () => durable.getStatus(id, { showHistory: true, showHistoryOutput: true }),
      all: () => durable.getStatusAll(),
      by: () => durable.getStatusBy(body),
      raise: () => durable.raiseEvent(id, query('name'), body),
      terminate: () => durable.terminate(id, query('reason')),
      suspend: () => durable.suspend(id, query('reason')),
      resume: () => durable.resume(id, query('reason')),
      rewind: () => durable.rewind(id, query('reason')),
      purge: () => durable.purgeInstanceHistory(id),
      purgeBy: () =>
        durable.purgeInstanceHistoryBy({ createdTimeFrom: new Date(body.from), runtimeStatus: body.statuses }),
      signal: () => durable.signalEntity(entity(), query('o'), body),
      read: () => durable.readEntityState(entity()),
    };
    try {
      return { jsonBody: { ok: true, result: shown(await operations[op]()) } };
    } catch (error) {
      return { jsonBody: { ok: false, name: error.name, message: error.message } };
    }
  },
});

app.http('flag', {
  route: 'flag/{key}',
  methods: ['POST'],
  handler: (request) => {
    flags.add(request.params.key);
    return { status: 204 };
  },
});

app.http('places', {
  methods: ['GET'],
  extraInputs: client.extraInputs,
  // where the durable client sends its calls; not a part of any recording
  handler: (_request, context) => ({
    jsonBody: { rpcBaseUrl: context.extraInputs.get(client.extraInputs[0]).rpcBaseUrl },
  }),
});
