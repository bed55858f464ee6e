/**
 * What was decided while an input that says otherwise was held up in its queue, so that nobody could know of it: only
 * what that kind of input tells, and only of the patients whom it is about.
 */
import { SECOND_MS } from '../../domain/calendar';
import { weekStartDate } from '../../domain/schedule';
import type { HeldUpInput } from '../../simulator/faults/bus';
import type { Violation } from '../oracle/check';
import { patientsOn, type Parsed } from './given';

const CONSENT = ['sms-replies', '/api/preferences/'];
const BOOKINGS = ['appointment-events'];
/** By what the violation says, the ways on which the input comes that could have told. */
const TOLD_BY: readonly (readonly [RegExp, readonly string[]])[] = [
  [/sent although (OPTED_OUT|NO_CONSENT)$|consent(Status|Source|At) |consent columns/, CONSENT],
  [
    /refused (OPTED_OUT|NO_CONSENT) at .*, the first reason|the first reason that held was (OPTED_OUT|NO_CONSENT)/,
    CONSENT,
  ],
  [/sent although BOOKED$|refused BOOKED at .*, the first reason|the first reason that held was BOOKED/, BOOKINGS],
  [/sent although NO_MOBILE$|the first reason that held was NO_MOBILE/, ['sms-receipts']],
];
const RULES = new Set(['3', '7', '8']);
const LEDGER_LINE = /^ledger\.csv line (\d+) /;
const INSTANTS = /\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)/g;
/** Whom a wave holds is fixed when the first day of its week opens. */
const WAVE = /^wave (\d+) (?:must not hold|lacks) (\S+)$/;
const WEEK = /^weeks\[(\d+)\]\.(?:eligible|capCumulative|admittedCumulative) (\d+), expected (\d+)$/;

export function isUnknowable({ rule, detail }: Violation, given: Parsed): boolean {
  const { heldUp } = given;
  if (heldUp.inputs.length === 0) return false;
  const ofWave = WAVE.exec(detail) ?? WEEK.exec(detail);
  if (ofWave) return isOfAHeldUpWave(ofWave, given);
  const ways = TOLD_BY.find(([pattern]) => pattern.test(detail))?.[1];
  if (ways === undefined || !RULES.has(rule)) return false;
  const row = given.ledger[Number(LEDGER_LINE.exec(detail)?.[1]) - 2];
  const instants = row ? [row.decidedAt] : (detail.match(INSTANTS) ?? []);
  const words = new Set(detail.split(/[^\w.-]+/));
  const patientId = row?.patientId ?? [...given.phoneOf.keys()].find((id) => words.has(id));
  if (patientId === undefined) return false;
  const then = instants.flatMap((instant) => heldUpAt(Date.parse(instant), ways, given));
  return then.some((input) => patientsIn(input, given).has(patientId));
}

/** No more patients are in or out than the inputs that were held up over its opening are about. */
function isOfAHeldUpWave([, week, one, expected]: RegExpExecArray, given: Parsed): boolean {
  const { audit, campaign } = given;
  const [from, until] = [0, 1].map((later) => weekStartDate(Number(week) + later, campaign)) as [string, string];
  const opened = audit.find(({ action, target }) => action === 'day.opened' && target >= from && target < until);
  if (!opened) return false;
  const then = heldUpAt(Date.parse(opened.at), [...CONSENT, ...BOOKINGS], given);
  const about = new Set(then.flatMap((input) => [...patientsIn(input, given)]));
  const many = expected === undefined ? one!.split(',').length : Math.abs(Number(one) - Number(expected));
  return many <= about.size;
}

function heldUpAt(atMs: number, ways: readonly string[], { heldUp }: Parsed): readonly HeldUpInput[] {
  return heldUp.inputs.filter(
    ({ fromMs, untilMs, way }) =>
      ways.some((one) => way.startsWith(one)) && atMs + SECOND_MS > fromMs && atMs <= untilMs,
  );
}

/** By their id or number, a message to them, or an appointment of theirs. */
function patientsIn({ text }: HeldUpInput, given: Parsed): Set<string> {
  const words = new Set(text.split(/["',\s]+/));
  const messages = given.ledger.filter(({ messageId }) => words.has(messageId)).map(({ patientId }) => patientId);
  const appointments = given.inputs.flatMap((input) =>
    'appointmentId' in input && 'patientId' in input && words.has(input.appointmentId) ? [input.patientId] : [],
  );
  const named = [...given.phoneOf].filter(([patientId, phone]) => words.has(patientId) || words.has(phone));
  const direct = [...messages, ...appointments, ...named.map(([patientId]) => patientId)];
  return new Set(direct.flatMap((patientId) => [patientId, ...patientsOn(given, given.phoneOf.get(patientId))]));
}
