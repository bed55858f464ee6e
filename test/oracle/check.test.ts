/**
 * The oracle itself: it accepts the run worked out by hand, and for each rule of formats.md it catches damage that breaks
 * that rule and nothing else it would have been caught by before.
 */
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { checkRun, type Violation } from './check';
import { fixture, interval, ledgerRow, writeFixture, type Fixture } from './fixture';
import type { Row } from './readOutput';
import { meaningsOf } from './replies';

function verdict(damage: (made: Fixture) => void): Violation[] {
  const made = fixture();
  damage(made);
  const { recording, out } = writeFixture(made);
  const violations = checkRun(recording, out);
  rmSync(dirname(out), { recursive: true });
  return violations;
}

function row(made: Fixture, patientId: string, wave: string, touch: number): Row {
  return made.ledger.find(
    (r) => r['patientId'] === patientId && r['wave'] === wave && r['touch'] === String(touch),
  ) as Row;
}

function move(target: Row, sentAt: string, localTime: string): void {
  Object.assign(target, { sentAt, decidedAt: sentAt, localTime });
}

const at = (text: string): string => `2026-01-${text}:00-06:00`;
const stop = { type: 'sms.reply', from: '+13125550113', text: 'STOP', replyId: 'r9' };
const first = 'preferences-2026-01-05.csv';

function insertInput(made: Fixture, input: Record<string, unknown>): void {
  const place = made.inputs.findIndex((other) => String(other['at']) > String(input['at']));
  made.inputs.splice(place < 0 ? made.inputs.length : place, 0, input);
}

