/**
 * The gate and the facts of one person: asked again it says yes again, caps by day and by any 168 hours from both sides,
 * spacing, withdrawn grants, appointments whose duplicates change nothing.
 */
import {
  ask,
  book,
  changeAppointment,
  isBooked,
  prefer,
  remember,
  sentLate,
  UNKNOWN_PATIENT,
  withdraw,
  type Ask,
  type Grant,
  type Appointments,
  type PatientState,
} from '../../domain/patient';
import type { Preference } from '../../domain/consent';

const ms = (text: string) => Date.parse(text);
const OPT_IN: Preference = { status: 'OPT_IN', source: 'VENDOR', effectiveAtMs: ms('2026-01-01T00:00:00Z') };
const STOP: Preference = { status: 'OPT_OUT', source: 'REPLY', effectiveAtMs: ms('2026-01-02T00:00:00Z') };
const opted: PatientState = { ...UNKNOWN_PATIENT, preference: OPT_IN };
const question = (at: string, over: Partial<Ask> = {}): Ask => ({
  messageId: 'm1',
  nowMs: ms(at),
  timeZone: 'America/Chicago',
  sendWindow: { from: '09:00', to: '19:00' },
  caps: { perDay: 1, perSevenDays: 3 },
  spacingDays: 0,
  evidence: { preference: null, booked: false, noMobile: false },
  ...over,
});
const grant = (at: string, messageId = at): Grant => ({ messageId, atMs: ms(at), date: at.slice(0, 10) });
const verdict = (state: PatientState, asked: Ask) => {
  const { answer } = ask(state, asked);
  return answer.verdict === 'GO' ? 'GO' : answer.verdict === 'WAIT' ? answer.why : answer.reason;
};
const MORNING = '2026-01-05T15:00:00Z';

