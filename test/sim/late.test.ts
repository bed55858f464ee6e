/** What is excused as late, and what never is: an excuse that is too wide hides defects from all simulated runs. */
import { parseCampaign } from '../../domain/policy';
import type { QueueName } from '../../services/messaging';
import type { HeldUp } from '../../simulator/faults/bus';
import { lateness } from './late';
import type { FaultMade } from './given';

const campaign = parseCampaign({
  campaignId: 'c',
  startsOn: '2026-01-05',
  timeZone: 'America/Chicago',
  weeks: 2,
  callCentre: { capacityPerDay: 100, baseForecast: { mon: 1, tue: 1, wed: 1, thu: 1, fri: 1 } },
});
/** P1 and P2 share a number. */
const PHONES = { P1: '+13125551001', P2: '+13125551001', P3: '+13125551003' };
const rosterCsv = `patientId,phone\n${Object.entries(PHONES)
  .map(([id, phone]) => `${id},${phone}\n`)
  .join('')}`;
const on = (time: string) => `2026-01-05T${time}-06:00`;
const ms = (time: string) => Date.parse(on(time));
const ledger = (...rows: readonly string[]) =>
  ['messageId,sentAt,patientId,phase,wave,touch,status,reason,decidedAt', ...rows, ''].join('\n');
const TEXT = `m1,${on('10:00:00')},P1,PILOT,1,0,SENT,,${on('10:00:00')}`;
const LATER_TEXT = `m3,${on('10:00:00')},P3,PILOT,1,0,SENT,,${on('10:00:00')}`;
const day = (date: string) => ({ date, sent: 0, budget: 50, halvings: 0 });
const reply = (replyId: string, time: string, from = PHONES.P1) => ({
  type: 'sms.reply',
  at: on(time),
  from,
  text: 'STOP',
  replyId,
});
const receipt = (messageId: string, time: string, code = 'LANDLINE') => ({
  type: 'sms.receipt',
  at: on(time),
  messageId,
  status: 'UNDELIVERED',
  code,
});
const interval = (time: string) => ({ type: 'call.interval', at: on(time) });

interface Scene {
  readonly endedAt?: string;
  readonly heldUp?: Partial<HeldUp>;
  readonly inputs?: readonly object[];
  readonly faults?: readonly FaultMade[];
  readonly rows?: readonly string[];
  /** Whose inbox holds something of 10:00. */
  readonly inbox?: readonly string[];
}

function asked({
  endedAt = '2026-01-19T00:00:00-06:00',
  heldUp = {},
  inputs = [],
  faults = [],
  rows = [TEXT, LATER_TEXT],
  inbox = [],
}: Scene) {
  return lateness({
    outputs: {
      'ledger.csv': ledger(...rows),
      'worklist.csv': ['patientId,tier,reason,since', ...inbox.map((id) => `${id},1,INBOX,${on('10:00:00')}`)].join(
        '\n',
      ),
      'audit.jsonl': `${JSON.stringify({ at: on('10:00:00'), action: 'day.opened', target: '2026-01-05' })}\n`,
      'report.json': JSON.stringify({
        endedAt,
        days: ['2026-01-06', '2026-01-07', '2026-01-08'].map(day),
      }),
    },
    inputs: inputs.map((one) => `${JSON.stringify(one)}\n`).join(''),
    rosterCsv,
    campaign,
    heldUp: { replies: [], answers: [], lostAnswers: [], orders: [], inputs: [], ...heldUp },
    faults,
  });
}

