/**
 * Pause, resume, cancel and policy changes of the whole app (formats.md, "A recording" and rules 7 and 8): both sides of
 * the instant at which each takes effect; and timers that come early, as a real host's do.
 */
import { january, optedIn, phoneOf, rowsOf, runRecording, textsOf, type Run } from './harness';

const ids = (count: number) => Array.from({ length: count }, (_, i) => `P${i + 1}`);
const patients = (count: number) => Array.from({ length: count }, () => ({}));
const control = (at: string, kind: string) => ({ at, type: `control.${kind}`, by: 'lead-1' });
const change = (at: string, policy: object) => ({ at, type: 'control.policy', by: 'lead-1', policy });
const sentAts = (run: Run) => textsOf(run).map((row) => row['sentAt']!);
const FOLLOW_UP = { postPilotWeeks: 1, touches: [0, 3], adaptive: { touchesMax: 0 } };

describe('a pause over days', () => {
  let run: Run;
  beforeAll(async () => {
    run = await runRecording({
      campaign: FOLLOW_UP,
      patients: patients(4),
      initial: optedIn(...ids(4)),
      inputs: [
        control(january(5, '08:00'), 'pause'),
        { at: january(6, '12:00'), type: 'sms.reply', from: phoneOf(0), text: 'help', replyId: 'r1' },
        { at: january(6, '12:01'), type: 'sms.reply', from: phoneOf(1), text: 'stop', replyId: 'r2' },
        control(january(7, '10:20'), 'resume'),
      ],
    });
  });

  it('sends nothing but answers', () => {
    const during = run.ledger.filter((row) => row['sentAt'] !== '' && row['sentAt']! < january(7, '10:20'));
    expect(during.map((row) => row['kind'])).toEqual(['HELP', 'STOP_CONFIRM']);
  });

  it('goes on at the resume, and loses nobody', () => {
    expect(sentAts(run)[0]).toBe(january(7, '10:20'));
    const first = run.ledger.filter((row) => row['phase'] === 'PILOT' && row['touch'] === '0');
    expect(first.map((row) => [row['patientId'], row['reason']]).sort()).toEqual([
      ['P1', ''],
      ['P2', 'OPTED_OUT'],
      ['P3', ''],
      ['P4', ''],
    ]);
  });

  it('judges nobody: who opted out meanwhile is refused at the resume, not before', () => {
    const refused = run.ledger.filter((row) => row['patientId'] === 'P2' && row['status'] === 'REFUSED');
    expect(refused.map((row) => [row['touch'], row['decidedAt']])).toEqual([
      ['0', january(7, '10:20')],
      ['1', january(7, '10:20')],
    ]);
  });

  it('opens its days all the same', () => {
    expect(run.report.days.slice(0, 2).map((day) => [day.date, day.preferences, day.sent])).toEqual([
      ['2026-01-05', 'NOT_REQUIRED', 0],
      ['2026-01-06', 'NOT_REQUIRED', 0],
    ]);
  });

  it('counts follow-ups from the texts that went late', () => {
    const second = run.ledger.filter((row) => row['touch'] === '1' && row['sentAt'] !== '');
    expect(second.map((row) => row['plannedFor'])).toEqual(['2026-01-12', '2026-01-12', '2026-01-12']);
  });

  it('twice is the same as once', async () => {
    const twice = await runRecording({
      campaign: FOLLOW_UP,
      patients: patients(2),
      initial: optedIn(...ids(2)),
      inputs: [
        control(january(5, '08:00'), 'pause'),
        control(january(5, '08:00'), 'pause'),
        control(january(5, '12:00'), 'resume'),
        control(january(5, '12:30'), 'resume'),
      ],
    });
    expect(sentAts(twice)).toHaveLength(4);
    expect(sentAts(twice)[0]).toBe(january(5, '12:00'));
  });
});

