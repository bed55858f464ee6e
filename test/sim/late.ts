/**
 * What the oracle says of a run with faults that is no defect: something came a little later than without them. Never a
 * text to somebody who is known to have said no or to be booked, or one too many; nor a text that could have gone on several
 * days and never went.
 */
import { addDays, DAY_MS, HOUR_MS, localDate, MINUTE_MS, SECOND_MS, startOfDate } from '../../domain/calendar';
import type { Reply } from '../../domain/input';
import { meaningOf } from '../../domain/replies';
import { endsAtMs } from '../../domain/schedule';
import type { Violation } from '../oracle/check';
import {
  noMobileReceipts,
  parsed,
  patientsOn,
  waitingAt,
  type FaultMade,
  type Given,
  type LedgerLine,
  type Parsed,
  type Told,
} from './given';

/** Liveness: what could have been done and was not, or a little later than without faults. */
const LATE = /left open$|: not refused .* at the pass of|fell into no share|: adaptive text to .* could go from/;
const LATE_ANSWER = /^answer R(\S+) \(\w+\) to \S+: sent (\d+) s after the reply$/;
const OTHER_PATIENT = /^answer R(\S+) \(\w+\) to (\S+): expected (P\d+(?: or P\d+)*)$/;
const EARLY_RECEIPT = /^no UNKNOWN_EVENT at \S+ \(receipt (\w+) /;
const ANSWER_TOO_MANY = /^answer R(ambush-\d+) \(STOP_CONFIRM\) to (\S+) on \S+: no such reply calls for an answer$/;
const UNANSWERED = /^reply (\S+) is not answered by /;
const INBOX_TOO_MANY = /^INBOX row of (\S+) since (\S+): no such reply$/;
const NOT_IN_INBOX = /^the reply of (\S+(?: or \S+)*) at (\S+) is not in the inbox$/;
const ANSWERED_STILL = /^answer R(\S+) \((?:HELP|BOOKING_OFFER)\) to \S+ on \S+: no such reply calls for an answer$/;
const ANOTHER_ANSWER = /^answer R(\S+) \(\w+\) to \S+: expected [A-Z_]+$/;
const NOTHING_LEFT = /^days (\S+): (\S+) of tier \d sent at .* when nothing was left$/;
const ON_FLOOR = /^days (\S+): (\d+) texts of tier 1 on the floor of (\d+)$/;
const HANDED_OVER = /^(\S+): CRITICAL_NO_RESPONSE since (\S+), expected $/;
const NO_BUDGET = /^days (\S+): budget 0, expected \d+$/;
const CONSENT_THEN = /^ledger\.csv line \d+ \([^|]+\|([^|]+)\|([^|]+)\|(\d+)\): consentStatus \w+, known then OPT_OUT$/;
const SENT_ALTHOUGH = /^\w+ text (\S+) wave (\S+) touch (\d+) at \S+: sent although (?:BOOKED|OPTED_OUT)$/;
const ELIGIBLE = /^weeks\[(\d+)\]\.(?:eligible|capCumulative) (\d+), expected (\d+)$/;
const OVER_CAP = /^week (\d+): (\d+) admitted, cap (\d+)$/;
const IN_WAVE = /^wave (\d+) (must not hold|lacks) (\S+)$/;
/** Of the queue that holds orders (infra/servicebus.config.json). */
const ORDER_LIVES_MS = HOUR_MS;
/** What a STOP or a booking reads and writes up to where anybody can know of it: the row of the person. */
const TAKES_IN = /^(replies|people)\.|^(numbers|outreach|ledger)\.(get|pages)$/;
/** What was cut off is tried again within this time, some times over. */
const RETRIED_MS = 5 * MINUTE_MS;
/** A machine is suspended for no longer (simulate.ts). */
const JUMP_MAX_MS = 3 * HOUR_MS;
/** After these, something is done again. */
const CUTTING = /^(storage|bus|gateway|crash|fail|jump|delay)/;
const LEFT_OPEN = /^(\S+) touch (\d+): due .*, could be sent from .* to the end of (\S+), left open$/;
const NO_SHARE = /^(\S+) touch (0) of wave \d+ fell into no share up to (\S+), the last send day/;
/** A campaign that is held up gets to everybody within so many open days with room to spare. */
const OPEN_DAYS_MAX = 2;
/** A day that sent less than this share of its budget had room to spare. */
const ROOM_SHARE = 0.8;

/** Asks of each violation of one run, in turn, whether it is only late. */
export function lateness(given: Given): (violation: Violation) => boolean {
  const run = parsed(given);
  /** Texts of each date that left although nothing was left, and are excused. */
  const excused = new Map<string, number>();
  return ({ rule, detail }) => {
    if (neverWent(detail, run)) return false;
    switch (rule) {
      case '3':
        return isRefusedBeforeStop(detail, run) || isSentBeforeStored(detail, run);
      case '5':
        return isLateAnswer(detail, run);
      case '7':
      case '8':
        if (isSentBeforeStored(detail, run)) return true;
        return (LATE.test(detail) && hasCause(detail, run)) || isFixedBefore(rule, detail, run);
      case '10':
        return isNeverOpened(detail, run) || isChosenBefore(detail, run, excused);
      case '13':
        return (
          isOfOtherPatient(detail, run) ||
          isInOtherInbox(detail, run) ||
          isAnsweredBeforeStop(detail, run) ||
          isAnswerBeforeReceipt(detail, run) ||
          isOverdue(detail, run)
        );
      case 'worklist':
        return isHandedOverBefore(detail, run);
      case 'incident':
        return isEarlyReceipt(detail, run);
      case '1':
      case '2':
      case 'report':
        return isFixedBefore(rule, detail, run);
      default:
        return false;
    }
  };
}

/** The text was refused, for another reason, while a STOP of that number waited to be taken in again. */
function isRefusedBeforeStop(detail: string, run: Parsed): boolean {
  const row = textOf(CONSENT_THEN.exec(detail), run);
  if (row?.status !== 'REFUSED' || row.reason === 'OPTED_OUT') return false;
  const waiting = waitingAt(run, Date.parse(row.decidedAt));
  return waiting.some(({ told }) => 'text' in told && isForbidding(told, row.patientId, run));
}

/**
 * The text left in the moments between a STOP or a booking that the store refused to take, and its being brought again: of
 * what could not be stored nobody else can know; nor of a STOP of which only the reply's id was. What was stored and
 * not answered counts, and so does any other cut.
 */
function isSentBeforeStored(detail: string, run: Parsed): boolean {
  const row = textOf(SENT_ALTHOUGH.exec(detail) ?? CONSENT_THEN.exec(detail), run);
  const sentMs = Date.parse(row?.sentAt ?? '');
  const untilMs = sentMs + SECOND_MS - 1;
  const waiting = waitingAt(run, sentMs).filter(
    ({ told, failedAtMs }) => failedAtMs <= untilMs && isForbidding(told, row!.patientId, run),
  );
  if (waiting.length === 0) return false;
  const failedAtMs = Math.max(...waiting.map((one) => one.failedAtMs));
  const fromMs = Math.min(...waiting.map((one) => one.fromMs));
  const isRefused = ({ kind, atMs, target = '' }: FaultMade) =>
    atMs === failedAtMs &&
    ((kind === 'storageBefore' && TAKES_IN.test(target)) || (kind === 'storageAfter' && /^replies\./.test(target)));
  const isStored = ({ kind, atMs, target = '' }: FaultMade) =>
    kind === 'storageAfter' && atMs >= fromMs && atMs <= untilMs && /^people\./.test(target);
  return run.faults.some(isRefused) && !run.faults.some(isStored);
}

/** Handed to the call centre for want of a response, while one of theirs waited to be taken in again. */
function isHandedOverBefore(detail: string, run: Parsed): boolean {
  const [, patientId, since] = HANDED_OVER.exec(detail) ?? [];
  if (patientId === undefined) return false;
  return waitingAt(run, Date.parse(since!)).some(({ told }) =>
    'text' in told ? told.from === run.phoneOf.get(patientId) : told.patientId === patientId,
  );
}

/** The row of a text that is named by patient, wave and touch. */
function textOf(named: RegExpExecArray | null, { ledger }: Parsed): LedgerLine | undefined {
  const [, patientId, wave, touch] = named ?? [];
  return ledger.find((one) => one.patientId === patientId && one.wave === wave && one.touch === touch);
}

/** A STOP from the patient's number, or a booking of theirs. */
function isForbidding(told: Told, patientId: string, { phoneOf }: Parsed): boolean {
  if (!('text' in told)) return told.type === 'appointment.booked' && told.patientId === patientId;
  return told.from === phoneOf.get(patientId) && isStop(told);
}

function isStop({ text }: Reply): boolean {
  return meaningOf(text).kind === 'OPT_OUT';
}

/**
 * Replies or bookings waited to be taken in again when the wave was fixed: those of whom they speak count as eligible, or
 * have a place, and their places are another's; or the reverse.
 */
function isFixedBefore(rule: string, detail: string, run: Parsed): boolean {
  const [, ofCount, counted, expected] = ELIGIBLE.exec(detail) ?? OVER_CAP.exec(detail) ?? [];
  if (ofCount !== undefined) {
    const { leaving, coming } = waitingAtWave(Number(ofCount), run);
    const more = Number(counted) - Number(expected);
    return more >= -coming.size && more <= leaving.size;
  }
  const [, ofPlaces, what, ids = ''] = IN_WAVE.exec(detail) ?? [];
  if (ofPlaces === undefined) return false;
  const { leaving, coming } = waitingAtWave(Number(ofPlaces), run);
  const [own, others] = what === 'lacks' ? [coming, leaving] : [leaving, coming];
  const patientIds = ids.split(',');
  return patientIds.every((id) => own.has(id)) || (rule === '2' && patientIds.length <= others.size);
}

/** Patients of whom something waited when that week's wave was fixed: what makes them ineligible, or eligible. */
function waitingAtWave(week: number, run: Parsed) {
  const from = addDays(run.campaign.startsOn, 7 * (week - 1));
  const fixed = run.opened.find(({ date }) => date >= from && date < addDays(from, 7));
  const [leaving, coming] = [new Set<string>(), new Set<string>()];
  for (const { told } of fixed ? waitingAt(run, fixed.atMs) : []) {
    if (!('text' in told)) (told.type === 'appointment.booked' ? leaving : coming).add(told.patientId);
    else if (isStop(told)) for (const id of patientsOn(run, told.from)) leaving.add(id);
    else if (meaningOf(told.text).kind === 'OPT_IN') for (const id of patientsOn(run, told.from)) coming.add(id);
  }
  return { leaving, coming };
}

/** Something was cut off or held up before the last instant that is spoken of. */
function hasCause(detail: string, run: Parsed): boolean {
  const { heldUp } = run;
  const spoken = (detail.match(/\d{4}-\d\d-\d\d(T[\d:.]+Z)?/g) ?? []).map((instant) => Date.parse(instant));
  // A date of any zone is over by then.
  const untilMs = Math.max(...spoken) + 2 * DAY_MS;
  const isHeldUp = [...heldUp.orders, ...heldUp.inputs].some(({ fromMs }) => fromMs <= untilMs);
  return isHeldUp || struck(CUTTING, -Infinity, untilMs, run);
}

/** The answer, or its reply, was held up in a queue, or work was cut off meanwhile; that there is one, and only one, counts. */
function isLateAnswer(detail: string, run: Parsed): boolean {
  const { heldUp } = run;
  const [, replyId, seconds] = LATE_ANSWER.exec(detail) ?? [];
  if (replyId === undefined) return false;
  const lateMs = Number(seconds) * SECOND_MS;
  const atMs = firstCameAt(replyId, run);
  const happened = (pattern: RegExp, beforeMs: number) =>
    struck(pattern, atMs - beforeMs, atMs + lateMs + SECOND_MS, run);
  const isHeldUp = heldUp.answers.includes(replyId) || heldUp.replies.includes(replyId);
  const isJump = happened(/^jump$/, JUMP_MAX_MS);
  if (lateMs > (isHeldUp ? ORDER_LIVES_MS : 0) + RETRIED_MS + (isJump ? JUMP_MAX_MS : 0)) return false;
  return isHeldUp || isJump || happened(CUTTING, RETRIED_MS);
}

/** Of a recording: a receipt for a text that was ordered and held up, and that the recording knows nothing of. */
function isEarlyReceipt(detail: string, { heldUp }: Parsed): boolean {
  const [, messageId] = EARLY_RECEIPT.exec(detail) ?? [];
  return heldUp.orders.some((order) => order.messageId === messageId);
}

/**
 * On a shared number the answer is booked to the one last texted: of a text to one of them that was held up then, or tried
 * again, that can be said either way.
 */
function isOfOtherPatient(detail: string, run: Parsed): boolean {
  const [, replyId, patientId, expected] = OTHER_PATIENT.exec(detail) ?? [];
  if (patientId === undefined) return false;
  const patients = new Set([patientId, ...expected!.split(' or ')]);
  const isShared = new Set([...patients].map((one) => run.phoneOf.get(one))).size === 1;
  return isShared && maybeEither(patients, firstCameAt(replyId!, run), run);
}

/** The same of a reply that is for a person to read: in the inbox of the one, and not of the other. */
function isInOtherInbox(detail: string, run: Parsed): boolean {
  const [, patientId = '', at = ''] = INBOX_TOO_MANY.exec(detail) ?? NOT_IN_INBOX.exec(detail) ?? [];
  const phone = run.phoneOf.get(patientId.split(' or ')[0]!);
  const patients = patientsOn(run, phone);
  const atMs = Date.parse(at);
  const isThen = (other: string) => Date.parse(other) === atMs;
  if (patients.size < 2 || !run.replies.some((reply) => reply.from === phone && isThen(reply.at))) return false;
  const rows = run.worklist.filter((row) => row.reason === 'INBOX' && patients.has(row.patientId) && isThen(row.since));
  return rows.length === 1 && maybeEither(patients, atMs, run);
}

/** A STOP from the number waited to be taken in again. */
function isAnsweredBeforeStop(detail: string, run: Parsed): boolean {
  const [, replyId] = ANSWERED_STILL.exec(detail) ?? [];
  const reply = run.replies.find((one) => one.replyId === replyId);
  if (!reply) return false;
  const atMs = Date.parse(reply.at);
  return waitingAt(run, atMs).some(
    ({ told }) => 'text' in told && told.from === reply.from && isStop(told) && Date.parse(told.at) <= atMs,
  );
}

/** Of which of them was texted last, either can be said at `atMs`. */
function maybeEither(patients: ReadonlySet<string>, atMs: number, run: Parsed): boolean {
  const { heldUp, ledger } = run;
  const isHeldUp = heldUp.orders.some(
    (order) =>
      patients.has(order.patientId) && order.fromMs <= atMs + SECOND_MS && atMs <= order.untilMs + ORDER_LIVES_MS,
  );
  // Of a text that was ordered then, and refused since at the last moment, that can be said either way as well.
  const orderedMs = ({ sentAt, decidedAt }: LedgerLine) => Date.parse(sentAt || decidedAt);
  const isNear = (row: LedgerLine) => Math.abs(orderedMs(row) - atMs) <= RETRIED_MS;
  const isText = ({ phase, sentAt, reason }: LedgerLine) =>
    phase !== 'REPLY' && (sentAt !== '' || reason === 'OPTED_OUT');
  const texts = ledger.filter((row) => patients.has(row.patientId) && isText(row));
  return isHeldUp || texts.some((row) => isNear(row) && isCutOff(orderedMs(row), run));
}

/** Work was cut off shortly before `atMs`. */
function isCutOff(atMs: number, run: Parsed): boolean {
  return struck(CUTTING, atMs - RETRIED_MS, atMs + SECOND_MS - 1, run);
}

/** A fault of such a kind struck after `afterMs`, up to and including `untilMs`. */
function struck(kinds: RegExp, afterMs: number, untilMs: number, { faults }: Parsed): boolean {
  return faults.some(({ kind, atMs }) => kinds.test(kind) && atMs > afterMs && atMs <= untilMs);
}

/** A reply of this id first came then, epoch ms. */
function firstCameAt(replyId: string, { replies }: Parsed): number {
  return Math.min(...replies.filter((reply) => reply.replyId === replyId).map(({ at }) => Date.parse(at)));
}

/** The machine was suspended when the day was to open, and the campaign was cancelled before it went on. */
function isNeverOpened(detail: string, { faults, report, opened, campaign }: Parsed): boolean {
  const [, date] = NO_BUDGET.exec(detail) ?? [];
  if (date === undefined || opened.some((day) => day.date === date)) return false;
  const endedMs = Date.parse(report.endedAt);
  const openMs = startOfDate(date, campaign.timeZone);
  const jumped = faults.some(({ kind, atMs }) => kind === 'jump' && atMs <= openMs && openMs - atMs <= DAY_MS);
  return jumped && endedMs >= openMs && endedMs - openMs <= JUMP_MAX_MS;
}

/**
 * The calls went badly between the pass that chose the text and its leaving, which was held up or tried again; or that the
 * calls went badly was held up; or another text of the day was, which left less for this one. No more of them than were
 * delayed.
 */
function isChosenBefore(detail: string, run: Parsed, excused: Map<string, number>): boolean {
  const [, date, messageId] = NOTHING_LEFT.exec(detail) ?? ON_FLOOR.exec(detail) ?? [];
  if (date === undefined) return false;
  const [, , onFloor, floor] = ON_FLOOR.exec(detail) ?? [];
  const { ledger, inputs, heldUp } = run;
  const intervals = heldUp.inputs.filter(({ queue }) => queue === 'call-intervals');
  const judged = inputs.filter(({ type }) => type === 'call.interval').map(({ at }) => Date.parse(at));
  const isJudgedWithin = (fromMs: number, untilMs: number) => judged.some((atMs) => atMs >= fromMs && atMs < untilMs);
  const isDelayed = ({ sentAt, messageId: id }: LedgerLine) => {
    const sentMs = Date.parse(sentAt);
    const isHeldUp = heldUp.orders.some((order) => order.messageId === id);
    if (isHeldUp && isJudgedWithin(sentMs - ORDER_LIVES_MS, sentMs)) return true;
    if (intervals.some(({ fromMs, untilMs }) => fromMs <= sentMs + SECOND_MS && sentMs <= untilMs)) return true;
    return isCutOff(sentMs, run) && isJudgedWithin(sentMs - RETRIED_MS, sentMs);
  };
  const text = ledger.find((row) => row.messageId === messageId);
  const untilAt = onFloor === undefined ? (text?.sentAt ?? '') : '~';
  const before = ledger.filter(
    ({ sentAt, phase }) => phase !== 'REPLY' && sentAt.startsWith(date) && sentAt <= untilAt,
  );
  const many = (excused.get(date) ?? 0) + (onFloor === undefined ? 1 : Number(onFloor) - Number(floor));
  if (many > before.filter(isDelayed).length) return false;
  excused.set(date, many);
  return true;
}

/** Of a number that takes no texts, as a receipt said that was held up: a STOP from it came first. */
function isAnswerBeforeReceipt(detail: string, run: Parsed): boolean {
  const [, replyId, patientId] = ANSWER_TOO_MANY.exec(detail) ?? [];
  if (patientId === undefined) return false;
  const { phoneOf, heldUp, replies } = run;
  const reply = replies.find((one) => one.replyId === replyId);
  const atMs = Date.parse(reply?.at ?? '');
  const receipts = noMobileReceipts(run, patientsOn(run, phoneOf.get(patientId)));
  return heldUp.inputs.some(
    ({ queue, text, fromMs, untilMs }) =>
      queue === 'sms-receipts' &&
      fromMs <= atMs + SECOND_MS &&
      atMs <= untilMs + RETRIED_MS &&
      receipts.some(({ messageId }) => text.includes(messageId)),
  );
}

/**
 * The answer was held up in the queue for longer than an order lives, or past the campaign's end; or a reply was, and
 * another one of the same id was taken for it, or the number took no texts by then.
 */
function isOverdue(detail: string, run: Parsed): boolean {
  const { campaign, heldUp, report } = run;
  const [, replyId] = UNANSWERED.exec(detail) ?? [];
  if (replyId !== undefined) {
    const mine = run.replies.filter((reply) => reply.replyId === replyId);
    const atMs = Math.max(...mine.map(({ at }) => Date.parse(at)));
    const endMs = Math.min(endsAtMs(campaign), Date.parse(report.endedAt));
    const receipts = noMobileReceipts(run, patientsOn(run, mine[0]?.from));
    const isWithin = ({ at }: { at: string }) => Date.parse(at) >= atMs && Date.parse(at) <= atMs + ORDER_LIVES_MS;
    if (heldUp.replies.includes(replyId) && receipts.some(isWithin)) return true;
    if (mine[0] && isOvertaken(mine[0], run)) return true;
    return heldUp.lostAnswers.includes(replyId) || (heldUp.answers.includes(replyId) && endMs - atMs < ORDER_LIVES_MS);
  }
  const [, patientId, since] = INBOX_TOO_MANY.exec(detail) ?? [];
  if (patientId !== undefined) {
    const isMeant = ({ from, at }: Reply) =>
      from === run.phoneOf.get(patientId) && Date.parse(at) === Date.parse(since!);
    return run.replies.some((reply) => isMeant(reply) && isOvertaken(reply, run));
  }
  const [, answered = ''] = ANOTHER_ANSWER.exec(detail) ?? [];
  return heldUp.replies.includes(answered) && run.replies.filter((reply) => reply.replyId === answered).length > 1;
}

/**
 * A STOP that came while the answer waited, or the reply, keeps it back, and may bring the reply before a person; of the
 * confirmations of STOPs it keeps none.
 */
function isOvertaken(reply: Reply, { heldUp, replies }: Parsed): boolean {
  const { replyId, from, at } = reply;
  const atMs = Date.parse(at);
  if (isStop(reply)) return false;
  const waits = heldUp.inputs.filter((one) => one.queue === 'sms-replies' && one.text.includes(`"${replyId}"`));
  const answers = heldUp.orders.filter((order) => order.replyId === replyId);
  const untilMs = Math.max(-Infinity, ...[...answers, ...waits].map((wait) => wait.untilMs));
  return replies.some((stop) => {
    const stopMs = Date.parse(stop.at);
    return stop.from === from && isStop(stop) && stopMs >= atMs && stopMs <= untilMs;
  });
}

/** The touch expired, although it could have been sent, and several days opened after that. */
function neverWent(detail: string, { ledger, inputs, campaign, report }: Parsed): boolean {
  const [, patientId, touch, date] = LEFT_OPEN.exec(detail) ?? NO_SHARE.exec(detail) ?? [];
  if (patientId === undefined || date === undefined) return false;
  const row = ledger.find((one) => one.patientId === patientId && one.phase === 'PILOT' && one.touch === touch);
  if (row?.reason !== 'EXPIRED') return false;
  const later = report.days.filter((day) => day.date > date && day.date < row.decidedAt.slice(0, 10));
  // A day that was throttled or paused, or sent nearly all that it might, had no room to spare for one more.
  const paused = pausedDates(inputs, campaign.timeZone);
  const hasRoom = ({ date: day, sent, budget, halvings }: (typeof later)[number]) =>
    halvings === 0 && !paused.some(([from, to]) => day >= from && day <= to) && sent < ROOM_SHARE * budget;
  return later.filter(hasRoom).length > OPEN_DAYS_MAX;
}

/** From the date of each pause to that of its resume. */
function pausedDates(inputs: Parsed['inputs'], timeZone: string): readonly (readonly [from: string, to: string])[] {
  const controls = inputs.filter(({ type }) => type.startsWith('control.'));
  return controls.flatMap((control, i) => {
    if (control.type !== 'control.pause') return [];
    const resumed = controls.slice(i + 1).find(({ type }) => type === 'control.resume');
    const dateOf = ({ at }: { at: string }) => localDate(Date.parse(at), timeZone);
    return [[dateOf(control), resumed ? dateOf(resumed) : '9999-12-31']];
  });
}