const heldInput = (queue: QueueName, body: object, from: string, until: string, failed = from) => ({
  inputs: [{ queue, text: JSON.stringify([body]), fromMs: ms(from), untilMs: ms(until), failedAtMs: ms(failed) }],
});
const heldOrder = (messageId: string, patientId: string, from: string, until: string, replyId?: string) => ({
  orders: [{ messageId, patientId, fromMs: ms(from), untilMs: ms(until), ...(replyId && { replyId }) }],
});
const stop = reply('r1', '09:59:50');
const stopHeld = heldInput('sms-replies', stop, '09:59:50', '10:00:20');
const HELP = { ...stop, text: 'HELP' };
const helpHeld = heldInput('sms-replies', HELP, '09:59:50', '10:00:20');
const NO = { ...reply('r1', '10:00:00'), text: 'not now' };
const START = { ...reply('r1', '09:00:00'), text: 'START' };
const startHeld = heldInput('sms-replies', START, '09:00:00', '09:00:30');
const BOOKED = { type: 'appointment.booked', patientId: 'P3' };
const sentAlthough = (reason: string) => `PILOT text P1 wave 1 touch 0 at ${on('10:00:00')}: sent although ${reason}`;
const consentThen = 'ledger.csv line 2 (c|P1|1|0): consentStatus OPT_IN, known then OPT_OUT';
const REFUSED_TEXT = `m1,,P1,PILOT,1,0,REFUSED,BOOKED,${on('10:00:00')}`;
const refusedBy = (target: string, time: string) => ({ kind: 'storageBefore', target, atMs: ms(time) });
const storedBy = (target: string, time: string) => ({ ...refusedBy(target, time), kind: 'storageAfter' });
const nothingLeft = 'days 2026-01-05: m1 of tier 1 sent at 9 when nothing was left';
const onFloor = (texts: number) => `days 2026-01-05: ${texts} texts of tier 1 on the floor of 1`;
const intervalHeld = heldInput('call-intervals', interval('10:00:00'), '10:00:00', '10:00:30');
const intervalHeldLater = heldInput('call-intervals', interval('10:01:00'), '10:01:00', '10:01:30');
const crash = { kind: 'crashAfter', atMs: ms('09:58:00') };