describe('a cancel', () => {
  const cancelledAt = (at: string) =>
    runRecording({
      campaign: FOLLOW_UP,
      patients: patients(6),
      initial: optedIn(...ids(6)),
      inputs: [control(at, 'cancel')],
    });

  it('at 00:00 of startsOn comes before everything', async () => {
    const run = await cancelledAt(january(5, '00:00'));
    expect([run.report.endState, run.report.endedAt, run.ledger]).toEqual(['CANCELLED', january(5, '00:00'), []]);
    expect(run.patients.map((row) => row['outcome'])).toEqual(ids(6).map(() => 'NOT_REACHED'));
  });

  it('in the night cancels every open touch at that instant', async () => {
    const run = await cancelledAt(january(5, '22:13'));
    expect([run.report.endState, run.report.endedAt]).toEqual(['CANCELLED', january(5, '22:13')]);
    const open = run.ledger.filter((row) => row['touch'] === '1');
    expect(open.map((row) => [row['reason'], row['decidedAt']])).toEqual(
      ids(6).map(() => ['CANCELLED', january(5, '22:13')]),
    );
    expect(sentAts(run)).toHaveLength(6);
  });

  it('at the very instant of a pass comes before that pass', async () => {
    const whole = await runRecording({ patients: patients(6), initial: optedIn(...ids(6)) });
    const second = [...new Set(sentAts(whole))][1]!;
    const run = await cancelledAt(second);
    expect(sentAts(run)).toEqual(sentAts(whole).filter((at) => at < second));
    expect(
      run.ledger.filter((row) => row['reason'] === 'CANCELLED' && row['decidedAt'] === second).length,
    ).toBeGreaterThan(6);
    expect(run.ledger).toHaveLength(12);
  });

  it('while paused ends the campaign too', async () => {
    const run = await runRecording({
      patients: patients(2),
      initial: optedIn(...ids(2)),
      inputs: [control(january(5, '08:00'), 'pause'), control(january(6, '10:00'), 'cancel')],
    });
    expect([run.report.endState, run.report.endedAt, sentAts(run)]).toEqual(['CANCELLED', january(6, '10:00'), []]);
  });
});

