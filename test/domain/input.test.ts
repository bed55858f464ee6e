/** What the outside world may say (formats.md, "A recording"): one sound and many unsound inputs of each type. */
import { INPUT_TYPES, parseInput } from '../../domain/input';
import { describeProblem } from '../../domain/problem';

const at = '2026-01-05T09:00:00-06:00';
const sound: Record<string, object> = {
  'preferences.file': { file: 'preferences-2026-01-05.2.csv' },
  'sms.reply': { from: '+13125550111', text: 'STOP', replyId: 'r-1' },
  'sms.receipt': { messageId: 'e2434953b5249d2f31e8f071d7af4002', status: 'UNDELIVERED', code: 'LANDLINE' },
  'appointment.booked': { patientId: 'P1', appointmentId: 'a1', startsAt: at, channel: 'link' },
  'appointment.cancelled': { patientId: 'P1', appointmentId: 'a1' },
  'appointment.attended': { patientId: 'P1', appointmentId: 'a1' },
  'appointment.missed': { patientId: 'P1', appointmentId: 'a1' },
  'call.interval': {
    from: at,
    to: '2026-01-05T09:30:00-06:00',
    offered: 10,
    answered: 9,
    answeredWithin30s: 8,
    abandoned: 1,
    abandonedWithin10s: 0,
  },
  'control.pause': { by: 'lead-1' },
  'control.resume': { by: 'lead-1' },
  'control.cancel': { by: 'lead-1' },
  'control.policy': { by: 'lead-1', policy: { weeklyThreshold: 0.3 } },
};
const problems = (json: unknown) => {
  const parsed = parseInput(json, 'inputs.jsonl line 7');
  return 'problems' in parsed ? parsed.problems.map(describeProblem) : [];
};

describe('an input', () => {
  it('has a sound example of every type here', () => {
    expect(Object.keys(sound).sort()).toEqual([...INPUT_TYPES].sort());
  });

  it.each(INPUT_TYPES)('of type %s is taken, with or without its cause', (type) => {
    expect(problems({ at, type, ...sound[type] })).toEqual([]);
    expect(problems({ at, type, cause: 'response', ...sound[type] })).toEqual([]);
  });

  it.each(INPUT_TYPES)('of type %s is refused with a field too many, another cause, no instant', (type) => {
    const input = { at, type, ...sound[type] };
    expect(problems({ ...input, extra: 1 })).toHaveLength(1);
    expect(problems({ ...input, cause: 'other' })).toHaveLength(1);
    expect(problems({ ...input, at: '2026-01-05T09:00:00' })[0]).toContain('inputs.jsonl line 7: at');
  });

  it.each<[string, object, string]>([
    ['preferences.file', { file: '../etc/passwd' }, 'file'],
    ['sms.reply', { from: '3125550111' }, 'from'],
    ['sms.receipt', { messageId: 'e2434953 b5249d2f' }, 'messageId'],
    ['sms.receipt', { status: 'LOST' }, 'status'],
    ['sms.receipt', { code: 'NOBODY' }, 'code'],
    ['appointment.booked', { channel: 'fax' }, 'channel'],
    ['appointment.booked', { startsAt: '2026-01-20' }, 'startsAt'],
    ['appointment.missed', { patientId: 'P 1' }, 'patientId'],
    ['call.interval', { offered: -1 }, 'offered'],
    ['call.interval', { answered: 1.5 }, 'answered'],
    ['call.interval', { to: at }, 'to'],
    ['call.interval', { base: -1 }, 'base'],
    ['control.pause', { by: '' }, 'by'],
    ['control.policy', { policy: null }, 'policy'],
  ])('of type %s with %j is refused for its %s', (type, over, field) => {
    expect(problems({ at, type, ...sound[type], ...over })[0]).toContain(`inputs.jsonl line 7: ${field}: `);
  });

  it.each([null, 7, 'text', [], {}, { at, type: 'sms.call' }, { at, type: 'toString' }])('%j names no type', (json) => {
    expect(problems(json)[0]).toContain('inputs.jsonl line 7: type');
  });

  it('of a receipt for any id is sound: whether it was sent is another question', () => {
    expect(problems({ at, type: 'sms.receipt', messageId: 'SM-1', status: 'DELIVERED' })).toEqual([]);
  });

  it('is listed with every problem, those between fields too', () => {
    const listed = problems({ at, type: 'call.interval', ...sound['call.interval'], from: at, to: at, offered: -1 });
    expect(listed.map((line) => line.split(': ')[1])).toEqual(['offered', 'to']);
  });

  it('of a type that does not belong here is refused for that, not for its fields', () => {
    const parsed = parseInput({ at, type: 'sms.reply' }, 'body', ['sms.receipt', 'call.interval']);
    expect('problems' in parsed && parsed.problems.map(describeProblem)).toEqual([
      'body: type: got "sms.reply", expected one of sms.receipt, call.interval',
    ]);
  });

  it.each([
    { patientId: '+13125550111' },
    { patientId: '(312) 555-0111' },
    { appointmentId: 'call 3125550111!' },
    { channel: { phone: ['+1 312 555 0111'] } },
    { startsAt: 13_125_550_111 },
    { '+13125550111': 1 },
  ])('never quotes what could be a phone number in a wrong field: %j', (over) => {
    const listed = problems({ at, type: 'appointment.booked', ...sound['appointment.booked'], ...over });
    expect(listed).toHaveLength(1);
    expect(listed[0]).not.toMatch(/555|0111/);
  });

  it('quotes instants, dates and counts as they came', () => {
    expect(problems({ at: '2026-01-05T09:00:00.123456', type: 'control.pause', by: 'x' })[0]).toContain('.123456');
    expect(problems({ at, type: 'control.pause', by: 123_456 })[0]).toContain('got 123456');
  });

  it("never quotes a phone number or a patient's words", () => {
    const listed = problems({ at, type: 'sms.reply', from: '312-555-0111', text: 7, replyId: 'r' }).join();
    expect(listed).not.toMatch(/555|got 7/);
  });
});
