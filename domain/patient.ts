/**
 * The person behind `@patient@<patientId>`: preference, bookings and every text granted, of all campaigns, and the gate
 * that is asked last before a text leaves (design.md, "Gate"). `ask` answers and records in one step, so that two askers
 * cannot both get a yes; asked again soon for a message already granted, it says yes again, and the ledger and the
 * carrier refuse the second sending. Evidence that the asker brings is merged, never trusted over what is newer here.
 */
import { DAY_MS, daysBetween, localDate, localMinutes, MINUTE_MS, minutesOfDay } from './calendar';
import { newerPreference, type KnownPreference, type Preference } from './consent';
import { reasonAgainst, type Known, type SentText } from './outreach';
import type { Caps, SendWindow } from './policy';
import type { RefusalReason } from './report';

export const SEVEN_DAYS_MS = 7 * DAY_MS;
/** Asked again within this time, it is the same asking, cut off before its answer was used. */
const GRANT_STANDS_MS = 30 * MINUTE_MS;
/** Grants kept beyond the seven days that caps look at: as the memory of what was already granted. */
const GRANTS_KEPT = 40;

export interface Appointment {
  readonly status: 'BOOKED' | 'CANCELLED' | 'ATTENDED' | 'MISSED';
  readonly startsAt: string;
  /** Instant of the latest event that counted, epoch ms; absent where none was told, and in what earlier releases wrote. */
  readonly changedAtMs?: number;
}

export interface Grant extends SentText {
  readonly messageId: string;
  /** The consent that it was given under; absent in grants of the first release. */
  readonly preference?: Preference;
}

/** A text that left later than it was granted; with the consent of then, where it is an opt-in. */
export type LateGrant = Pick<Grant, 'messageId' | 'atMs' | 'preference'>;

/** What a person's appointments come to. */
export interface Appointments {
  readonly appointments: Readonly<Record<string, Appointment>>;
  /** When the last visit was reported as attended; null: none was. For good. */
  readonly attendedAtMs: number | null;
  /** What was told of appointments before they were booked, the latest few; absent: nothing. */
  readonly early?: Readonly<Record<string, EarlyChange>>;
}

export interface EarlyChange {
  readonly kind: 'cancelled' | 'attended' | 'missed';
  readonly atMs: number;
}

/** Appointments of which `early` is remembered: ids come from outside, and a row is small. */
const EARLY_MAX = 10;

/** Whether a booking stands (or a visit was attended), as of the instant it was last told to change. */
export interface Booking {
  readonly standing: boolean;
  readonly atMs: number;
}

export interface PatientState {
  readonly preference: KnownPreference;
  readonly booking: Booking | null;
  readonly grants: readonly Grant[];
}

export const UNKNOWN_PATIENT: PatientState = { preference: null, booking: null, grants: [] };

/** Raised with the shape of `PatientState`; absent in what version 1 stored. */
export const PATIENT_SCHEMA = 1;

/**
 * The state as stored, upgraded to today's shape (docs/adr/0007). Throws for one that a newer release wrote: after a
 * rollback it is safer to fail than to guess.
 */
export function patientStateOf(stored: (PatientState & { readonly v?: number }) | undefined | null): PatientState {
  if (stored === undefined || stored === null) return UNKNOWN_PATIENT;
  const version = stored.v ?? 1;
  if (version > PATIENT_SCHEMA)
    throw new RangeError(
      `a patient of schema version ${version}, expected at most ${PATIENT_SCHEMA}: a newer release wrote it`,
    );
  return stored;
}

export interface Ask {
  readonly messageId: string;
  readonly nowMs: number;
  readonly timeZone: string;
  readonly sendWindow: SendWindow;
  readonly caps: Caps;
  /** Local dates that must lie between this text and the one before. */
  readonly spacingDays: number;
  readonly evidence: Known;
}

export type Answer =
  | { readonly verdict: 'GO'; readonly preference: Preference; readonly date: string }
  | { readonly verdict: 'REFUSED'; readonly reason: RefusalReason; readonly preference: KnownPreference }
  | { readonly verdict: 'WAIT'; readonly why: 'HOURS' | 'CAP' | 'SPACING' };

/** `atMs` absent: nobody said when. */
export type AppointmentChange =
  | { readonly kind: 'booked'; readonly appointmentId: string; readonly startsAt: string; readonly atMs?: number }
  | { readonly kind: 'cancelled' | 'missed'; readonly appointmentId: string; readonly atMs?: number }
  | { readonly kind: 'attended'; readonly appointmentId: string; readonly atMs: number };

