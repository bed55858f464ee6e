/**
 * The Functions app: registers every function, builds every client, alone reads `process.env`. The same file runs on
 * Azure, under Core Tools and in the local emulator, and knows of none of them.
 */
import { randomBytes } from 'node:crypto';
import { app, type HttpHandler, type HttpMethod } from '@azure/functions';
import * as df from 'durable-functions';
import { beginCampaign } from './activities/beginCampaign';
import { beginDay } from './activities/beginDay';
import { finishCampaign } from './activities/finishCampaign';
import { openDay } from './activities/openDay';
import { planPass } from './activities/planPass';
import { purgeHistories } from './activities/purgeHistories';
import { readBatch } from './activities/readBatch';
import { sendTexts } from './activities/sendTexts';
import { DEFAULT_PRACTICE } from './domain/policy';
import { patient } from './entities/patient';
import { adaptivePriority } from './orchestrators/adaptivePriority';
import { campaign } from './orchestrators/campaign';
import { ADAPTIVE_PRIORITY, CAMPAIGN, PATIENT, SEND_BATCH, SEND_BATCHES, type Activities } from './orchestrators/names';
import { sendBatch } from './orchestrators/sendBatch';
import { sendBatches } from './orchestrators/sendBatches';
import { QUEUES, type QueueName } from './services/messaging';
import { messengerOf } from './services/messenger';
import { sharedWorld } from './services/world';
import { getCampaign, patchPolicy, postControl, postStart, putRoster } from './triggers/campaigns';
import { dropPreferences } from './triggers/blobs';
import { postRebuild } from './triggers/rebuild';
import { postAppointments, postIntervals, postReceipts, postReplies, putPreferences } from './triggers/inputs';
import { receive, receiveSmsEvents } from './triggers/queues';
import { receiveInMemory } from './triggers/receivers';
import { postSmsEvents, postSmsWebhook } from './triggers/smsWebhooks';

const { env } = process;
const settings = {
  practice: {
    name: env['VIP_PRACTICE_NAME'] ?? DEFAULT_PRACTICE.name,
    phone: env['VIP_PRACTICE_PHONE'] ?? DEFAULT_PRACTICE.phone,
    bookingUrl: env['VIP_BOOKING_URL'] ?? DEFAULT_PRACTICE.bookingUrl,
  },
  phonePepper: env['VIP_PHONE_PEPPER'] ?? 'local',
  purgeHistories: env['VIP_PURGE_HISTORIES'] !== 'false',
};
const services = sharedWorld(env, settings, () => randomBytes(8).toString('hex'));

const client = df.input.durableClient();
const http = (name: string, method: HttpMethod, route: string, handler: HttpHandler) =>
  app.http(name, { methods: [method], route, authLevel: 'function', extraInputs: [client], handler });
const activity = <Name extends keyof Activities>(
  name: Name,
  handler: (input: Activities[Name][0]) => Promise<Activities[Name][1]>,
) =>
  df.app.activity(name, {
    // Most may have news for an entity: a text that did not leave after all.
    extraInputs: [client],
    handler: (input, context) => {
      messengerOf(context);
      return handler(input as Activities[Name][0]) as Promise<unknown>;
    },
  });

http('putRoster', 'PUT', 'campaigns/{id}/roster', putRoster(services));
http('postStart', 'POST', 'campaigns/{id}/start', postStart(services));
http('getCampaign', 'GET', 'campaigns/{id}', getCampaign());
http('postPause', 'POST', 'campaigns/{id}/pause', postControl(services, 'pause'));
http('postResume', 'POST', 'campaigns/{id}/resume', postControl(services, 'resume'));
http('postCancel', 'POST', 'campaigns/{id}/cancel', postControl(services, 'cancel'));
http('postRebuild', 'POST', 'campaigns/{id}/rebuild', postRebuild(services));
http('patchPolicy', 'PATCH', 'campaigns/{id}/policy', patchPolicy(services));
http('putPreferences', 'PUT', 'preferences/{date}', putPreferences(services));
http('postReplies', 'POST', 'sms/replies', postReplies(services));
http('postReceipts', 'POST', 'sms/receipts', postReceipts(services));
http('postSmsWebhook', 'POST', 'sms/webhook', postSmsWebhook(services, services.webhookSecrets));
app.http('postSmsEvents', {
  methods: ['POST', 'OPTIONS'],
  route: 'sms/events',
  authLevel: 'function',
  extraInputs: [client],
  handler: postSmsEvents(services),
});
http('postIntervals', 'POST', 'calls/intervals', postIntervals(services));
http('postAppointments', 'POST', 'appointments/events', postAppointments(services));

// One message at a time, but for the kinds that come in masses and are written in batches.
const IN_BATCHES: readonly QueueName[] = ['outbound-texts', 'sms-receipts'];
if (services.memoryBus) receiveInMemory(services, services.memoryBus);
else {
  for (const queueName of QUEUES)
    app.serviceBusQueue(`receive-${queueName}`, {
      connection: 'ServiceBus',
      queueName,
      cardinality: IN_BATCHES.includes(queueName) ? 'many' : 'one',
      extraInputs: [client],
      handler: receive(services, queueName),
    });
  app.serviceBusQueue('receive-sms-events', {
    connection: 'ServiceBus',
    queueName: 'sms-events',
    extraInputs: [client],
    handler: receiveSmsEvents(services),
  });
}
if (services.watchesBlobs)
  app.storageBlob('dropPreferences', {
    connection: 'AzureWebJobsStorage',
    path: 'preferences/{name}',
    source: services.blobSource,
    extraInputs: [client],
    handler: dropPreferences(services),
  });

df.app.orchestration(CAMPAIGN, campaign);
df.app.orchestration(ADAPTIVE_PRIORITY, adaptivePriority);
df.app.orchestration(SEND_BATCHES, sendBatches);
df.app.orchestration(SEND_BATCH, sendBatch);
df.app.entity(PATIENT, patient);

activity('beginCampaign', (input) => beginCampaign(services, input));
activity('beginDay', (input) => beginDay(services, input));
activity('openDay', (input) => openDay(services, input));
activity('planPass', (input) => planPass(services, input));
activity('readBatch', (input) => readBatch(services, input));
activity('sendTexts', (input) => sendTexts(services, input));
activity('finishCampaign', (input) => finishCampaign(services, input));
df.app.activity('purgeHistories', {
  extraInputs: [client],
  handler: (input, context) =>
    purgeHistories(services, df.getClient(context), input as Activities['purgeHistories'][0]),
});
