/**
 * Messages of the queues, as a Service Bus trigger brings them: what is good takes effect, what cannot be used fails by
 * name and is counted at its last delivery; brought twice, nothing happens twice.
 */
import type { InvocationContext } from '@azure/functions';
import { allRows } from '../../services/tables';
import { receive, receiveSmsEvents } from '../../triggers/queues';
import { postSmsEvents, postSmsWebhook } from '../../triggers/smsWebhooks';
import { signedHeaders } from '../../services/sms/signature';
import { Day } from '../app/day';
import { phoneOf } from '../app/harness';

jest.mock('../../services/messenger', () => {
  const silent = { signalPatient: async () => undefined, wake: async () => undefined };
  return { messengerOf: () => silent, currentMessenger: () => silent };
});

const context = (metadata: Record<string, unknown> = {}) =>
  ({ triggerMetadata: { deliveryCount: 1, messageId: 'm1', ...metadata } }) as unknown as InvocationContext;
const enveloped = (type: string, body: unknown, version: unknown = 1) => ({ type, version, body });

async function world() {
  const day = await Day.open();
  const at = new Date(day.nowMs).toISOString();
  const stop = { at, type: 'sms.reply', from: phoneOf(0), text: 'STOP', replyId: 'R1' };
  const preference = async (id: string) =>
    (await allRows(day.services.store.people, {})).find(({ rk }) => rk === id)?.value.preference?.status;
  const incidents = async () => (await allRows(day.services.store.incidents, {})).map(({ value }) => value.type);
  return { day, at, stop, preference, incidents };
}

it('a reply takes effect once, however often it comes', async () => {
  const { day, stop, preference } = await world();
  const take = receive(day.services, 'sms-replies');
  for (let n = 0; n < 3; n += 1) await take(enveloped('sms-replies', stop), context());
  expect(await preference('P1')).toBe('OPT_OUT');
  expect(day.sent).toEqual(['P1']);
});

it.each<[string, unknown, RegExp]>([
  ['no JSON', 'hello', /message: got string, expected a JSON object/],
  ['no envelope', { from: 1 }, /message\.type: got nothing, expected sms-replies/],
  ['another type', enveloped('sms-receipts', {}), /message\.type: got "sms-receipts", expected sms-replies/],
  ['a version it does not know', enveloped('sms-replies', {}, 2), /message\.version: got 2, expected 1/],
  ['a body that is no input', enveloped('sms-replies', { type: 'sms.reply' }), /message\.body.*expected/],
  [
    'an input of another queue',
    enveloped('sms-replies', { at: '2026-01-05T06:00:00Z', type: 'control.pause', by: 'x' }),
    /message\.body\.type: got "control\.pause"/,
  ],
])('%s is refused by name, and changes nothing', async (_, message, expected) => {
  const { day, incidents } = await world();
  await expect(receive(day.services, 'sms-replies')(message, context())).rejects.toThrow(expected);
  expect(await incidents()).toEqual([]);
});

it('at its last delivery a message that cannot be used is counted, by its id', async () => {
  const { day } = await world();
  await expect(receive(day.services, 'sms-replies')('hello', context({ deliveryCount: 10 }))).rejects.toThrow();
  const [incident] = (await allRows(day.services.store.incidents, {})).map(({ value }) => value);
  expect([incident!.type, incident!.detail]).toEqual(['POISON_MESSAGE', 'sms-replies: m1']);
});

it('of a batch, what is good takes effect though its neighbour is bad', async () => {
  const { day, stop, preference } = await world();
  const batch = [enveloped('sms-replies', stop), 'hello'];
  await expect(receive(day.services, 'sms-replies')(batch, context())).rejects.toThrow(/\[1\]/);
  expect(await preference('P1')).toBe('OPT_OUT');
});

it('an order from a stranger is sent to nobody', async () => {
  const { day } = await world();
  const order = { text: { messageId: 'x', to: phoneOf(0), body: 'hi' }, of: 1 };
  await expect(receive(day.services, 'outbound-texts')(enveloped('outbound-texts', order), context())).rejects.toThrow(
    /an order of a text/,
  );
  expect(day.sent).toEqual([]);
});

it("the carrier's CloudEvents become replies", async () => {
  const { day, preference, at } = await world();
  const event = {
    specversion: '1.0',
    id: 'e1',
    source: '/carrier',
    type: 'Microsoft.Communication.SMSReceived',
    data: { messageId: 'abc', from: phoneOf(1).slice(1), to: '1', message: 'STOP', receivedTimestamp: at },
  };
  await receiveSmsEvents(day.services)(event, context());
  expect(await preference('P2')).toBe('OPT_OUT');
});

describe('over HTTP', () => {
  const SECRET = 's'.repeat(32);
  const request = (body: string, headers: Record<string, string> = {}, method = 'POST') =>
    ({ method, headers: new Headers(headers), text: async () => body }) as never;

  it('a signed message of a gateway is taken, an unsigned, altered or old one is not', async () => {
    const { day, stop, preference } = await world();
    const post = postSmsWebhook(day.services, [SECRET]);
    const body = JSON.stringify(stop);
    const statusOf = async (text: string, headers: Record<string, string>) =>
      (await post(request(text, headers), context()))?.status;
    expect(await statusOf(body, {})).toBe(401);
    expect(await statusOf(`${body} `, signedHeaders(SECRET, body, day.nowMs))).toBe(401);
    expect(await statusOf(body, signedHeaders(SECRET, body, day.nowMs - 6 * 60_000))).toBe(401);
    expect(await statusOf(body, signedHeaders('t'.repeat(32), body, day.nowMs))).toBe(401);
    expect(await preference('P1')).toBe('OPT_IN');
    expect(await statusOf(body, signedHeaders(SECRET, body, day.nowMs))).toBe(202);
    expect(await preference('P1')).toBe('OPT_OUT');
    expect((await postSmsWebhook(day.services, [])(request(body), context()))?.status).toBe(404);
  });

  it('Event Grid shakes hands first, and bad events are named', async () => {
    const { day } = await world();
    const post = postSmsEvents(day.services);
    const hello = await post(request('', { 'webhook-request-origin': 'eventgrid.azure.net' }, 'OPTIONS'), context());
    expect(hello).toMatchObject({ status: 200, headers: { 'webhook-allowed-origin': 'eventgrid.azure.net' } });
    const bad = await post(request('[{"specversion":"0.3"}]'), context());
    expect(bad).toMatchObject({ status: 400 });
  });
});