describe('the gate', () => {
  it('answers and records in one step', () => {
    const { state, answer } = ask(opted, question(MORNING));
    expect(answer).toEqual({ verdict: 'GO', preference: OPT_IN, date: '2026-01-05' });
    expect(state.grants).toEqual([{ messageId: 'm1', atMs: ms(MORNING), date: '2026-01-05', preference: OPT_IN }]);
  });

  it('says yes again to the same message, and records it once', () => {
    const first = ask(opted, question(MORNING));
    const second = ask(first.state, question(MORNING));
    expect(second.answer.verdict).toBe('GO');
    expect(second.state.grants).toEqual(first.state.grants);
    const later = ask(first.state, question('2026-01-05T15:10:00Z'));
    expect(later.state.grants).toMatchObject([{ messageId: 'm1', atMs: ms('2026-01-05T15:10:00Z') }]);
  });

  it('remembers of a yes given again the consent of then', () => {
    const first = ask(opted, question(MORNING));
    const newer = { ...OPT_IN, source: 'REPLY', effectiveAtMs: ms(MORNING) + 1000 } as const;
    const evidence = { preference: newer, booked: false, noMobile: false };
    const again = ask(first.state, question('2026-01-05T15:10:00Z', { evidence }));
    expect(again.state.grants).toMatchObject([{ messageId: 'm1', preference: newer }]);
  });

  it('keeps a grant that was given anew when late news of the first one comes', () => {
    const first = ask(opted, question(MORNING));
    const again = ask(first.state, question('2026-01-05T15:10:00Z')).state;
    const news = { messageId: 'm1', atMs: ms('2026-01-05T15:05:00Z') };
    expect(withdraw(again, news)).toEqual(again);
    expect(sentLate(again, news)).toEqual(again);
    expect(withdraw(first.state, news).grants).toEqual([]);
    expect(sentLate(first.state, news).grants).toMatchObject([news]);
  });

  it('does not give two askers a yes each', () => {
    const first = ask(opted, question(MORNING));
    expect(verdict(first.state, question(MORNING, { messageId: 'm2' }))).toBe('CAP');
  });

  it.each<[string, PatientState, Partial<Ask>, string]>([
    ['unknown preference is not consent', UNKNOWN_PATIENT, {}, 'NO_CONSENT'],
    [
      'consent brought as evidence is enough',
      UNKNOWN_PATIENT,
      { evidence: { preference: OPT_IN, booked: false, noMobile: false } },
      'GO',
    ],
    [
      'a STOP known here beats older evidence',
      { ...opted, preference: STOP },
      { evidence: { preference: OPT_IN, booked: false, noMobile: false } },
      'OPTED_OUT',
    ],
    [
      'a STOP brought as evidence beats older consent here',
      opted,
      { evidence: { preference: STOP, booked: false, noMobile: false } },
      'OPTED_OUT',
    ],
    ['booked, by evidence', opted, { evidence: { preference: null, booked: true, noMobile: false } }, 'BOOKED'],
    ['no mobile, by evidence', opted, { evidence: { preference: null, booked: false, noMobile: true } }, 'NO_MOBILE'],
    ['booked, as known here', book(opted, ms('2026-01-04T00:00:00Z')), {}, 'BOOKED'],
    [
      'booked here after what the asker knows',
      book(opted, ms('2026-01-04T00:00:00Z')),
      { evidence: { preference: null, booked: false, bookingAtMs: ms('2026-01-03T23:59:59Z'), noMobile: false } },
      'BOOKED',
    ],
    [
      'cancelled, as the asker knows better',
      book(opted, ms('2026-01-04T00:00:00Z')),
      { evidence: { preference: null, booked: false, bookingAtMs: ms('2026-01-04T00:00:01Z'), noMobile: false } },
      'GO',
    ],
  ])('%s', (_, state, over, expected) => {
    expect(verdict(state, question(MORNING, over))).toBe(expected);
  });

  it.each([
    ['08:59:59.400', '2026-01-05T14:59:59.400Z', 'HOURS'],
    ['09:00:00', '2026-01-05T15:00:00Z', 'GO'],
    ['18:59:59.999', '2026-01-06T00:59:59.999Z', 'GO'],
    ['19:00:00', '2026-01-06T01:00:00Z', 'HOURS'],
    ['09:00 on the morning after the clocks went forward', '2026-03-08T14:00:00Z', 'GO'],
    ['08:59 on that morning', '2026-03-08T13:59:59Z', 'HOURS'],
    ['09:00 on the morning after the clocks went back', '2026-11-01T15:00:00Z', 'GO'],
    ['08:59 on that morning', '2026-11-01T14:59:59Z', 'HOURS'],
  ])('at %s local time', (_, at, expected) => {
    expect(verdict(opted, question(at))).toBe(expected);
  });

  it('caps the texts of a local day, not of 24 hours', () => {
    const evening = { ...opted, grants: [grant('2026-01-05T23:00:00Z')] };
    expect(verdict(evening, question('2026-01-06T00:30:00Z'))).toBe('CAP');
    expect(verdict(evening, question('2026-01-06T15:00:00Z'))).toBe('GO');
    expect(verdict(evening, question('2026-01-06T00:30:00Z', { caps: { perDay: 2, perSevenDays: 3 } }))).toBe('GO');
  });

  it('caps the texts of any 168 hours: a text exactly 168 h old no longer counts', () => {
    const week = {
      ...opted,
      grants: ['2026-01-05T16:00:00Z', '2026-01-07T16:00:00Z', '2026-01-09T16:00:00Z'].map((at) => grant(at)),
    };
    expect(verdict(week, question('2026-01-12T15:59:59.999Z'))).toBe('CAP');
    expect(verdict(week, question('2026-01-12T16:00:00.000Z'))).toBe('GO');
    expect(verdict({ ...week, grants: week.grants.slice(1) }, question('2026-01-12T15:59:59Z'))).toBe('GO');
  });

  it.each([
    ['the next date', '2026-01-06T15:00:00Z', 2, 'SPACING'],
    ['two dates later', '2026-01-07T15:00:00Z', 2, 'GO'],
    ['four dates later, five wanted', '2026-01-09T15:00:00Z', 5, 'SPACING'],
    ['five dates later, five wanted', '2026-01-10T15:00:00Z', 5, 'GO'],
  ])('keeps its distance: %s', (_, at, spacingDays, expected) => {
    const late = { ...opted, grants: [grant('2026-01-05T23:59:00Z')] };
    expect(verdict(late, question(at, { spacingDays }))).toBe(expected);
  });

  it('forgets what was granted but did not leave', () => {
    const { state } = ask(opted, question(MORNING));
    expect(withdraw(state, 'm1').grants).toEqual([]);
    expect(withdraw(state, 'other').grants).toHaveLength(1);
    expect(verdict(withdraw(state, 'm1'), question(MORNING, { messageId: 'm2' }))).toBe('GO');
  });

  it('counts texts of before this system knew the person, once', () => {
    const once = remember(opted, grant('2026-01-05T14:30:00Z', 'initial'));
    expect(remember(once, grant('2026-01-05T14:30:00Z', 'initial')).grants).toHaveLength(1);
    expect(verdict(once, question(MORNING))).toBe('CAP');
  });

  it('keeps the merged preference', () => {
    expect(
      ask(opted, question(MORNING, { evidence: { preference: STOP, booked: false, noMobile: false } })).state
        .preference,
    ).toEqual(STOP);
    expect(prefer({ ...opted, preference: STOP }, OPT_IN).preference).toEqual(STOP);
  });

  it('keeps its memory short: of hundreds of texts the last forty and those of seven days', () => {
    let state = opted;
    for (let n = 0; n < 120; n += 1) {
      const at = new Date(ms('2026-01-05T15:00:00Z') + n * 86_400_000).toISOString();
      state = ask(state, question(at, { messageId: `m${n}`, caps: { perDay: 9, perSevenDays: 9 } })).state;
    }
    expect(state.grants.length).toBeLessThanOrEqual(47);
    expect(state.grants.at(-1)?.messageId).toBe('m119');
  });
});

