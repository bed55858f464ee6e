/** The SMS gateways over HTTP: the contract, and what they make of refusals, of busy gateways and of lost answers. */
import { inspect } from 'node:util';
import type { WaitingClock } from '../../services/clock';
import { createCommunicationServicesSms } from '../../services/sms/communicationServices';
import { smsSettings, type CommunicationServicesSettings, type WebhookSettings } from '../../services/sms/settings';
import { createWebhookSms } from '../../services/sms/webhook';
import type { Sms } from '../../services/sms';
import { idOf, smsContract, text } from './contracts';
import { NUMBERS, startCommunicationServices, startWebhookGateway, type FakeGateway } from './fakeGateways';

/** Real clients, on a machine that may be busy. */
jest.setTimeout(30_000);

const KEY = Buffer.from('a key of the resource').toString('base64');
const SECRET = 's'.repeat(32);
const FROM = '+18335550100';
const START_MS = Date.parse('2026-01-05T15:00:00Z');

interface FakeClock extends WaitingClock {
  readonly waits: number[];
}
/** Waiting takes no time and moves the clock. */
function fakeClock(): FakeClock {
  let nowMs = START_MS;
  const waits: number[] = [];
  return {
    waits,
    now: () => nowMs,
    async wait(ms) {
      waits.push(ms);
      nowMs += ms;
    },
  };
}

interface Made {
  readonly sms: Sms;
  readonly gateway: FakeGateway;
  readonly clock: FakeClock;
  readonly sent: () => readonly string[];
}
const running: FakeGateway[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((gateway) => gateway.stop()));
});

async function communicationServices(perMinute?: number, key = KEY): Promise<Made> {
  const gateway = await startCommunicationServices(KEY);
  running.push(gateway);
  const clock = fakeClock();
  const settings = smsSettings({
    VIP_SMS_GATEWAY: 'communication-services',
    VIP_SMS_FROM: FROM,
    COMMUNICATION_SERVICES_CONNECTION: `endpoint=${gateway.url}/;accesskey=${key}`,
  }) as CommunicationServicesSettings;
  const options = { clock, requestMs: 2_000, ...(perMinute ? { perMinute } : {}) };
  return { sms: createCommunicationServicesSms(settings, options), gateway, clock, sent: gateway.sent };
}

async function webhook(perMinute?: number, secret = SECRET): Promise<Made> {
  const clock = fakeClock();
  const gateway = await startWebhookGateway(SECRET, () => clock.now());
  running.push(gateway);
  const settings = smsSettings({
    VIP_SMS_GATEWAY: 'webhook',
    VIP_SMS_FROM: FROM,
    VIP_SMS_URL: gateway.url,
    VIP_SMS_SECRET: secret,
  }) as WebhookSettings;
  const options = { clock, requestMs: 2_000, ...(perMinute ? { perMinute } : {}) };
  return { sms: createWebhookSms(settings, options), gateway, clock, sent: gateway.sent };
}

smsContract('Communication Services', communicationServices, { repeats: 'ACCEPTED', remembers: false });
smsContract('webhook', webhook);

