/* eslint-disable @typescript-eslint/no-require-imports */
/* global require */
/** Starts any orchestration by name and answers with the links to follow it. */
const { app } = require('@azure/functions');
const df = require('durable-functions');

app.http('start', {
  route: 'orchestrators/{name}',
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    const id = await client.startNew(request.params.name, { input: await request.json() });
    context.log(`Started '${request.params.name}' with id '${id}'.`);
    return client.createCheckStatusResponse(request, id);
  },
});