describe('appointments', () => {
  const nobody: Appointments = { appointments: {}, attendedAtMs: null };
  const booked = changeAppointment(nobody, {
    kind: 'booked',
    appointmentId: 'a1',
    startsAt: '2026-01-20T09:00:00-06:00',
  });
  const change = (kind: 'cancelled' | 'attended' | 'missed', state = booked) =>
    changeAppointment(state, { kind, appointmentId: 'a1', atMs: 1000 });

  it.each([
    ['booked', booked, true],
    ['cancelled', change('cancelled'), false],
    ['missed', change('missed'), false],
    ['attended: never again', change('attended'), true],
    ['attended, then cancelled: still never again', change('cancelled', change('attended')), true],
  ])('%s', (_, state, stands) => {
    expect(isBooked(state)).toBe(stands);
  });

  it('a visit attended counts only for who asks about the time since', () => {
    const attended = change('attended');
    expect([isBooked(attended, 1000), isBooked(attended, 1001)]).toEqual([true, false]);
    expect(isBooked(change('cancelled', attended), 1000)).toBe(true);
  });

  it('booked for another time is the same appointment, moved: it stands, also after a cancel', () => {
    const move = (startsAt: string) =>
      changeAppointment(change('cancelled'), { kind: 'booked', appointmentId: 'a1', startsAt });
    expect(isBooked(move('2026-01-21T09:00:00-06:00'))).toBe(true);
    // The same instant, written otherwise, is no other time.
    expect(isBooked(move('2026-01-20T15:00:00Z'))).toBe(false);
  });

  it.each(['toString', 'constructor', 'hasOwnProperty'])('one called %s is as unknown as any', (appointmentId) => {
    expect(changeAppointment(booked, { kind: 'missed', appointmentId })).toBe(booked);
    const startsAt = '2026-01-20T09:00:00-06:00';
    expect(isBooked(changeAppointment(nobody, { kind: 'booked', appointmentId, startsAt }))).toBe(true);
  });

  it('one of two stands', () => {
    const two = changeAppointment(booked, { kind: 'booked', appointmentId: 'a2', startsAt: 'x' });
    expect(isBooked(change('cancelled', two))).toBe(true);
  });

  it('duplicates and unknown ones change nothing, not even the object', () => {
    expect(
      changeAppointment(booked, { kind: 'booked', appointmentId: 'a1', startsAt: '2026-01-20T09:00:00-06:00' }),
    ).toBe(booked);
    expect(change('cancelled', change('cancelled'))).toEqual(change('cancelled'));
    expect(changeAppointment(booked, { kind: 'missed', appointmentId: 'zz' })).toBe(booked);
    const revived = changeAppointment(change('cancelled'), {
      kind: 'booked',
      appointmentId: 'a1',
      startsAt: '2026-01-20T09:00:00-06:00',
    });
    expect(isBooked(revived)).toBe(false);
  });
});