describe.each([
  ['Communication Services', communicationServices, Buffer.from('x'.repeat(24)).toString('base64')],
  ['webhook', webhook, 'x'.repeat(32)],
] as const)('%s', (_, make, wrongSecret) => {
  it('says why a text is refused for good', async () => {
    const { sms, sent } = await make();
    const texts = [text('a', NUMBERS.invalid), text('b', NUMBERS.optedOut), text('c', NUMBERS.tooBig), text('d')];
    expect(await sms.send(texts)).toEqual([
      'REJECTED_INVALID_NUMBER',
      'REJECTED_OPTED_OUT',
      'REJECTED_OTHER',
      'ACCEPTED',
    ]);
    expect(sent()).toEqual([idOf('d')]);
  });

  it('waits as long as a busy gateway asks, and sends once', async () => {
    const { sms, gateway, clock, sent } = await make();
    gateway.failSends({ status: 429, retryAfter: '7' }, { status: 429 });
    expect(await sms.send([text('a')])).toEqual(['ACCEPTED']);
    expect([clock.waits, sent()]).toEqual([[7_000, 2_000], [idOf('a')]]);
  });

  it('gives up on a gateway that stays busy, tells what was sent, and takes the rest again', async () => {
    const { sms, gateway, sent } = await make();
    const busy = { status: 429 };
    expect(await sms.send([text('a')])).toEqual(['ACCEPTED']);
    gateway.failSends(busy, busy, busy, busy);
    await expect(sms.send([text('b')])).rejects.toMatchObject({
      name: 'SendInterrupted',
      code: 'THROTTLED',
      retriable: true,
      outcomes: [null],
    });
    expect(await sms.send([text('b')])).toEqual(['ACCEPTED']);
    expect(sent()).toEqual([idOf('a'), idOf('b')]);
  });

  it('leaves a wait of an hour to whoever called', async () => {
    const { sms, gateway, clock } = await make();
    gateway.failSends({ status: 429, retryAfter: '3600' });
    await expect(sms.send([text('a')])).rejects.toMatchObject({ code: 'THROTTLED', retryAfterMs: 3_600_000 });
    expect(clock.waits).toEqual([]);
  });

  it.each([
    ['a lost answer', ['loseAnswer']],
    ['a lost request', ['loseRequest']],
    ['an error of the server', [{ status: 500 }, 'loseAnswer']],
  ] as const)('sends once through %s', async (_what, faults) => {
    const { sms, gateway, sent } = await make();
    gateway.failSends(...faults);
    expect(await sms.send([text('a'), text('b')])).toEqual(['ACCEPTED', 'ACCEPTED']);
    expect([...sent()].sort()).toEqual([idOf('a'), idOf('b')]);
  });

  it('keeps to the limit of the number', async () => {
    const { sms, clock, sent } = await make(3);
    await sms.send(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => text(name)));
    expect([clock.waits, sent().length]).toEqual([[60_000, 60_000], 7]);
  });

  it('is UNAUTHORISED with a wrong secret, and shows neither it nor the number', async () => {
    const { sms, sent } = await make(undefined, wrongSecret);
    const error: unknown = await sms.send([text('a')]).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'UNAUTHORISED', retriable: false, outcomes: [null] });
    expect(inspect(error, { depth: 9 })).not.toMatch(/3125550111|text a|xxxx|eHh4/);
    expect(sent()).toEqual([]);
  });

  it('has sent nothing where nobody listens', async () => {
    const { sms, gateway } = await make();
    await gateway.stop();
    await expect(sms.send([text('a')])).rejects.toMatchObject({ code: 'UNAVAILABLE', outcomes: [null] });
  });
});

describe('Communication Services', () => {
  it('sends the message id as the id of the request and as the tag of the report, the same each time', async () => {
    const { sms, gateway } = await communicationServices();
    gateway.failSends({ status: 503 }, null);
    await sms.send([text('a')]);
    await sms.send([text('a')]);
    expect(gateway.requests()).toHaveLength(2);
    for (const request of gateway.requests())
      expect(request).toEqual({
        from: FROM,
        message: 'text a',
        smsRecipients: [
          {
            to: '+13125550111',
            repeatabilityRequestId: '61000000-0000-0000-0000-000000000000',
            repeatabilityFirstSent: 'Mon, 05 Jan 2026 15:00:00 GMT',
          },
        ],
        smsSendOptions: { enableDeliveryReport: true, tag: idOf('a') },
      });
  });

  it('cannot say what became of a text when no answer ever comes', async () => {
    const { sms, gateway } = await communicationServices();
    gateway.failSends('loseAnswer', 'loseAnswer', 'loseAnswer', 'loseAnswer');
    expect(await sms.send([text('a')])).toEqual(['UNKNOWN']);
    expect(await sms.send([text('b', NUMBERS.old)])).toEqual(['UNKNOWN']);
  });
});

describe('webhook', () => {
  it('asks before it sends again, and leaves open what it cannot ask', async () => {
    const { sms, gateway, sent } = await webhook();
    const away = { status: 503 };
    gateway.failSends('loseAnswer');
    gateway.failAsks(away, away, away, away);
    await expect(sms.send([text('a')])).rejects.toMatchObject({ code: 'TIMED_OUT', retriable: true, outcomes: [null] });
    expect([sent(), gateway.requests().length]).toEqual([[idOf('a')], 1]);
    expect(await sms.send([text('a')])).toEqual(['DUPLICATE']);
    expect(sent()).toEqual([idOf('a')]);
  });

  it('does not take silence for an answer when asked', async () => {
    const { sms, gateway } = await webhook();
    gateway.failAsks({ status: 503 });
    await expect(sms.lookup([idOf('a')])).rejects.toMatchObject({ code: 'TIMED_OUT', retriable: true });
    gateway.failAsks('loseRequest');
    await expect(sms.lookup([idOf('a')])).rejects.toMatchObject({ code: 'TIMED_OUT', retriable: true });
    gateway.failAsks({ status: 404 }, { status: 200, json: { status: 'unknown' } });
    expect(await sms.lookup([idOf('a'), idOf('a')])).toEqual(['UNKNOWN', 'UNKNOWN']);
  });
});
