/**
 * Defects of comparable systems (end of domain-rules.md) that a patient would notice, each replayed through the HTTP routes
 * of the whole built app: who is reached, who stays unreached, and that nobody is texted again or too late.
 */
import { messageIdOf } from '../../domain/messages';
import { january, optedIn, phoneOf, rowsOf, runRecording, textsOf, type Run } from '../app/harness';

const FOLLOW_UP = { postPilotWeeks: 1, touches: [0, 3], adaptive: { touchesMax: 0 } };
const reply = (at: string, n: number, text: string, replyId: string) => ({
  at,
  type: 'sms.reply',
  from: phoneOf(n),
  text,
  replyId,
});
const booked = (at: string, patientId: string, appointmentId: string, startsAt = '2026-02-03T09:00:00-06:00') => ({
  at,
  type: 'appointment.booked',
  patientId,
  appointmentId,
  startsAt,
  channel: 'phone',
});
const cancelled = (at: string, patientId: string, appointmentId: string) => ({
  at,
  type: 'appointment.cancelled',
  patientId,
  appointmentId,
});
const touch = (run: Run, patientId: string, n: number) => {
  const row = rowsOf(run, patientId).find((one) => one['phase'] === 'PILOT' && one['touch'] === String(n));
  return row?.['status'] === 'REFUSED' ? row['reason'] : row?.['sentAt'] ? 'TEXTED' : row?.['status'];
};

describe('a patient without a usable phone number does not stop the others', () => {
  it('not one with a bad number in the roster, nor one whose line takes no texts', async () => {
    const run = await runRecording({
      campaign: FOLLOW_UP,
      patients: [{ phone: '' }, {}, { phone: '+1312' }, {}, {}],
      initial: optedIn('P1', 'P2', 'P3', 'P4', 'P5'),
      inputs: [
        {
          at: january(6, '09:00'),
          type: 'sms.receipt',
          messageId: messageIdOf('small', 'P2', '1', 0),
          status: 'UNDELIVERED',
          code: 'LANDLINE',
        },
      ],
    });
    expect([...new Set(textsOf(run).map((row) => row['patientId']))].sort()).toEqual(['P2', 'P4', 'P5']);
    expect(['P2', 'P4', 'P5'].map((id) => touch(run, id, 1))).toEqual(['NO_MOBILE', 'TEXTED', 'TEXTED']);
    expect(run.files['quarantine.csv']).toMatch(/roster\.csv,2,P1,phone,/);
    expect(run.files['quarantine.csv']).toMatch(/roster\.csv,4,P3,phone,/);
    expect(run.patients.find((row) => row['patientId'] === 'P2')?.['outcome']).toBe('UNREACHABLE');
  });
});

describe('an outage over an hour loses no text and sends none twice', () => {
  it('whoever was due while nothing was sent is texted afterwards, once', async () => {
    const run = await runRecording({
      patients: [{}, {}, {}, {}, {}, {}],
      initial: optedIn('P1', 'P2', 'P3', 'P4', 'P5', 'P6'),
      inputs: [
        { at: january(5, '08:00'), type: 'control.pause', by: 'outage' },
        { at: january(6, '15:30'), type: 'control.resume', by: 'outage' },
      ],
    });
    const texts = textsOf(run);
    expect(texts.map((row) => row['patientId']).sort()).toEqual(['P1', 'P2', 'P3', 'P4', 'P5', 'P6']);
    expect(texts.every((row) => row['sentAt']! >= january(6, '15:30'))).toBe(true);
  });
});

describe('a paused and resumed campaign knows who already received it', () => {
  let run: Run;
  beforeAll(async () => {
    run = await runRecording({
      patients: Array.from({ length: 12 }, () => ({})),
      initial: optedIn(...Array.from({ length: 12 }, (_, i) => `P${i + 1}`)),
      inputs: [
        { at: january(5, '10:30'), type: 'control.pause', by: 'lead' },
        { at: january(5, '14:30'), type: 'control.resume', by: 'lead' },
      ],
    });
  });

  it('some went before the pause, the others after it', () => {
    const times = textsOf(run).map((row) => row['sentAt']!.slice(11, 16));
    expect(times.some((time) => time < '10:30')).toBe(true);
    expect(times.some((time) => time >= '14:30')).toBe(true);
    expect(times.filter((time) => time >= '10:30' && time < '14:30')).toEqual([]);
  });

  it('each exactly once', () => {
    const ids = textsOf(run).map((row) => row['patientId']);
    expect([ids.length, new Set(ids).size]).toEqual([12, 12]);
  });
});