/** The gate. Returns the answer and the state that remembers it. */
export function ask(state: PatientState, question: Ask): { state: PatientState; answer: Answer } {
  const { evidence, nowMs } = question;
  const preference =
    evidence.preference === null ? state.preference : newerPreference(state.preference, evidence.preference);
  const told: Booking = { standing: evidence.booked, atMs: evidence.bookingAtMs ?? 0 };
  // Told here at once when it was made: what the asker gathered may be older than that.
  const booking = state.booking !== null && state.booking.atMs > told.atMs ? state.booking : told;
  const known: PatientState = { ...state, preference, booking };
  const date = localDate(nowMs, question.timeZone);
  const before = state.grants.find((grant) => grant.messageId === question.messageId);
  if (before && nowMs - before.atMs < GRANT_STANDS_MS && preference !== null) {
    // As of now, so that news of the first asking, which may come late, does not take this one back.
    const consent = preference.status === 'OPT_IN' ? { preference } : {};
    const grants = state.grants.map((grant) =>
      grant === before ? { ...grant, atMs: nowMs, date, ...consent } : grant,
    );
    return { state: { ...known, grants }, answer: { verdict: 'GO', preference, date } };
  }
  const reason = reasonAgainst({ preference, booked: booking.standing, noMobile: evidence.noMobile });
  if (reason !== null) return { state: known, answer: { verdict: 'REFUSED', reason, preference } };
  // A grant whose text never left does not stand in its own way.
  const others = before ? state.grants.filter((grant) => grant !== before) : state.grants;
  const why = reasonToWait(others, question, date);
  if (why !== null || preference === null) return { state: known, answer: { verdict: 'WAIT', why: why ?? 'HOURS' } };
  const grants = prune([...others, { messageId: question.messageId, atMs: nowMs, date, preference }], nowMs);
  return { state: { ...known, grants }, answer: { verdict: 'GO', preference, date } };
}

/** Hours, caps and spacing: reasons to wait, never to refuse (formats.md, rules 4, 5, 7). */
export function reasonToWait(
  texts: readonly SentText[],
  question: Pick<Ask, 'nowMs' | 'timeZone' | 'sendWindow' | 'caps' | 'spacingDays'>,
  date: string,
): 'HOURS' | 'CAP' | 'SPACING' | null {
  const { nowMs, timeZone, sendWindow, caps, spacingDays } = question;
  const minutes = localMinutes(nowMs, timeZone);
  if (minutes < minutesOfDay(sendWindow.from) || minutes >= minutesOfDay(sendWindow.to)) return 'HOURS';
  const today = texts.filter((text) => text.date === date).length;
  const sevenDays = texts.filter((text) => nowMs - text.atMs < SEVEN_DAYS_MS).length;
  if (today >= caps.perDay || sevenDays >= caps.perSevenDays) return 'CAP';
  const last = texts.reduce((newest, text) => (text.date > newest ? text.date : newest), '');
  return last !== '' && daysBetween(last, date) < spacingDays ? 'SPACING' : null;
}

/** A text granted at or before `atMs` did not leave (paused, out of hours, refused by then); a string: of the first release. */
export type Withdrawal = { readonly messageId: string; readonly atMs: number } | string;

/** It must not count, nor stand in the way of others. A grant of the same text made since stands. */
export function withdraw(state: PatientState, withdrawal: Withdrawal): PatientState {
  const { messageId, atMs } = typeof withdrawal === 'string' ? { messageId: withdrawal, atMs: Infinity } : withdrawal;
  return { ...state, grants: state.grants.filter((grant) => grant.messageId !== messageId || grant.atMs > atMs) };
}

/** The granted text left later than it was granted; one that was granted anew since is not meant. */
export function sentLate(state: PatientState, late: LateGrant): PatientState {
  const isMeant = (grant: Grant) => grant.messageId === late.messageId && grant.atMs <= late.atMs;
  return { ...state, grants: state.grants.map((grant) => (isMeant(grant) ? { ...grant, ...late } : grant)) };
}

/** A booking was made. */
export function book(state: PatientState, atMs: number): PatientState {
  return state.booking !== null && state.booking.atMs > atMs ? state : { ...state, booking: { standing: true, atMs } };
}

export function prefer(state: PatientState, preference: Preference): PatientState {
  return { ...state, preference: newerPreference(state.preference, preference) };
}

