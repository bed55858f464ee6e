/**
 * What the oracle says of a run with faults that is no defect: something came a little later than without them. Never
 * who is texted, whether, or how often: a text that could have gone on several days and never went counts.
 */
import { parse } from 'csv-parse/sync';
import { HOUR_MS, localDate, MINUTE_MS, SECOND_MS } from '../../domain/calendar';
import type { Input } from '../../domain/input';
import type { Campaign } from '../../domain/policy';
import type { Report } from '../../domain/report';
import { endsAtMs, weekStartDate } from '../../domain/schedule';
import type { HeldUp, HeldUpInput } from '../../simulator/faults/bus';
import type { Violation } from '../oracle/check';

/** Liveness: what could have been done and was not, or a little later than without faults. */
const LATE = /left open|: not refused .* at the pass of|fell into no share|adaptive text to .* could go from/;

/** An answer may be held up in the queue; that there is one, and only one, still counts. */
const LATE_ANSWER = /sent \d+ s after the reply/;

/** On a shared number the answer is booked to the one last texted: of a text held up in the queue, that can be said either way. */
const OTHER_PATIENT = /answer \S+ \(\w+\) to \S+: expected P\d+( or P\d+)*$/;
/** Of a recording: a receipt for a text that was ordered and held up, and that the recording knows nothing of. */
const EARLY_RECEIPT = /no UNKNOWN_EVENT .*receipt/;

const ANSWER_TOO_MANY = /^answer Rambush-\d+ \(STOP_CONFIRM\) to (\S+) on \S+: no such reply calls for an answer$/;
const UNANSWERED = /^reply (\S+) is not answered by /;
const ANOTHER_ANSWER = /^answer R(\S+) \(\w+\) to \S+: expected [A-Z_]+$/;
const LEDGER_LINE = /^ledger\.csv line (\d+) /;
const INSTANTS = /\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)/g;
const NOTHING_LEFT = /^days (\S+): (\S+) of tier \d sent at .* when nothing was left$/;
/** Whom a wave holds is fixed when the first day of its week opens. */
const OF_A_WAVE = /^(?:wave (\d+) must not hold \S+$|weeks\[(\d+)\]\.)/;
/** What follows from what is known of a patient, a number or a message: an input that nobody could know of yet matters. */
const BY_KNOWLEDGE = new Set(['1', '2', '3', '5', '7', '8', '13', 'incident', 'report', 'worklist']);
/** Of the queue that holds orders (infra/servicebus.config.json). */
const ORDER_LIVES_MS = HOUR_MS;
/** What was cut off is tried again within this time. */
const RETRIED_MS = 5 * MINUTE_MS;
const LEFT_OPEN = /^(\S+) touch (\d+): due .*, could be sent from .* to the end of (\S+), left open$/;
const NO_SHARE = /^(\S+) touch (0) of wave \d+ fell into no share up to (\S+), the last send day/;
/** A campaign that is held up gets to everybody within so many open days with room to spare. */
const OPEN_DAYS_MAX = 2;
/** A day that sent less than this share of its budget had room to spare. */
const ROOM_SHARE = 0.8;

/** What a run gave. */
export interface Given {
  /** By name. */
  readonly outputs: Readonly<Record<string, string>>;
  /** inputs.jsonl, with those that the faults added. */
  readonly inputs: string;
  readonly rosterCsv: string;
  readonly campaign: Campaign;
  readonly heldUp: HeldUp;
  /** Of the world and of the host. */
  readonly faults: readonly { readonly atMs: number }[];
}

export function isOnlyLate(violation: Violation, given: Given): boolean {
  const { rule, detail } = violation;
  if (neverWent(detail, given)) return false;
  if (isUnknowable(violation, given)) return true;
  if (rule === 'incident') return EARLY_RECEIPT.test(detail);
  if (rule === '5') return LATE_ANSWER.test(detail);
  if (rule === '10') return isChosenBefore(detail, given);
  if (rule === '13')
    return OTHER_PATIENT.test(detail) || isAnswerBeforeReceipt(detail, given.outputs) || isOverdue(detail, given);
  return (rule === '8' || rule === '7') && LATE.test(detail);
}