describe('is excused', () => {
  it.each<[string, string, string, Scene]>([
    [
      'liveness after a crash',
      '8',
      'P1 touch 0: not refused BOOKED at the pass of 2026-01-05T16:00:00.000Z',
      { faults: [crash] },
    ],
    [
      'an answer to a reply that was held up',
      '5',
      'answer Rr1 (STOP_CONFIRM) to P1: sent 900 s after the reply',
      { inputs: [stop], heldUp: { answers: ['r1'] } },
    ],
    [
      'an answer after a suspended machine',
      '5',
      'answer Rr1 (STOP_CONFIRM) to P1: sent 9000 s after the reply',
      { inputs: [stop], faults: [{ kind: 'jump', atMs: ms('09:58:00') }] },
    ],
    [
      'the other one on a shared number, one of whose texts was held up',
      '13',
      'answer Rr1 (STOP_CONFIRM) to P1: expected P2',
      { inputs: [stop], heldUp: heldOrder('m1', 'P1', '09:30:00', '10:10:00') },
    ],
    [
      'a receipt for a text that was held up',
      'incident',
      `no UNKNOWN_EVENT at x (receipt m1 DELIVERED )`,
      { heldUp: heldOrder('m1', 'P1', '09:30:00', '10:10:00') },
    ],
    [
      'a text that was held up while the calls went badly',
      '10',
      nothingLeft,
      { inputs: [interval('09:45:00')], heldUp: heldOrder('m1', 'P1', '09:30:00', '10:00:00') },
    ],
    [
      'a text that was tried again while the calls went badly',
      '10',
      nothingLeft,
      { inputs: [interval('09:58:00')], faults: [crash] },
    ],
    ['a text that left while the calls that went badly were held up', '10', nothingLeft, { heldUp: intervalHeld }],
    [
      'a day that was to open while the machine was suspended, and the campaign was cancelled',
      '10',
      'days 2026-01-06: budget 0, expected 1',
      { endedAt: '2026-01-06T00:17:17-06:00', faults: [{ kind: 'jump', atMs: ms('23:00:00') }] },
    ],
    [
      'somebody handed over for want of a response while a STOP of theirs waited',
      'worklist',
      `P1: CRITICAL_NO_RESPONSE since ${on('10:00:00')}, expected `,
      { heldUp: stopHeld },
    ],
    [
      'a reply in the inbox of the other one on a shared number, to whom a text was held up',
      '13',
      `INBOX row of P2 since ${on('10:00:00')}: no such reply`,
      { inputs: [NO], heldUp: heldOrder('m9', 'P2', '09:50:00', '10:10:00'), inbox: ['P2'] },
    ],
    [
      'and not in that of the one',
      '13',
      `the reply of P1 at ${on('10:00:00')} is not in the inbox`,
      { inputs: [NO], heldUp: heldOrder('m9', 'P2', '09:50:00', '10:10:00'), inbox: ['P2'] },
    ],
    [
      'HELP that is answered while a STOP waits',
      '13',
      'answer Rr2 (HELP) to P1 on 2026-01-05: no such reply calls for an answer',
      { inputs: [stop, { ...HELP, replyId: 'r2', at: on('10:00:10') }], heldUp: stopHeld },
    ],
    ['as many on the floor', '10', onFloor(3), { heldUp: intervalHeld }],
    [
      'an answer to a number whose receipt was held up',
      '13',
      'answer Rambush-1 (STOP_CONFIRM) to P1 on 2026-01-05: no such reply calls for an answer',
      {
        inputs: [reply('ambush-1', '10:01:00'), receipt('m1', '10:00:30')],
        heldUp: heldInput('sms-receipts', receipt('m1', '10:00:30'), '10:00:30', '10:01:30'),
      },
    ],
    [
      'a text refused under the consent from before a STOP that waits to be taken in again',
      '3',
      consentThen,
      { heldUp: stopHeld, rows: [REFUSED_TEXT] },
    ],
    [
      'patients counted as eligible while a STOP from their number waits to be taken in again',
      'report',
      'weeks[1].eligible 5, expected 3',
      { heldUp: stopHeld },
    ],
    [
      'a patient counted as eligible while a booking waits to be taken in again',
      'report',
      'weeks[1].eligible 4, expected 3',
      { heldUp: heldInput('appointment-events', BOOKED, '09:59:50', '10:00:20') },
    ],
    [
      'a place in the wave of one whose STOP waits to be taken in again',
      '2',
      'wave 1 must not hold P1',
      { heldUp: stopHeld },
    ],
    ['the place that is lacking then', '2', 'wave 1 lacks P3', { heldUp: stopHeld }],
    [
      'no answer to a START that waited while a STOP came',
      '13',
      'reply r1 is not answered by OPT_IN_CONFIRM',
      { inputs: [START, reply('r2', '09:00:20')], heldUp: { replies: ['r1'], ...startHeld } },
    ],
    [
      'a text sent between a STOP that the store refused and its being brought again',
      '3',
      sentAlthough('OPTED_OUT'),
      { heldUp: stopHeld, faults: [refusedBy('people.update', '09:59:50')] },
    ],
    [
      'a text sent after a STOP of which only the id was stored',
      '3',
      sentAlthough('OPTED_OUT'),
      { heldUp: stopHeld, faults: [storedBy('replies.insertBatch', '09:59:50')] },
    ],
    [
      'no answer to a HELP whose order waited when a STOP came',
      '13',
      'reply r1 is not answered by HELP',
      { inputs: [HELP, reply('r2', '10:04:00')], heldUp: heldOrder('x', 'P1', '09:59:50', '10:05:00', 'r1') },
    ],
    [
      'no answer to a BOOK whose order waited when a STOP of the same second was taken in',
      '13',
      'reply r1 is not answered by BOOKING_OFFER',
      {
        inputs: [{ ...stop, text: 'BOOK' }, reply('r2', '09:59:50')],
        heldUp: heldOrder('x', 'P1', '09:59:50', '10:00:20', 'r1'),
      },
    ],
    [
      'the consent that its row states',
      '3',
      consentThen,
      { heldUp: stopHeld, faults: [refusedBy('numbers.get', '09:59:50')] },
    ],
    [
      'a text sent between a booking that the store refused and its being brought again',
      '7',
      sentAlthough('BOOKED'),
      {
        heldUp: heldInput('appointment-events', { ...BOOKED, patientId: 'P1' }, '09:59:50', '10:00:20'),
        faults: [refusedBy('people.replaceBatch', '09:59:50')],
      },
    ],
    ['the cap that follows', 'report', 'weeks[1].capCumulative 4, expected 3', { heldUp: stopHeld }],
    ['the place more that follows', '1', 'week 1: 6 admitted, cap 5', { heldUp: stopHeld }],
    [
      'the other one on a shared number, whose text was refused since',
      '13',
      'answer Rr1 (STOP_CONFIRM) to P2: expected P1',
      { inputs: [stop], faults: [crash], rows: [`m1,,P2,ADAPTIVE,A,0,REFUSED,OPTED_OUT,${on('10:00:00')}`] },
    ],
    [
      'an inbox row of a START that waited while a STOP came',
      '13',
      `INBOX row of P1 since ${on('09:00:00')}: no such reply`,
      { inputs: [START, reply('r2', '09:00:20')], heldUp: { replies: ['r1'], ...startHeld } },
    ],
    [
      'no answer to a reply whose answer was gone',
      '13',
      'reply r1 is not answered by HELP',
      { inputs: [stop], heldUp: { lostAnswers: ['r1'] } },
    ],
  ])('%s', (_, rule, detail, scene) => {
    expect(asked(scene)({ rule, detail })).toBe(true);
  });
});

