/**
 * The HTTP table of formats.md over real loopback HTTP against the built app: every status code and body shape, and
 * nothing personal in any error. The host's clock stands on the eve of the campaigns, 2026-01-04, 18:00 in Chicago.
 */
import { messageIdOf } from '../../domain/messages';
import { answering } from '../../triggers/http';
import { startHost, type Host } from 'durable-emulator';
import { january, phoneOf, ROOT, rosterOf, SMALL, vendorFile } from './harness';

const NOW = '2026-01-04T18:00:00-06:00';
let host: Host;
let answers: { status: number; type: string; text: string }[];

beforeAll(async () => {
  answers = [];
  host = await startHost({ app: ROOT, clock: 'manual', startAt: NOW, port: 0 });
});
afterAll(() => host.stop());

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly headers: Headers;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- bodies are what is under test
  readonly body: any;
}

async function send(method: string, path: string, body?: unknown): Promise<Answer> {
  const payload = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
  const response = await fetch(`${host.url}/api/${path}`, { method, ...payload });
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  answers.push({ status: response.status, type, text });
  return { status: response.status, type, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
}
const fields = (answer: Answer): string[] => answer.body.errors.map((error: { field: string }) => error.field);

function expectProblem(answer: Answer, status: number): void {
  expect([answer.status, answer.type]).toEqual([status, 'application/problem+json']);
  expect(answer.body).toMatchObject({ title: expect.any(String), status });
}

const campaign = (campaignId: string, over: object = {}) => ({ ...SMALL, campaignId, ...over });
/** A campaign of its own patients, started. */
async function started(campaignId: string, from: number, over: object = {}): Promise<Answer> {
  const patients = [0, 1].map((i) => ({ patientId: `Q${from + i}`, phone: phoneOf(from + i) }));
  await send('PUT', `campaigns/${campaignId}/roster`, rosterOf(patients));
  return send('POST', `campaigns/${campaignId}/start`, campaign(campaignId, over));
}

describe('PUT /api/campaigns/{id}/roster', () => {
  it('200: how many were accepted, and each problem of the others with line, field and reason', async () => {
    const roster = rosterOf([
      { patientId: 'R1', phone: phoneOf(901) },
      { patientId: 'R2', phone: '+1312', language: 'fr' },
      { patientId: 'R3', phone: phoneOf(903), firstName: '"Zvu,rk"' },
    ]);
    const answer = await send('PUT', 'campaigns/roster-1/roster', roster);
    expect(answer.status).toBe(200);
    expect(answer.type).toContain('application/json');
    expect(answer.body).toEqual({
      accepted: 2,
      quarantined: [
        { line: 3, field: 'phone', reason: expect.any(String) },
        { line: 3, field: 'language', reason: expect.any(String) },
      ],
    });
  });

  it('200 again before the start: the newer roster replaces the older', async () => {
    const answer = await send('PUT', 'campaigns/roster-1/roster', rosterOf([{ patientId: 'R9', phone: phoneOf(909) }]));
    expect([answer.status, answer.body]).toEqual([200, { accepted: 1, quarantined: [] }]);
  });

  it('400 with every problem: missing columns, duplicate ids, no usable row', async () => {
    const [header, row] = rosterOf([{ patientId: 'R1' }]).split('\n');
    const twice = await send('PUT', 'campaigns/roster-2/roster', `${header}\n${row}\n${row}\n`);
    expectProblem(twice, 400);
    expect(JSON.stringify(twice.body.errors)).toContain('R1');
    const bare = await send('PUT', 'campaigns/roster-2/roster', 'patientId,firstName\nR1,Zvurka\n');
    expectProblem(bare, 400);
    for (const column of ['lastName', 'phone', 'timeZone', 'pcpId'])
      expect(JSON.stringify(bare.body.errors)).toContain(column);
    const nobody = await send('PUT', 'campaigns/roster-2/roster', rosterOf([{ patientId: 'R1', phone: 'none' }]));
    expectProblem(nobody, 400);
    const empty = await send('PUT', 'campaigns/roster-2/roster', ' ');
    expectProblem(empty, 400);
  });

  it('409 once the campaign was started', async () => {
    expect((await started('roster-3', 20)).status).toBe(202);
    expectProblem(await send('PUT', 'campaigns/roster-3/roster', rosterOf([{ patientId: 'R1' }])), 409);
  });
});

describe('POST /api/campaigns/{id}/start', () => {
  it('202 with the check-status body and headers of the Durable contract', async () => {
    const answer = await started('start-1', 30);
    expect(answer.status).toBe(202);
    expect(Object.keys(answer.body).sort()).toEqual([
      'id',
      'purgeHistoryDeleteUri',
      'restartPostUri',
      'resumePostUri',
      'rewindPostUri',
      'sendEventPostUri',
      'statusQueryGetUri',
      'suspendPostUri',
      'terminatePostUri',
    ]);
    expect(answer.body.id).toBe('start-1');
    expect(answer.body.statusQueryGetUri).toContain('/runtime/webhooks/durabletask/instances/start-1');
    expect(answer.headers.get('location')).toBe(answer.body.statusQueryGetUri);
    expect(answer.headers.get('retry-after')).toBe('10');
    const status = await fetch(answer.body.statusQueryGetUri as string);
    expect(status.status).toBe(202);
    expect(await status.json()).toMatchObject({ instanceId: 'start-1', name: 'campaign' });
  });

  it('409 if a campaign of this id was ever started, whatever the body says', async () => {
    expectProblem(await send('POST', 'campaigns/start-1/start', campaign('start-1')), 409);
    expectProblem(await send('POST', 'campaigns/start-1/start', campaign('start-1', { startsOn: '2020-01-06' })), 409);
  });

  it('409 if only the host remembers an instance of this id', async () => {
    const url = `${host.url}/runtime/webhooks/durabletask/orchestrators/campaign/start-9`;
    const given = await fetch(url, { method: 'POST', body: '{"campaignId":"start-9"}' });
    expect(given.status).toBe(202);
    await send('PUT', 'campaigns/start-9/roster', rosterOf([{ patientId: 'S9', phone: phoneOf(49) }]));
    expectProblem(await send('POST', 'campaigns/start-9/start', campaign('start-9')), 409);
  });

  it('412 without a roster', async () => {
    expectProblem(await send('POST', 'campaigns/start-2/start', campaign('start-2')), 412);
  });

  it('400 with every problem at once: fields, another campaignId, a start that is past', async () => {
    await send('PUT', 'campaigns/start-3/roster', rosterOf([{ patientId: 'S3', phone: phoneOf(40) }]));
    const bad = await send('POST', 'campaigns/start-3/start', campaign('other', { weeks: 99, colour: 'red' }));
    expectProblem(bad, 400);
    expect(fields(bad).sort()).toEqual(['campaignId', 'colour', 'weeks']);
    expect(bad.body.errors.find((e: { field: string }) => e.field === 'weeks')).toEqual({
      field: 'weeks',
      value: '99',
      expected: 'an integer from 1 to 52',
    });
    const both = campaign('start-3', { weeks: 99, startsOn: '2020-01-06' });
    expect(fields(await send('POST', 'campaigns/start-3/start', both)).sort()).toEqual(['startsOn', 'weeks']);
    const past = await send('POST', 'campaigns/start-3/start', campaign('start-3', { startsOn: '2026-01-04' }));
    expectProblem(past, 400);
    expect(fields(past)).toEqual(['startsOn']);
    expectProblem(await send('POST', 'campaigns/start-3/start', '{"campaignId":'), 400);
    expectProblem(await send('POST', 'campaigns/start-3/start', 'null'), 400);
    expectProblem(await send('POST', 'campaigns/start%203/start', campaign('start-3')), 400);
  });

  it('nothing was started by all that: the campaign can still start', async () => {
    expect((await send('POST', 'campaigns/start-3/start', campaign('start-3'))).status).toBe(202);
  });
});

describe('GET /api/campaigns/{id}', () => {
  it('404 for one that nobody started', async () => {
    expectProblem(await send('GET', 'campaigns/nobody'), 404);
  });

  it('200: the progress of a campaign that waits for its day, plus links', async () => {
    await started('get-1', 50);
    const answer = await send('GET', 'campaigns/get-1');
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      campaignId: 'get-1',
      phase: 'WAITING',
      week: 1,
      day: '2026-01-05',
      paused: false,
      admitted: 0,
      sent: 0,
      refused: {},
      nextWakeUp: january(5, '00:00'),
      links: { statusQueryGetUri: expect.stringContaining('/instances/get-1') },
    });
    expect(JSON.stringify(answer.body).length).toBeLessThan(16 * 1024);
  });
});