/** A text sent before this system knew the person (initial.jsonl). */
export function remember(state: PatientState, grant: Grant): PatientState {
  return state.grants.some((known) => known.messageId === grant.messageId)
    ? state
    : { ...state, grants: [...state.grants, grant] };
}

/**
 * A duplicate changes nothing: a late "booked" does not revive what was cancelled, unless the visit was moved to another
 * time. Events may come out of order: one that is older than the appointment's last change has been overtaken, and of two
 * of one instant the order of arrival decides. `attended` is for good. Of an appointment not booked yet only what is later
 * than its booking counts, once that comes.
 */
export function changeAppointment<S extends Appointments>(state: S, change: AppointmentChange): S {
  const { appointmentId, atMs } = change;
  const known = appointmentOf(state, appointmentId);
  const when = atMs === undefined ? {} : { changedAtMs: atMs };
  const isOvertaken = atMs !== undefined && atMs < (known?.changedAtMs ?? -Infinity);
  if (change.kind === 'booked') {
    const { startsAt } = change;
    if (known && (isOvertaken || Date.parse(known.startsAt) === Date.parse(startsAt))) return state;
    const booked = withAppointment(state, appointmentId, { status: 'BOOKED', startsAt, ...when });
    return known ? booked : withEarly(booked, appointmentId, atMs);
  }
  if (known === undefined) return rememberEarly(state, change);
  if (isOvertaken) return change.kind === 'attended' ? withAttended(state, change.atMs) : state;
  const status = ({ cancelled: 'CANCELLED', attended: 'ATTENDED', missed: 'MISSED' } as const)[change.kind];
  const isSame = known.status === status;
  // Said again later it is still the last word: what was told in between and comes only now is overtaken.
  if (isSame && (atMs ?? -Infinity) <= (known.changedAtMs ?? Infinity)) return state;
  const changed = withAppointment(state, appointmentId, { ...known, status, ...when });
  return change.kind === 'attended' && !isSame ? withAttended(changed, change.atMs) : changed;
}

function withAttended<S extends Appointments>(state: S, atMs: number): S {
  return atMs > (state.attendedAtMs ?? -Infinity) ? { ...state, attendedAtMs: atMs } : state;
}

function rememberEarly<S extends Appointments>(state: S, change: Exclude<AppointmentChange, { kind: 'booked' }>): S {
  const { appointmentId, kind, atMs } = change;
  const others = Object.entries(state.early ?? {}).filter(([id]) => id !== appointmentId);
  const before = earlyOf(state, appointmentId);
  if (atMs === undefined || (before && before.atMs >= atMs)) return state;
  const latest = [...others, [appointmentId, { kind, atMs }] as const].sort(([, a], [, b]) => b.atMs - a.atMs);
  return { ...state, early: Object.fromEntries(latest.slice(0, EARLY_MAX)) };
}

/** What was told before the booking came, and happened after it. */
function withEarly<S extends Appointments>(state: S, appointmentId: string, bookedAtMs = Infinity): S {
  const early = earlyOf(state, appointmentId);
  return early && early.atMs > bookedAtMs ? changeAppointment(state, { ...early, appointmentId }) : state;
}

export function earlyOf({ early = {} }: Appointments, id: string): EarlyChange | undefined {
  return Object.hasOwn(early, id) ? early[id] : undefined;
}

/** Ids come from outside: one may be called as something that every object has. */
export function appointmentOf(state: Appointments, id: string): Appointment | undefined {
  return Object.hasOwn(state.appointments, id) ? state.appointments[id] : undefined;
}

/**
 * A booking stands until cancelled or missed; after a visit was attended nothing more is needed. `sinceMs`: the start of
 * the campaign that asks; a visit attended before it is none of its business (formats.md, rule 7).
 */
export function isBooked(state: Appointments, sinceMs = -Infinity): boolean {
  return hasBooking(state) || hasAttended(state, sinceMs);
}

export function hasBooking(state: Appointments): boolean {
  return Object.values(state.appointments).some(({ status }) => status === 'BOOKED');
}

export function hasAttended(state: Pick<Appointments, 'attendedAtMs'>, sinceMs: number): boolean {
  return state.attendedAtMs !== null && state.attendedAtMs >= sinceMs;
}

function withAppointment<S extends Appointments>(state: S, id: string, appointment: Appointment): S {
  return { ...state, appointments: { ...state.appointments, [id]: appointment } };
}

function prune(grants: readonly Grant[], nowMs: number): Grant[] {
  return grants.filter((grant, i) => nowMs - grant.atMs < SEVEN_DAYS_MS || i >= grants.length - GRANTS_KEPT);
}