/** The calls went badly between the pass that chose the text and its leaving, which was held up or tried again. */
function isChosenBefore(detail: string, { outputs, inputs, heldUp, faults }: Given): boolean {
  const [, date, messageId] = NOTHING_LEFT.exec(detail) ?? [];
  if (date === undefined) return false;
  const rows = ledgerOf(outputs).filter(({ sentAt, phase }) => sentAt !== '' && phase !== 'REPLY');
  const judgedAtMs = inputsOf(inputs)
    .filter(({ type }) => type === 'call.interval')
    .map(({ at }) => Date.parse(at));
  const isJudgedWithin = (fromMs: number, untilMs: number) =>
    judgedAtMs.some((atMs) => atMs >= fromMs && atMs < untilMs);
  const isDelayed = (row: LedgerLine) => {
    const sentMs = Date.parse(row.sentAt);
    if (heldUp.orders.includes(row.messageId) && isJudgedWithin(sentMs - ORDER_LIVES_MS, sentMs)) return true;
    const isCutOff = faults.some(({ atMs }) => atMs > sentMs - RETRIED_MS && atMs < sentMs + SECOND_MS);
    return isCutOff && isJudgedWithin(sentMs - RETRIED_MS, sentMs);
  };
  const text = rows.find((row) => row.messageId === messageId);
  // Or another text of the day was, which left less for this one.
  return (
    text !== undefined && rows.some((row) => row.sentAt.startsWith(date) && row.sentAt <= text.sentAt && isDelayed(row))
  );
}

/** Of a number that takes no texts, as a receipt said that was held up: a STOP from it came first. */
function isAnswerBeforeReceipt(detail: string, outputs: Readonly<Record<string, string>>): boolean {
  const [, patientId] = ANSWER_TOO_MANY.exec(detail) ?? [];
  return ledgerOf(outputs).some((row) => row.patientId === patientId && row.status === 'UNDELIVERED');
}

/** It was decided while an input about the same patient, that says otherwise, was held up. */
function isUnknowable({ rule, detail }: Violation, given: Given): boolean {
  const { outputs, heldUp, campaign } = given;
  if (heldUp.inputs.length === 0 || !BY_KNOWLEDGE.has(rule)) return false;
  const row = ledgerOf(outputs)[Number(LEDGER_LINE.exec(detail)?.[1]) - 2];
  const [, ofWave, ofWeek] = OF_A_WAVE.exec(detail) ?? [];
  const week = ofWave ?? ofWeek;
  const instants = week === undefined ? (detail.match(INSTANTS) ?? []) : openingsIn(Number(week), campaign, outputs);
  const atMs = [...instants, ...(row ? [row.decidedAt] : [])].map((instant) => Date.parse(instant));
  const heldUpThen = heldUp.inputs.filter(({ fromMs, untilMs }) =>
    atMs.some((one) => one + SECOND_MS > fromMs && one <= untilMs),
  );
  if (heldUpThen.length === 0) return false;
  const words = new Set(detail.split(/[^\w.-]+/));
  const patients = rosterOf(given).filter(({ patientId }) => words.has(patientId) || patientId === row?.patientId);
  // Of counts and of unknown events no patient can be told.
  if (patients.length === 0) return week !== undefined || rule === 'incident';
  return heldUpThen.some((input) => patients.some((patient) => isAbout(input, patient, given)));
}