describe('is never excused', () => {
  it.each<[string, string, string, Scene]>([
    [
      'more counted as eligible than are on the number',
      'report',
      'weeks[1].eligible 5, expected 2',
      { heldUp: stopHeld },
    ],
    ['eligible, in a week in which no day opened', 'report', 'weeks[2].eligible 4, expected 3', { heldUp: stopHeld }],
    ['eligible, with nothing held up', 'report', 'weeks[1].eligible 4, expected 3', { inputs: [stop] }],
    ['another figure of the report', 'report', 'weeks[1].booked 4, expected 3', { heldUp: stopHeld }],
    [
      'a text sent after a STOP that was stored, and not answered',
      '3',
      sentAlthough('OPTED_OUT'),
      { heldUp: stopHeld, faults: [storedBy('people.update', '09:59:50')] },
    ],
    [
      'a text sent after a STOP that was stored, while another write is refused',
      '3',
      sentAlthough('OPTED_OUT'),
      { heldUp: stopHeld, faults: [storedBy('people.update', '09:59:50'), refusedBy('ledger.get', '09:59:58')] },
    ],
    [
      'a text sent after a STOP that was refused at first and stored then',
      '3',
      sentAlthough('OPTED_OUT'),
      {
        heldUp: {
          inputs: [
            ...heldInput('sms-replies', stop, '09:59:10', '09:59:40').inputs,
            ...heldInput('sms-replies', stop, '09:59:10', '10:00:10', '09:59:40').inputs,
          ],
        },
        faults: [refusedBy('people.update', '09:59:10'), storedBy('people.update', '09:59:40')],
      },
    ],
    [
      'no answer to a HELP whose order had come before the STOP did',
      '13',
      'reply r1 is not answered by HELP',
      { inputs: [HELP, reply('r2', '10:50:00')], heldUp: heldOrder('x', 'P1', '09:59:50', '10:05:00', 'r1') },
    ],
    [
      'a text sent after a STOP of which the number was told last',
      '3',
      sentAlthough('OPTED_OUT'),
      { heldUp: stopHeld, faults: [refusedBy('numbers.update', '09:59:50')] },
    ],
    [
      'a text sent after a STOP that was cut off elsewhere',
      '3',
      sentAlthough('OPTED_OUT'),
      { heldUp: stopHeld, faults: [refusedBy('audit.upsert', '09:59:50'), crash] },
    ],
    [
      'a text sent before a HELP that the store refused',
      '3',
      sentAlthough('OPTED_OUT'),
      { heldUp: helpHeld, faults: [refusedBy('people.update', '09:59:50')] },
    ],
    [
      'a text sent long after a STOP that the store refused at first',
      '3',
      sentAlthough('OPTED_OUT'),
      {
        heldUp: heldInput('sms-replies', stop, '09:58:50', '09:59:50'),
        faults: [refusedBy('people.update', '09:58:50')],
      },
    ],
    ['a cap that is lower while a STOP waits', 'report', 'weeks[1].capCumulative 2, expected 3', { heldUp: stopHeld }],
    ['more admitted than waited', '1', 'week 1: 8 admitted, cap 5', { heldUp: stopHeld }],
    [
      'an inbox row of a START that waited, and no STOP',
      '13',
      `INBOX row of P1 since ${on('09:00:00')}: no such reply`,
      { inputs: [START], heldUp: { replies: ['r1'], ...startHeld } },
    ],
    ['more in the wave than wait', '1', 'wave 1 must not hold P1,P2,P3', { heldUp: stopHeld }],
    ['a place in a wave while nothing waits', '2', 'wave 1 must not hold P1', { inputs: [stop] }],
    ['a place of somebody else, over the cap', '1', 'wave 1 must not hold P3', { heldUp: stopHeld }],
    ['somebody else who is lacking', '8', 'wave 1 lacks P3', { heldUp: stopHeld }],
    ['a place in the wave while a HELP waits', '2', 'wave 1 must not hold P1', { heldUp: helpHeld }],
    ['fewer eligible while a STOP waits', 'report', 'weeks[1].eligible 2, expected 3', { heldUp: stopHeld }],
    ['an old consent while a HELP waits', '3', consentThen, { heldUp: helpHeld, rows: [REFUSED_TEXT] }],
    [
      'a refusal for a STOP that states no STOP',
      '3',
      consentThen,
      { heldUp: stopHeld, rows: [REFUSED_TEXT.replace('BOOKED', 'OPTED_OUT')] },
    ],
    [
      'an opt-out that was held up and is not confirmed',
      '13',
      'reply r1 is not answered by STOP_CONFIRM',
      { inputs: [stop, reply('r2', '10:00:10')], heldUp: { replies: ['r1'], ...stopHeld } },
    ],
    [
      'no answer to a START that waited, and no STOP',
      '13',
      'reply r1 is not answered by OPT_IN_CONFIRM',
      { inputs: [START], heldUp: { replies: ['r1'], ...startHeld } },
    ],
    [
      'no answer to a START that waited, and a STOP long after that',
      '13',
      'reply r1 is not answered by OPT_IN_CONFIRM',
      { inputs: [START, reply('r2', '09:50:00')], heldUp: { replies: ['r1'], ...startHeld } },
    ],
    ['a text sent while a STOP waits to be taken in again', '3', consentThen, { heldUp: stopHeld }],
    ['a text refused under an old consent with no STOP held up', '3', consentThen, { rows: [REFUSED_TEXT] }],
    [
      'a text refused under an old consent after the STOP was taken in',
      '3',
      consentThen,
      { heldUp: heldInput('sms-replies', stop, '09:58:50', '09:59:50'), rows: [REFUSED_TEXT] },
    ],
    [
      'a text refused under an old consent while a STOP from another number waits',
      '3',
      consentThen,
      {
        heldUp: heldInput('sms-replies', reply('r1', '09:59:50', PHONES.P3), '09:59:50', '10:00:20'),
        rows: [REFUSED_TEXT],
      },
    ],
    [
      'a text that never went although days had room',
      '8',
      `P1 touch 0: due 2026-01-05, could be sent from x to the end of 2026-01-05, left open`,
      { rows: ['m1,,P1,PILOT,1,0,REFUSED,EXPIRED,2026-01-09T10:00:00-06:00'] },
    ],
    [
      'a text while a STOP of its number was held up',
      '3',
      sentAlthough('OPTED_OUT'),
      { heldUp: stopHeld, inputs: [stop] },
    ],
    [
      'a text while a STOP of the other one on the number was held up',
      '3',
      sentAlthough('OPTED_OUT').replace('P1', 'P2'),
      { heldUp: stopHeld, inputs: [stop] },
    ],
    [
      'a wave fixed while a STOP was held up',
      '1',
      'wave 1 must not hold P3',
      { heldUp: heldInput('sms-replies', reply('r1', '00:00:00', PHONES.P3), '00:00:00', '00:00:30') },
    ],
    ['a text after a STOP', '3', sentAlthough('OPTED_OUT'), { inputs: [stop] }],
    [
      'a text after a STOP while one of another number was held up',
      '3',
      sentAlthough('OPTED_OUT').replace('P1', 'P3'),
      { heldUp: stopHeld },
    ],
    [
      'a text after a STOP while a receipt was held up',
      '3',
      sentAlthough('OPTED_OUT'),
      { heldUp: heldInput('sms-receipts', receipt('m1', '09:59:50'), '09:59:50', '10:00:20') },
    ],
    [
      'a text over a cap while a STOP was held up',
      '5',
      sentAlthough('x').replace('sent although x', '1 texts before'),
      { heldUp: stopHeld },
    ],
    [
      'liveness of a run without a fault',
      '8',
      'P1 touch 0: not refused BOOKED at the pass of 2026-01-05T16:00:00.000Z',
      {},
    ],
    [
      'an answer an hour late after a short fault',
      '5',
      'answer Rr1 (STOP_CONFIRM) to P1: sent 3000 s after the reply',
      { inputs: [stop], faults: [crash] },
    ],
    ['two rows for one text', '6', 'two ledger rows for c|P1|1|0', { heldUp: stopHeld }],
    ['hours', '4', sentAlthough('x').replace('sent although x', '22:00 outside'), { heldUp: stopHeld }],
    [
      'a receipt that was lost',
      '8',
      'ledger.csv line 2 (c|P1|1|0): status SENT, by the receipts DELIVERED',
      { heldUp: stopHeld },
    ],
    ['a reply that was lost', '13', `the reply of P1 at ${on('09:59:50')} is not in the inbox`, { heldUp: stopHeld }],
    ['a reply that is answered twice', '5', 'reply r1 answered 2 times', { heldUp: { ...stopHeld, answers: ['r1'] } }],
    [
      'an answer hours late',
      '5',
      'answer Rr1 (STOP_CONFIRM) to P1: sent 9000 s after the reply',
      { inputs: [stop], heldUp: { answers: ['r1'] } },
    ],
    [
      'an answer late without any reason',
      '5',
      'answer Rr1 (STOP_CONFIRM) to P1: sent 90 s after the reply',
      { inputs: [stop] },
    ],
    [
      'somebody on another number',
      '13',
      'answer Rr1 (STOP_CONFIRM) to P3: expected P2',
      { inputs: [stop], heldUp: heldOrder('m3', 'P3', '09:30:00', '10:10:00') },
    ],
    [
      'the other one on the number without any reason',
      '13',
      'answer Rr1 (STOP_CONFIRM) to P1: expected P2',
      { inputs: [stop] },
    ],
    [
      'an incident that was lost',
      'incident',
      'no UNKNOWN_EVENT at x (receipt m9 DELIVERED )',
      { heldUp: heldOrder('m1', 'P1', '09:30:00', '10:10:00') },
    ],
    ['a text with nothing left, nothing having been delayed', '10', nothingLeft, { inputs: [interval('09:58:00')] }],
    ['a text with nothing left, no calls having been judged', '10', nothingLeft, { faults: [crash] }],
    ['more on the floor than were delayed', '10', onFloor(4), { heldUp: intervalHeld }],
    ['a text with nothing left before calls were held up', '10', nothingLeft, { heldUp: intervalHeldLater }],
    [
      'a day that was to open long before the campaign was cancelled',
      '10',
      'days 2026-01-06: budget 0, expected 1',
      { endedAt: '2026-01-06T04:00:00-06:00', faults: [{ kind: 'jump', atMs: ms('23:00:00') }] },
    ],
    [
      'a day that did not open, with no machine suspended',
      '10',
      'days 2026-01-06: budget 0, expected 1',
      { endedAt: '2026-01-06T00:17:17-06:00', faults: [crash] },
    ],
    [
      'somebody handed over although they had responded before',
      'worklist',
      `P1: CRITICAL_NO_RESPONSE since ${on('10:01:00')}, expected `,
      { heldUp: stopHeld },
    ],
    [
      'somebody else handed over while a STOP waited',
      'worklist',
      `P3: CRITICAL_NO_RESPONSE since ${on('10:00:00')}, expected `,
      { heldUp: stopHeld },
    ],
    [
      'a reply in nobody’s inbox',
      '13',
      `the reply of P1 at ${on('10:00:00')} is not in the inbox`,
      { inputs: [NO], heldUp: heldOrder('m9', 'P2', '09:50:00', '10:10:00') },
    ],
    [
      'a reply in the inboxes of both',
      '13',
      `INBOX row of P2 since ${on('10:00:00')}: no such reply`,
      { inputs: [NO], heldUp: heldOrder('m9', 'P2', '09:50:00', '10:10:00'), inbox: ['P1', 'P2'] },
    ],
    [
      'a reply in the inbox of the other one, with nothing held up',
      '13',
      `INBOX row of P2 since ${on('10:00:00')}: no such reply`,
      { inputs: [NO], inbox: ['P2'] },
    ],
    [
      'HELP that is answered after a STOP that was taken in',
      '13',
      'answer Rr2 (HELP) to P1 on 2026-01-05: no such reply calls for an answer',
      { inputs: [stop, { ...HELP, replyId: 'r2', at: on('10:00:40') }], heldUp: stopHeld },
    ],
    ['a wrong budget', '10', 'days 2026-01-05: budget 0, expected 56', { heldUp: stopHeld }],
    [
      'a wave with more wrong than was held up',
      '1',
      'wave 1 must not hold P1,P2',
      { heldUp: heldInput('sms-replies', reply('r1', '00:00:00', PHONES.P3), '00:00:00', '00:00:30') },
    ],
    ['a cap of a week', '1', 'week 1: 51 patients texted, cap 50', { heldUp: stopHeld }],
    [
      'a STOP without an answer whose number turned out dead days later',
      '13',
      'reply r1 is not answered by STOP_CONFIRM',
      {
        inputs: [stop, { ...receipt('m1', '10:00:00'), at: '2026-01-09T10:00:00-06:00' }],
        heldUp: { replies: ['r1'] },
      },
    ],
  ])('%s', (_, rule, detail, scene) => {
    expect(asked(scene)({ rule, detail })).toBe(false);
  });

  it('more texts with nothing left than were delayed', () => {
    const isLate = asked({ inputs: [interval('09:58:00')], heldUp: heldOrder('m1', 'P1', '09:30:00', '10:00:00') });
    const others = nothingLeft.replace('m1', 'm3');
    expect([nothingLeft, others].map((detail) => isLate({ rule: '10', detail }))).toEqual([true, false]);
  });
});