describe('replies of somebody who stopped', () => {
  let run: Run;
  beforeAll(async () => {
    run = await runRecording({
      campaign: FOLLOW_UP,
      patients: [{}, {}, {}, {}],
      initial: optedIn('P1', 'P2', 'P3', 'P4'),
      inputs: [
        reply(january(6, '10:00'), 0, 'STOP', 'r1'),
        reply(january(6, '10:05'), 0, 'hello?', 'r2'),
        reply(january(6, '10:06'), 0, 'yes', 'r3'),
        reply(january(6, '10:07'), 0, 'HELP', 'r4'),
        reply(january(6, '10:08'), 0, 'ok thank you', 'r5'),
        reply(january(6, '11:00'), 1, 'Stop.', 'r6'),
        reply(january(6, '11:00'), 2, 'STOP please', 'r7'),
      ],
    });
  });

  it('are no re-subscription: only START would be', () => {
    expect(touch(run, 'P1', 1)).toBe('OPTED_OUT');
    expect(run.patients.find((row) => row['patientId'] === 'P1')?.['preference']).toBe('OPT_OUT');
  });

  it('are answered by one confirmation and nothing else', () => {
    const answers = rowsOf(run, 'P1').filter((row) => row['phase'] === 'REPLY');
    expect(answers.map((row) => [row['kind'], row['wave']])).toEqual([['STOP_CONFIRM', 'Rr1']]);
  });

  it('STOP need not be typed exactly: "Stop." and "STOP please" are honoured and confirmed', () => {
    expect(['P2', 'P3', 'P4'].map((id) => touch(run, id, 1))).toEqual(['OPTED_OUT', 'OPTED_OUT', 'TEXTED']);
    expect(run.ledger.filter((row) => row['kind'] === 'STOP_CONFIRM')).toHaveLength(3);
  });
});

describe('messages that were held up', () => {
  it('expire at the end of the fifth send day instead of going out when they make no sense', async () => {
    const run = await runRecording({
      campaign: { ...FOLLOW_UP, postPilotWeeks: 3 },
      patients: [{}, { timeZone: 'Pacific/Honolulu' }],
      initial: optedIn('P1', 'P2'),
      inputs: [
        { at: january(7, '12:00'), type: 'control.pause', by: 'lead' },
        { at: january(26, '12:00'), type: 'control.resume', by: 'lead' },
      ],
    });
    const late = run.ledger.filter((row) => row['touch'] === '1');
    expect(late.map((row) => [row['patientId'], row['reason'], row['decidedAt'], row['sentAt']])).toEqual([
      ['P1', 'EXPIRED', january(16, '00:00'), ''],
      ['P2', 'EXPIRED', january(16, '04:00'), ''],
    ]);
    expect(textsOf(run).every((row) => row['sentAt']! < january(6, '00:00'))).toBe(true);
  });

  it('still go on the fifth send day itself', async () => {
    const run = await runRecording({
      campaign: { ...FOLLOW_UP, postPilotWeeks: 2 },
      patients: [{}],
      initial: optedIn('P1'),
      inputs: [
        { at: january(7, '12:00'), type: 'control.pause', by: 'lead' },
        { at: january(15, '16:00'), type: 'control.resume', by: 'lead' },
      ],
    });
    expect(rowsOf(run, 'P1').map((row) => [row['touch'], row['plannedFor'], row['sentAt']])).toEqual([
      ['0', '2026-01-05', january(5, '09:00')],
      ['1', '2026-01-08', january(15, '16:00')],
    ]);
  });
});

describe('an appointment', () => {
  it('that stands keeps reminders away, one that is moved keeps standing, one that is cancelled brings them back', async () => {
    const run = await runRecording({
      campaign: FOLLOW_UP,
      patients: [{}, {}, {}, {}, {}, {}],
      initial: optedIn('P1', 'P2', 'P3', 'P4', 'P5', 'P6'),
      inputs: [
        booked(january(6, '10:00'), 'P1', 'a1'),
        booked(january(6, '10:00'), 'P2', 'a2'),
        booked(january(6, '10:00'), 'P3', 'a3'),
        booked(january(6, '10:00'), 'P4', 'a4'),
        booked(january(6, '10:00'), 'P5', 'a5'),
        booked(january(6, '10:01'), 'P5', 'b5'),
        cancelled(january(6, '11:00'), 'P2', 'a2'),
        booked(january(6, '12:00'), 'P3', 'a3', '2026-02-10T09:00:00-06:00'),
        booked(january(6, '12:00'), 'P4', 'a4', '2026-02-10T09:00:00-06:00'),
        cancelled(january(6, '13:00'), 'P4', 'a4'),
        cancelled(january(6, '13:00'), 'P5', 'a5'),
        { at: january(7, '10:00'), type: 'appointment.attended', patientId: 'P1', appointmentId: 'a1' },
        { at: january(7, '10:00'), type: 'appointment.cancelled', patientId: 'P6', appointmentId: 'never' },
      ],
    });
    const reasons = ['P1', 'P2', 'P3', 'P4', 'P5', 'P6'].map((id) => touch(run, id, 1));
    expect(reasons).toEqual(['BOOKED', 'TEXTED', 'BOOKED', 'TEXTED', 'BOOKED', 'TEXTED']);
    expect(run.report.incidents.map((one) => one.type)).toEqual(['UNKNOWN_EVENT']);
    expect(run.patients.map((row) => [row['patientId'], row['outcome']]).sort()).toEqual([
      ['P1', 'ATTENDED'],
      ['P2', 'NO_RESPONSE'],
      ['P3', 'BOOKED'],
      ['P4', 'NO_RESPONSE'],
      ['P5', 'BOOKED'],
      ['P6', 'NO_RESPONSE'],
    ]);
  });
});