/** By their id or number, a message to them, or an appointment of theirs; what controls a campaign is about everybody. */
function isAbout({ text, way }: HeldUpInput, { patientId, phone }: RosterLine, { outputs, inputs }: Given): boolean {
  if (way.startsWith('/api/campaigns/')) return true;
  const messages = ledgerOf(outputs).filter((row) => row.patientId === patientId);
  const appointments = inputsOf(inputs).filter((input) => 'patientId' in input && input.patientId === patientId);
  const names = new Set<unknown>([
    ...[patientId, phone],
    ...messages.map(({ messageId }) => messageId),
    ...appointments.map((input) => ('appointmentId' in input ? input.appointmentId : patientId)),
  ]);
  return text.split(/["',\s]+/).some((word) => names.has(word));
}

/** When the first send day of the week opened. */
function openingsIn(week: number, campaign: Campaign, outputs: Given['outputs']): string[] {
  const [from, until] = [weekStartDate(week, campaign), weekStartDate(week + 1, campaign)];
  const lines = linesOf<{ at: string; action: string; target: string }>(outputs['audit.jsonl'] ?? '');
  return lines
    .filter(({ action, target }) => action === 'day.opened' && target >= from && target < until)
    .map(({ at }) => at)
    .slice(0, 1);
}

/**
 * The answer was held up in the queue for longer than an order lives, or past the campaign's end; or a reply was, and
 * another one of the same id was taken for it.
 */
function isOverdue(detail: string, given: Given): boolean {
  const { campaign, inputs, outputs, heldUp } = given;
  const [, replyId = ''] = UNANSWERED.exec(detail) ?? [];
  const replies = inputsOf(inputs).filter((input) => input.type === 'sms.reply');
  if (replyId !== '') {
    const mine = replies.filter((reply) => reply.replyId === replyId);
    const atMs = Math.max(...mine.map(({ at }) => Date.parse(at)));
    const { endedAt } = JSON.parse(outputs['report.json']!) as Report;
    const endMs = Math.min(endsAtMs(campaign), Date.parse(endedAt));
    // Taken in only after a receipt said that the number takes no texts.
    const onNumber = rosterOf(given).filter(({ phone }) => mine.some(({ from }) => from === phone));
    const isDead = ledgerOf(outputs).some(
      (row) => row.status === 'UNDELIVERED' && onNumber.some(({ patientId }) => patientId === row.patientId),
    );
    if (isDead && heldUp.replies.includes(replyId)) return true;
    return heldUp.lostAnswers.includes(replyId) || (heldUp.answers.includes(replyId) && endMs - atMs < ORDER_LIVES_MS);
  }
  const [, answered = ''] = ANOTHER_ANSWER.exec(detail) ?? [];
  return heldUp.replies.includes(answered) && replies.filter((reply) => reply.replyId === answered).length > 1;
}

interface RosterLine {
  readonly patientId: string;
  readonly phone: string;
}

/** As far as it can be read: rows that are no use are in the quarantine. */
function rosterOf({ rosterCsv }: Given): RosterLine[] {
  return parse(rosterCsv, {
    columns: true,
    bom: true,
    relax_column_count: true,
    skip_empty_lines: true,
  }) as RosterLine[];
}

const inputsOf = (inputs: string) => linesOf<Input>(inputs);

/** Of a `.jsonl` file. */
function linesOf<Line>(jsonl: string): Line[] {
  return jsonl
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

function ledgerOf(outputs: Readonly<Record<string, string>>): LedgerLine[] {
  return parse(outputs['ledger.csv'] ?? '', { columns: true }) as LedgerLine[];
}

interface LedgerLine {
  readonly messageId: string;
  readonly sentAt: string;
  readonly patientId: string;
  readonly phase: string;
  readonly touch: string;
  readonly status: string;
  readonly reason: string;
  readonly decidedAt: string;
}

/** The touch expired, although it could have been sent, and several days opened after that. */
function neverWent(detail: string, { outputs, inputs, campaign }: Given): boolean {
  const [, patientId, touch, date] = LEFT_OPEN.exec(detail) ?? NO_SHARE.exec(detail) ?? [];
  if (patientId === undefined || date === undefined) return false;
  const row = ledgerOf(outputs).find(
    (one) => one.patientId === patientId && one.phase === 'PILOT' && one.touch === touch,
  );
  if (row?.reason !== 'EXPIRED') return false;
  const { days } = JSON.parse(outputs['report.json']!) as Report;
  const later = days.filter((day) => day.date > date && day.date < row.decidedAt.slice(0, 10));
  // A day that was throttled or paused, or sent nearly all that it might, had no room to spare for one more.
  const paused = pausedDates(inputs, campaign.timeZone);
  const hasRoom = ({ date: day, sent, budget, halvings }: Report['days'][number]) =>
    halvings === 0 && !paused.some(([from, to]) => day >= from && day <= to) && sent < ROOM_SHARE * budget;
  return later.filter(hasRoom).length > OPEN_DAYS_MAX;
}

/** From the date of each pause to that of its resume. */
function pausedDates(inputs: string, timeZone: string): readonly (readonly [from: string, to: string])[] {
  const controls = inputsOf(inputs).filter(({ type }) => type.startsWith('control.'));
  return controls.flatMap((control, i) => {
    if (control.type !== 'control.pause') return [];
    const resumed = controls.slice(i + 1).find(({ type }) => type === 'control.resume');
    const dateOf = ({ at }: Input) => localDate(Date.parse(at), timeZone);
    return [[dateOf(control), resumed ? dateOf(resumed) : '9999-12-31']];
  });
}