describe('control', () => {
  const routes: [string, string, object][] = [
    ['POST', 'pause', { by: 'lead-1' }],
    ['POST', 'resume', { by: 'lead-1' }],
    ['PATCH', 'policy', { by: 'lead-1', policy: { weeklyThreshold: 0.5 } }],
    ['POST', 'cancel', { by: 'lead-1' }],
  ];

  it.each(routes)('404: %s %s of a campaign that nobody started', async (method, kind, body) => {
    expectProblem(await send(method, `campaigns/nobody/${kind}`, body), 404);
  });

  it.each(routes)(
    '400: %s %s without who asks, with a field too many, or without a body',
    async (method, kind, body) => {
      await started('control-1', 60);
      const anonymous = { ...body, by: undefined };
      expectProblem(await send(method, `campaigns/control-1/${kind}`, anonymous), 400);
      expectProblem(await send(method, `campaigns/control-1/${kind}`, { ...body, extra: 1 }), 400);
      expectProblem(await send(method, `campaigns/control-1/${kind}`, { ...body, by: 'a b' }), 400);
      expectProblem(await send(method, `campaigns/control-1/${kind}`), 400);
    },
  );

  it('400: a policy that is not valid, with every problem', async () => {
    const answer = await send('PATCH', 'campaigns/control-1/policy', {
      by: 'lead-1',
      policy: { weeks: 3, weeklyThreshold: 7 },
    });
    expectProblem(answer, 400);
    expect(fields(answer).sort()).toEqual(['weeklyThreshold', 'weeks']);
    expectProblem(await send('PATCH', 'campaigns/control-1/policy', { by: 'lead-1', policy: [] }), 400);
    const both = { by: phoneOf(1), policy: { weeks: 3 }, [phoneOf(2)]: 1 };
    expect(fields(await send('PATCH', 'campaigns/control-1/policy', both))).toEqual([
      expect.stringContaining('phone number'),
      'by',
      'weeks',
    ]);
  });

  it('400: an address with what could be a phone number, which is not quoted', async () => {
    expectProblem(await send('POST', `campaigns/${encodeURIComponent(phoneOf(1))}/pause`, { by: 'lead-1' }), 400);
    expectProblem(await send('PUT', `preferences/2026-01-05?file=${encodeURIComponent(phoneOf(1))}`, ''), 400);
  });

  it.each(routes)('202: %s %s', async (method, kind, body) => {
    expect((await send(method, `campaigns/control-1/${kind}`, body)).status).toBe(202);
    if (kind === 'pause') {
      await host.runUntilIdle();
      expect((await send('GET', 'campaigns/control-1')).body.paused).toBe(true);
    }
  });

  it.each(routes)('409: %s %s once it has ended', async (method, kind, body) => {
    await host.runUntilIdle();
    expectProblem(await send(method, `campaigns/control-1/${kind}`, body), 409);
  });

  it('a cancel before the start ends the campaign at once', async () => {
    const answer = await send('GET', 'campaigns/control-1');
    expect(answer.body).toMatchObject({ runtimeStatus: 'Completed', phase: 'ENDED', sent: 0 });
  });
});