const DAMAGES: [rule: string, what: string, damage: (made: Fixture) => void][] = [
  [
    '1',
    'a fourth patient admitted over the cap',
    (made) => {
      made.campaign['weeklyThreshold'] = 0.4;
    },
  ],
  [
    '2',
    'a lower rank admitted in place of a higher one',
    (made) => {
      const [p2, p4] = [made.patients[1] as Row, made.patients[3] as Row];
      [p2['rank'], p4['rank']] = [p4['rank'] as string, p2['rank'] as string];
    },
  ],
  ['2', 'a rank given twice', (made) => void ((made.patients[4] as Row)['rank'] = '6')],
  [
    '2',
    'a SERIOUS patient ranked before a VIP of the same tier',
    (made) => {
      const [p1, p3] = [made.patients[0] as Row, made.patients[2] as Row];
      [p1['rank'], p3['rank']] = [p3['rank'] as string, p1['rank'] as string];
    },
  ],
  ['3', 'a text after a STOP', (made) => insertInput(made, { ...stop, at: at('06T10:00') })],
  [
    '3',
    'a text without consent',
    (made) => {
      for (const name of Object.keys(made.files))
        made.files[name] = made.files[name]!.replaceAll('P3,+13125550113,OPT_IN', 'P3,+13125550113,OPT_OUT');
    },
  ],
  [
    '3',
    'consent columns that do not quote the deciding preference',
    (made) => {
      row(made, 'P2', '1', 0)['consentAt'] = at('02T10:00');
    },
  ],
  [
    '4',
    'a text before the window opens at the recipient',
    (made) => move(row(made, 'P3', '1', 1), at('07T09:59'), '08:59'),
  ],
  ['4', 'a text when the window has closed', (made) => move(row(made, 'P2', '1', 1), at('07T19:00'), '19:00')],
  ['4', 'a text on a skipped date', (made) => void (made.campaign['skipDates'] = ['2026-01-07'])],
  ['4', 'a localTime in another zone', (made) => void (row(made, 'P3', '1', 0)['localTime'] = '10:00')],
  [
    '5',
    'two texts in one day',
    (made) => {
      made.ledger.push(
        ledgerRow('P4', 'A2026-01-13', 1, {
          ...row(made, 'P4', 'A2026-01-12', 0),
          messageId: '',
          sentAt: at('12T15:00'),
          localTime: '15:00',
        }),
      );
    },
  ],
  ['5', 'more texts in seven days than allowed', (made) => void (made.campaign['caps'] = { perSevenDays: 1 })],
  ['5', 'a HELP answered late', (made) => move(row(made, 'P4', 'Rr2', 0), at('05T11:05'), '11:05')],
  [
    '5',
    'a reply answered twice',
    (made) => {
      made.ledger.push({ ...row(made, 'P4', 'Rr2', 0), patientId: 'P5', timeZone: 'Pacific/Honolulu', tier: '3' });
    },
  ],
  ['6', 'one touch in two rows', (made) => void made.ledger.push({ ...row(made, 'P2', '1', 1) })],
  ['6', 'a messageId of another key', (made) => void (row(made, 'P2', '1', 1)['messageId'] = 'a'.repeat(32))],
  [
    '7',
    'a text to a booked patient',
    (made) => {
      const booked = made.inputs.find((input) => input['type'] === 'appointment.booked') as Record<string, unknown>;
      made.inputs.splice(made.inputs.indexOf(booked), 1);
      insertInput(made, { ...booked, at: at('06T08:00') });
    },
  ],
  ['7', 'a text while paused', (made) => insertInput(made, { at: at('07T08:30'), type: 'control.pause', by: 'ann' })],
  ['7', 'a follow-up before it is due', (made) => move(row(made, 'P2', '1', 1), at('06T09:00'), '09:00')],
  ['7', 'an adaptive text in the pilot', (made) => move(row(made, 'P4', 'A2026-01-12', 0), at('08T09:00'), '09:00')],
  [
    '7',
    'adaptive texts not spread over the phase',
    (made) => {
      move(row(made, 'P5', 'A2026-01-13', 0), at('12T13:00'), '09:00');
    },
  ],
  [
    '7',
    'an adaptive text left out',
    (made) => void made.ledger.splice(made.ledger.indexOf(row(made, 'P5', 'A2026-01-13', 0)), 1),
  ],
  ['8', 'an admitted patient with a touch missing', (made) => void made.ledger.splice(3, 1)],
  ['8', 'an accepted patient not in patients.csv', (made) => void made.patients.pop()],
  ['8', 'a reason that did not hold', (made) => void (row(made, 'P1', '1', 1)['reason'] = 'BOOKED')],
  ['8', 'a refusal later than the first pass', (made) => void (row(made, 'P1', '1', 1)['decidedAt'] = at('07T12:00'))],
  [
    '8',
    'a due text sent a day after nothing stood in its way',
    (made) => {
      const booked = made.inputs.find((input) => input['type'] === 'appointment.booked') as Record<string, unknown>;
      made.inputs.splice(made.inputs.indexOf(booked), 1);
      insertInput(made, { ...booked, at: at('08T10:00') });
      move(row(made, 'P2', '1', 1), at('08T09:00'), '09:00');
    },
  ],
  [
    '8',
    'an expiry at another instant than the limit',
    (made) => {
      const touch = row(made, 'P2', '1', 1);
      Object.assign(touch, {
        sentAt: '',
        localTime: '',
        status: 'REFUSED',
        reason: 'EXPIRED',
        decidedAt: at('14T01:00'),
        week: '2',
      });
    },
  ],
  ['8', 'an outcome lower in the order', (made) => void ((made.patients[1] as Row)['outcome'] = 'NO_RESPONSE')],
  [
    '9',
    'texts on a day whose file was refused',
    (made) => {
      made.files[first] = made.files[first]!.replace('TRAILER,5', 'TRAILER,4');
    },
  ],
  [
    '9',
    'texts before the day opened',
    (made) => {
      const file = made.inputs.find((input) => input['file'] === 'preferences-2026-01-07.csv') as Record<
        string,
        unknown
      >;
      file['at'] = at('07T09:30');
    },
  ],
  [
    '10',
    'a budget that does not follow from the rate',
    (made) => void ((made.report.days[0] as Row)['budget'] = 9 as never),
  ],
  [
    '10',
    'more texts than the budget',
    (made) => {
      made.campaign['callCentre'] = { capacityPerDay: 130, floorPerDay: 2 };
    },
  ],
  [
    '10',
    'a text of a lower tier when nothing was left',
    (made) => {
      made.campaign['callCentre'] = { capacityPerDay: 130, floorPerDay: 3 };
      (made.report.days[0] as Record<string, unknown>)['budget'] = 3;
      for (const cells of [made.patients[2], row(made, 'P3', '1', 0), row(made, 'P3', '1', 1)] as Row[])
        cells['tier'] = '2';
    },
  ],
  ['10', 'a halving nobody counted', (made) => insertInput(made, interval('05T12:00', 25, 10))],
  [
    '11',
    'a name in the audit',
    (made) => {
      made.audit = `{"at":"${at('05T09:00')}","actor":"ann","action":"x","target":"P4","detail":"Zuvdka called"}\n`;
    },
  ],
  [
    '13',
    'a STOP that nobody confirmed',
    (made) => void made.ledger.splice(made.ledger.indexOf(row(made, 'P1', 'Rr1', 0)), 1),
  ],
  [
    '13',
    'a free text answered',
    (made) => {
      made.ledger.push(
        ledgerRow('P5', 'Rr3', 0, {
          phase: 'REPLY',
          kind: 'HELP',
          plannedFor: '2026-01-05',
          sentAt: at('05T11:30'),
          localTime: '07:30',
        }),
      );
    },
  ],
  ['13', 'a free text not in the inbox', (made) => void made.worklist.pop()],
  [
    '13',
    'a second STOP confirmed',
    (made) => {
      insertInput(made, { ...stop, at: at('05T12:00'), from: '+13125550111' });
      const again = {
        ...row(made, 'P1', 'Rr1', 0),
        wave: 'Rr9',
        sentAt: at('05T12:00'),
        decidedAt: at('05T12:00'),
        localTime: '13:00',
      };
      made.ledger.push(again);
    },
  ],
  ['worklist', 'a hand-over on the wrong day', (made) => void ((made.worklist[0] as Row)['since'] = at('15T00:00'))],
  ['quarantine', 'a bad roster row that nobody reported', (made) => void made.quarantine.pop()],
  ['incident', 'a missing file without an incident', (made) => void made.report.incidents.pop()],
  [
    'format',
    'an instant in another offset',
    (made) => move(row(made, 'P2', '1', 0), '2026-01-05T15:00:00+00:00', '09:00'),
  ],
];

describe('the oracle', () => {
  it('accepts the run worked out by hand', () => {
    expect(verdict(() => undefined)).toEqual([]);
  });

  it.each(DAMAGES)('rule %s: catches %s', (rule, _what, damage) => {
    expect(verdict(damage).map((violation) => violation.rule)).toContain(rule);
  });

  it.each([
    ['Stop.', 'STOP'],
    ['STOP please', 'STOP'],
    ['opt-out', 'STOP'],
    ['¡ALTO, gracias!', 'STOP'],
    ['cancelar por favor', 'STOP'],
    ['stop stop', 'STOP'],
    ["don't ever text me again, stop!", 'STOP_AND_INBOX'],
    ['can I cancel my visit', 'INBOX'],
    ['unstop', 'START'],
    ['Help?', 'HELP'],
    ['1', 'BOOK'],
    ['yes please', 'BOOK'],
    ['yes tomorrow', 'INBOX'],
    ['nonstop', 'INBOX'],
    ['thanks', 'INBOX'],
  ])('reads %s as %s', (text, meaning) => {
    expect(meaningsOf(text)).toEqual([meaning]);
  });
});
