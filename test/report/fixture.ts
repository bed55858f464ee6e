/**
 * A plausible report of five pilot and four adaptive weeks, made from a small seeded generator: for the tests of
 * `report/` and for looking at the page. Nothing here follows the campaign's rules exactly; the real thing does.
 */
import { addDays, DAY_MS, dayOfWeek, HOUR_MS, isoInZone, startOfDate } from '../../domain/calendar';
import { evaluate } from '../../domain/evaluation';
import { parseCampaign } from '../../domain/policy';
import type {
  BookingFact,
  DayReport,
  Incident,
  Outcome,
  PatientOutcome,
  Report,
  WeekReport,
  WorklistRow,
} from '../../domain/report';

export interface FixtureOptions {
  readonly patients?: number;
  readonly weeks?: number;
  readonly postPilotWeeks?: number;
  readonly campaignId?: string;
}

const ZONE = 'America/Chicago';
const STARTS_ON = '2026-01-05';

/** Park-Miller; in [0, 1). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

export function buildReport(options: FixtureOptions = {}): Report {
  const { patients: accepted = 991, weeks = 5, postPilotWeeks = 4, campaignId = 'pilot-2026' } = options;
  const random = randomOf(7);
  const policy = parseCampaign({
    campaignId,
    startsOn: STARTS_ON,
    weeks,
    postPilotWeeks,
    weeklyThreshold: Math.max(0.2, 1 / weeks),
  });
  const people = Array.from({ length: accepted }, (_, i) => person(i, accepted, weeks, postPilotWeeks, random));
  const bookings = people.flatMap(({ booking }) => booking ?? []).sort((a, b) => a.bookedAtMs - b.bookedAtMs);
  const patients = people.map(({ patient }) => patient);
  const weekReports = Array.from({ length: weeks }, (_, i) => weekReport(i + 1, weeks, patients, bookings));
  const days = Array.from({ length: 7 * (weeks + postPilotWeeks) }, (_, i) => addDays(STARTS_ON, i))
    .filter((date) => ![0, 6].includes(dayOfWeek(date)))
    .map((date, i) => dayReport(date, i, random));
  const endsOn = addDays(STARTS_ON, 7 * (weeks + postPilotWeeks) - 1);
  const outcomes: Partial<Record<Outcome, number>> = {};
  for (const { outcome } of patients) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  return {
    campaignId,
    seed: 1,
    startedAt: isoInZone(startOfDate(STARTS_ON, ZONE), ZONE),
    endedAt: isoInZone(startOfDate(addDays(endsOn, 1), ZONE), ZONE),
    endState: 'COMPLETED',
    policy,
    roster: { rows: accepted + 9, accepted, quarantined: 9 },
    weeks: weekReports,
    days,
    outcomes,
    incidents: incidents(days),
    evaluation: evaluate({
      patients,
      bookings,
      weeks: weekReports,
      days,
      texted: new Set(patients.filter(({ touchesSent }) => touchesSent > 0).map(({ patientId }) => patientId)),
      eligibleAtStart: new Set(patients.filter((p) => p.preference !== 'UNKNOWN').map(({ patientId }) => patientId)),
      capacityPerDay: policy.callCentre.capacityPerDay,
      zone: ZONE,
      startsOn: STARTS_ON,
      endsOn,
    }),
    runtime: { instances: 412, historyEvents: 48210, replays: 9120, storageOperations: 61877 },
  };
}

function person(i: number, of: number, weeks: number, postPilotWeeks: number, random: () => number) {
  const score = Math.max(0, Math.round(95 - (i / of) * 80));
  const tier: 1 | 2 | 3 = score >= 78 ? 1 : score >= 45 ? 2 : 3;
  const preference = random() < 0.03 ? 'UNKNOWN' : random() < 0.05 ? 'OPT_OUT' : 'OPT_IN';
  const outOfOrder = Math.min(of - 1, Math.floor(i + random() * of * 0.25));
  const wave = preference === 'OPT_IN' || random() < 0.4 ? 1 + Math.floor((outOfOrder / of) * weeks) : null;
  const patientId = `P${String(10001 + i)}`;
  const from = wave === null ? 0 : 7 * (wave - 1);
  const books = random() < (wave === null ? 0.05 : tier === 1 ? 0.42 : tier === 2 ? 0.34 : 0.24);
  const day = from + Math.floor(random() ** 2 * (7 * (weeks + postPilotWeeks) - from));
  const channels = ['phone', 'phone', 'link', 'link', 'reply', 'other'] as const;
  const booking: BookingFact | null = books
    ? {
        patientId,
        tier,
        bookedAtMs: startOfDate(STARTS_ON, ZONE) + day * DAY_MS + (9 + random() * 9) * HOUR_MS,
        channel: channels[Math.floor(random() * channels.length)]!,
      }
    : null;
  const attended = books && day < 50 && random() < 0.74;
  const missed = books && !attended && day < 50;
  const outcome: Outcome = attended
    ? 'ATTENDED'
    : missed
      ? 'MISSED'
      : books
        ? 'BOOKED'
        : preference === 'OPT_OUT'
          ? 'OPTED_OUT'
          : preference === 'UNKNOWN'
            ? 'NO_CONSENT'
            : wave === null
              ? 'NOT_REACHED'
              : random() < 0.03
                ? 'UNREACHABLE'
                : tier === 1 && random() < 0.6
                  ? 'HANDED_TO_CALL'
                  : 'NO_RESPONSE';
  const patient: PatientOutcome = {
    patientId,
    tier,
    category: random() < 0.3 ? 'VIP' : 'SERIOUS',
    score,
    band: Math.floor(score / 10),
    rank: i + 1,
    wave,
    touchesSent: wave === null ? 0 : books ? 1 + Math.floor(random() * 2) : 3 + Math.floor(random() * 3),
    preference: wave === null && preference === 'OPT_IN' ? 'UNKNOWN' : preference,
    booked: books && !missed,
    attended,
    outcome,
  };
  return { patient, booking };
}

function weekReport(
  week: number,
  weeks: number,
  patients: readonly PatientOutcome[],
  bookings: readonly BookingFact[],
): WeekReport {
  const startMs = startOfDate(addDays(STARTS_ON, 7 * (week - 1)), ZONE);
  const endMs = startOfDate(addDays(STARTS_ON, 7 * week), ZONE);
  const admitted = patients.filter(({ wave }) => wave !== null && wave <= week).length;
  const eligible = Math.round(patients.length * 0.94);
  const carriedOver = week === 3 ? 21 : week === 1 ? 6 : 0;
  return {
    week,
    startsAt: isoInZone(startMs, ZONE),
    eligible,
    capCumulative: Math.max(admitted, Math.ceil((eligible * week) / weeks)),
    wave: week,
    admittedCumulative: admitted,
    textedCumulative: admitted - carriedOver,
    booked: bookings.filter(({ bookedAtMs }) => bookedAtMs >= startMs && bookedAtMs < endMs).length,
    optedOut: 2 + (week % 3),
    carriedOver,
  };
}

function dayReport(date: string, i: number, random: () => number): DayReport {
  const forecastCalls = { 1: 130, 2: 105, 3: 100, 4: 100, 5: 95 }[dayOfWeek(date)]!;
  const preferences = i === 7 ? 'MISSING' : i === 18 ? 'REFUSED' : 'TAKEN';
  const opened = preferences === 'TAKEN';
  const callRate = 0.12 + 0.04 * Math.sin(i / 6) + 0.01 * random();
  const budget = opened ? Math.max(5, Math.floor((145 - forecastCalls) / callRate)) : 0;
  const sent = opened ? Math.floor(budget * (i < 25 ? 0.55 + 0.4 * random() : 0.15 + 0.1 * random())) : 0;
  const offered = Math.round(forecastCalls + sent * callRate + (random() - 0.5) * 22);
  const halvings = opened && random() < 0.16 ? 1 + Math.floor(random() * 2) : 0;
  const refused = {
    BOOKED: Math.floor(random() * 6),
    OPTED_OUT: Math.floor(random() * 3),
    NO_CONSENT: i % 11 === 0 ? 2 : 0,
    EXPIRED: i === 24 ? 9 : 0,
    NO_MOBILE: i % 7 === 0 ? 3 : 0,
  };
  const rate = Math.round(callRate * 1e4) / 1e4;
  const abandoned = Math.round(offered * 0.04 * random());
  return { date, preferences, forecastCalls, callRate: rate, budget, sent, refused, halvings, offered, abandoned };
}

function incidents(days: readonly DayReport[]): Incident[] {
  const bad = days.filter(({ preferences }) => preferences !== 'TAKEN');
  return [
    ...bad.map(({ date, preferences }) => ({
      at: isoInZone(startOfDate(date, ZONE) + 12 * HOUR_MS, ZONE),
      type: preferences === 'MISSING' ? 'PREFERENCES_FILE_MISSING' : 'PREFERENCES_FILE_REFUSED',
      detail: `preferences-${date}.csv: ${preferences === 'MISSING' ? 'none by 12:00' : 'trailer says 991, 640 rows came'}`,
    })),
    { at: '2026-02-03T11:20:14-06:00', type: 'UNKNOWN_EVENT', detail: 'appointment.cancelled for appointment A-99321' },
  ].sort((a, b) => (a.at < b.at ? -1 : 1));
}

export function buildWorklist(rows = 63): WorklistRow[] {
  const random = randomOf(11);
  return Array.from({ length: rows }, (_, i) => ({
    patientId: `P${String(10001 + Math.floor(random() * 990))}`,
    tier: (['CRITICAL', 'INBOX'][i % 2] === 'CRITICAL' ? 1 : 1 + Math.floor(random() * 3)) as 1 | 2 | 3,
    reason: i % 2 === 0 ? 'CRITICAL_NO_RESPONSE' : i % 21 === 1 ? 'SEND_UNKNOWN' : 'INBOX',
    since: isoInZone(startOfDate(addDays(STARTS_ON, Math.floor((i / rows) * 62)), ZONE) + (i % 9) * HOUR_MS, ZONE),
  }));
}