describe('a policy change', () => {
  it('of the window counts from the next pass', async () => {
    const run = await runRecording({
      patients: patients(8),
      initial: optedIn(...ids(8)),
      inputs: [change(january(5, '09:30'), { sendWindow: { from: '13:30' } })],
    });
    const times = sentAts(run).map((at) => at.slice(11, 16));
    expect(times.filter((time) => time > '09:00' && time < '13:30')).toEqual([]);
    expect(times.filter((time) => time === '09:00').length).toBeGreaterThan(0);
    expect(times).toHaveLength(8);
  });

  it('of the caps counts from the next pass', async () => {
    const run = await runRecording({
      campaign: FOLLOW_UP,
      patients: patients(1),
      initial: optedIn('P1'),
      inputs: [change(january(6, '10:00'), { caps: { perSevenDays: 1 } })],
    });
    // Due on Thursday the 8th, but 168 hours after Monday's text is Monday the 12th, 09:00.
    expect(rowsOf(run, 'P1').map((row) => row['sentAt'])).toEqual([january(5, '09:00'), january(12, '09:00')]);
  });

  it('of the weekly threshold counts from the next wave: 0.2 of 10, then 0.7 of 10', async () => {
    const run = await runRecording({
      campaign: { weeks: 2, weeklyThreshold: 0.2 },
      patients: patients(10),
      initial: optedIn(...ids(10)),
      inputs: [change(january(5, '09:00'), { weeklyThreshold: 0.5 })],
    });
    expect(run.report.weeks.map((week) => [week.capCumulative, week.admittedCumulative])).toEqual([
      [2, 2],
      [7, 7],
    ]);
  });

  it('of the call centre counts from the next send day not yet open', async () => {
    const run = await runRecording({
      patients: patients(1),
      inputs: [change(january(6, '00:00:01'), { callCentre: { capacityPerDay: 1120, floorPerDay: 5 } })],
    });
    const budgets = run.report.days.map((day) => [day.date.slice(8), day.budget]);
    // Tuesday has opened a second before; 120 calls of headroom are 1000 texts of 0.12 calls from Wednesday on.
    expect(budgets).toEqual([
      ['05', 8333],
      ['06', 1000],
      ['07', 1000],
      ['08', 1000],
      ['09', 1000],
    ]);
    const lower = await runRecording({
      patients: patients(1),
      inputs: [change(january(6, '00:00:00'), { callCentre: { capacityPerDay: 1012, floorPerDay: 5 } })],
    });
    expect(lower.report.days.map((day) => day.budget)).toEqual([8333, 100, 100, 100, 100]);
  });

  it('of requireFreshPreferences leaves a day that is open as it was', async () => {
    const run = await runRecording({
      patients: patients(1),
      initial: optedIn('P1'),
      inputs: [change(january(5, '08:00'), { requireFreshPreferences: true })],
    });
    expect(run.report.days.map((day) => day.preferences)).toEqual([
      'NOT_REQUIRED',
      'MISSING',
      'MISSING',
      'MISSING',
      'MISSING',
    ]);
    expect(sentAts(run)).toEqual([january(5, '09:00')]);
  });

  it.each([
    ['12:00', 'TAKEN', 1],
    ['11:00', 'TAKEN', 1],
    ['10:59', 'MISSING', 0],
  ])(
    'of the deadline to %s counts from the next day not yet open: a file at 11:00 is %s',
    async (deadline, state, sent) => {
      const file = 'patientId,phone,action,effectiveAt,source\nTRAILER,0\n';
      const run = await runRecording({
        campaign: { requireFreshPreferences: true },
        // Monday is missed, the four days left share alike: one text a day.
        patients: patients(4),
        initial: optedIn(...ids(4)),
        files: { 'preferences-2026-01-06.csv': file },
        inputs: [
          change(january(5, '13:00'), { preferencesDeadline: deadline }),
          { at: january(6, '11:00'), type: 'preferences.file', file: 'preferences-2026-01-06.csv' },
        ],
      });
      expect(run.report.days.slice(0, 2).map((day) => day.preferences)).toEqual(['MISSING', state]);
      expect(run.report.days[1]!.sent).toBe(sent);
    },
  );

  it('of the adaptive touches counts from the next pass', async () => {
    const run = await runRecording({
      campaign: { postPilotWeeks: 1, adaptive: { touchesMax: 1, minDaysBetween: 5 } },
      patients: patients(20),
      initial: optedIn(...ids(20)),
      inputs: [change(january(13, '09:30'), { adaptive: { touchesMax: 0 } })],
    });
    const adaptive = run.ledger.filter((row) => row['phase'] === 'ADAPTIVE' && row['sentAt'] !== '');
    expect(adaptive.length).toBeGreaterThan(0);
    expect(adaptive.filter((row) => row['sentAt']! > january(13, '09:30')).map((row) => row['sentAt'])).toEqual([]);
  });
});

describe('timers that fire up to 0.9 s early', () => {
  const scenario = {
    campaign: { ...FOLLOW_UP, weeks: 2 },
    patients: [
      ...patients(8),
      { timeZone: 'America/Phoenix' },
      { timeZone: 'Pacific/Honolulu' },
      { timeZone: 'Asia/Kolkata' },
    ],
    initial: optedIn(...ids(11)),
    inputs: [
      control(january(6, '10:00'), 'pause'),
      control(january(8, '12:00'), 'resume'),
      { at: january(8, '15:30'), type: 'sms.reply', from: phoneOf(3), text: 'stop', replyId: 'r1' },
    ],
  };
  const minutes = (run: Run) =>
    run.ledger.map((row) => ({
      ...row,
      sentAt: row['sentAt']!.slice(0, 16),
      decidedAt: row['decidedAt']!.slice(0, 16),
    }));

  it('change nothing but seconds: nobody is texted before the minute, no pass is skipped', async () => {
    const exact = await runRecording(scenario);
    const early = await runRecording({ ...scenario, host: { earlyTimersMs: 900 } });
    expect(minutes(early)).toEqual(minutes(exact));
    expect(early.files['patients.csv']).toBe(exact.files['patients.csv']);
    expect(early.report.days).toEqual(exact.report.days);
  });
});