describe('PUT /api/preferences/{date}', () => {
  const row = (id: string, n: number, at = '2026-01-01T10:00:00-06:00') => `${id},${phoneOf(n)},OPT_IN,${at}`;

  it('200: accepted, quarantined and unknown rows', async () => {
    await started('preferences-1', 70);
    const file = vendorFile(
      row('Q70', 70),
      row('Q71', 99),
      row('nobody', 1),
      row('Q70', 70, '2026-01-04T18:00:01-06:00'),
    );
    const answer = await send('PUT', 'preferences/2026-01-05', file);
    expect([answer.status, answer.body]).toEqual([200, { accepted: 1, quarantined: 2, unknown: 1 }]);
  });

  it('400: a file refused whole for its trailer, a wrong header, an address that is no date', async () => {
    const sound = vendorFile(row('Q70', 70));
    expectProblem(await send('PUT', 'preferences/2026-01-05', sound.replace('TRAILER,1', 'TRAILER,2')), 400);
    expectProblem(await send('PUT', 'preferences/2026-01-05', sound.replace('TRAILER,1\n', '')), 400);
    expectProblem(await send('PUT', 'preferences/2026-01-05', sound.replace('action', 'deed')), 400);
    expectProblem(await send('PUT', 'preferences/2026-02-30', sound), 400);
    expectProblem(await send('PUT', 'preferences/2026-01-05?file=preferences-2026-01-06.csv', sound), 400);
  });
});

describe('inputs', () => {
  const interval = {
    from: '2026-01-04T17:00:00-06:00',
    to: '2026-01-04T17:30:00-06:00',
    offered: 3,
    answered: 3,
    answeredWithin30s: 3,
    abandoned: 0,
    abandonedWithin10s: 0,
  };
  const receipt = { messageId: messageIdOf('x', 'y', '1', 0), status: 'DELIVERED' };
  const routes: [string, Record<string, unknown>, string][] = [
    ['sms/replies', { from: phoneOf(80), text: 'hello', replyId: 'h1' }, 'sms.receipt'],
    ['sms/receipts', receipt, 'sms.reply'],
    ['calls/intervals', interval, 'sms.reply'],
    [
      'appointments/events',
      {
        type: 'appointment.booked',
        patientId: 'Q80',
        appointmentId: 'a1',
        startsAt: january(20, '09:00'),
        channel: 'link',
      },
      'call.interval',
    ],
  ];
  beforeAll(() => started('inputs-1', 80));

  it.each(routes)('202: one input or an array at %s, `at` left out or up to 5 minutes off', async (path, body) => {
    expect((await send('POST', path, body)).status).toBe(202);
    expect((await send('POST', path, [])).status).toBe(202);
    const near = ['2026-01-04T17:55:00-06:00', '2026-01-04T18:05:00-06:00', '2026-01-05T00:00:00Z'];
    expect(
      (
        await send(
          'POST',
          path,
          near.map((at) => ({ ...body, at })),
        )
      ).status,
    ).toBe(202);
  });

  it.each(routes)('400 at %s: `at` more than 5 minutes off, to either side', async (path, body) => {
    for (const at of ['2026-01-04T17:54:59-06:00', '2026-01-04T18:05:01-06:00']) {
      const answer = await send('POST', path, { ...body, at });
      expectProblem(answer, 400);
      expect(fields(answer)).toEqual(['body: at']);
    }
  });

  it.each(routes)('400 at %s: a type of another route, a field too many, no JSON', async (path, body, other) => {
    expectProblem(await send('POST', path, { ...body, type: other }), 400);
    expectProblem(await send('POST', path, { ...body, extra: 1 }), 400);
    expectProblem(await send('POST', path, 'hello'), 400);
    expectProblem(await send('POST', path, 'null'), 400);
    expectProblem(await send('POST', path), 400);
  });

  it('400 with every problem of every item, by its place', async () => {
    const answer = await send('POST', 'sms/receipts', [receipt, { ...receipt, status: 'LOST' }, { messageId: 'zz' }]);
    expectProblem(answer, 400);
    expect(fields(answer).sort()).toEqual(['[1]: status', '[2]: status']);
  });

  it('400 with what is wrong between fields and with `at` too, when a field is bad', async () => {
    const at = '2026-01-03T10:00:00-06:00';
    const bad = await send('POST', 'calls/intervals', { ...interval, at, offered: -1, to: interval.from });
    expect(fields(bad).sort()).toEqual(['body: at', 'body: offered', 'body: to']);
  });

  it('400 at a route of several types names them, whatever else the item is', async () => {
    const of4 = 'one of appointment.booked, appointment.cancelled, appointment.attended, appointment.missed';
    for (const item of [{ patientId: 'P1' }, { type: 'sms.reply' }]) {
      const { body } = await send('POST', 'appointments/events', [item]);
      expect(body.errors).toEqual([{ field: '[0]: type', value: expect.any(String), expected: of4 }]);
    }
  });

  it('202 for a receipt of any id: one that was not sent is an incident', async () => {
    expect((await send('POST', 'sms/receipts', { messageId: 'SM-1', status: 'DELIVERED' })).status).toBe(202);
  });

  it('400 changes nothing: the sound items of a bad array are not taken', async () => {
    const stop = { from: phoneOf(81), text: 'stop', replyId: 'whole-1' };
    expectProblem(await send('POST', 'sms/replies', [stop, { ...stop, replyId: '' }]), 400);
    await host.runUntilIdle();
    expect((await send('GET', 'campaigns/inputs-1')).body.optedOut).toBe(0);
  });

  it('413 for a body over 50 MB, and not for one of exactly that size', async () => {
    const limit = 50 * 1024 * 1024;
    expectProblem(await send('POST', 'sms/receipts', ' '.repeat(limit)), 400);
    expectProblem(await send('POST', 'sms/receipts', ' '.repeat(limit + 1)), 413);
    // Fewer characters than the limit, more bytes.
    expectProblem(await send('PUT', 'preferences/2026-01-05', 'é'.repeat(limit / 2 + 1)), 413);
  });
});

describe('what nobody foresaw', () => {
  it('is 500 as problem+json, and only its kind is logged', async () => {
    const logged: string[] = [];
    const context = { functionName: 'putRoster', error: (line: string) => logged.push(line) };
    const answer = await answering(context as never, () => Promise.reject(new RangeError(`no ${phoneOf(1)}`)));
    expect(answer).toMatchObject({ status: 500, headers: { 'content-type': 'application/problem+json' } });
    expect(JSON.parse(answer.body as string)).toMatchObject({ title: 'the request failed', status: 500 });
    expect(logged).toEqual(['putRoster: the request failed: RangeError']);
  });
});

describe('every error answered above', () => {
  it('is problem+json with its own status', () => {
    const errors = answers.filter(({ status }) => status >= 400);
    expect(errors.length).toBeGreaterThan(60);
    for (const { status, type, text } of errors) {
      expect(type).toBe('application/problem+json');
      expect((JSON.parse(text) as { status: number }).status).toBe(status);
    }
  });

  it('and no answer at all quotes a name, a phone number or a birth date', () => {
    const said = answers.map(({ text }) => text).join('\n');
    expect(said).not.toMatch(/zvu|quovzd/i);
    expect(said).not.toMatch(/\+?1?312555\d{4}/);
    expect(said).not.toContain('1950-02-03');
  });
});
