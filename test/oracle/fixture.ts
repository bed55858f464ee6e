/**
 * A small run worked out by hand: six patients, one pilot week, one adaptive week, with a STOP, a HELP, an inbox reply, a
 * booking, a bad spell of calls, a bad roster row, missing files and a hand-over to the call list. The tests check that
 * the oracle accepts it and that it catches every kind of damage done to it.
 */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HEADERS, type Row } from './readOutput';
import { messageIdOf } from './rules/rows';

export interface Fixture {
  campaign: Record<string, unknown>;
  roster: string;
  files: Record<string, string>;
  inputs: Record<string, unknown>[];
  ledger: Row[];
  patients: Row[];
  worklist: Row[];
  quarantine: Row[];
  report: {
    [field: string]: unknown;
    weeks: Record<string, unknown>[];
    days: Record<string, unknown>[];
    incidents: Record<string, unknown>[];
    outcomes: Record<string, number>;
  };
  audit: string;
}

const PEOPLE: [string, string, string, string][] = [
  ['P1', '+13125550111', 'America/New_York', 'SERIOUS'],
  ['P2', '+13125550112', 'America/Chicago', 'SERIOUS'],
  ['P3', '+13125550113', 'America/Phoenix', 'VIP'],
  ['P4', '+13125550114', 'America/Chicago', 'SERIOUS'],
  ['P5', '+13125550115', 'Pacific/Honolulu', 'SERIOUS'],
  ['P6', '+13125550116', 'America/Chicago', 'SERIOUS'],
];

const iso = (text: string): string => `2026-01-${text}:00-06:00`;

function rosterRow(id: string, phone: string, zone: string, category: string): string {
  const letter = 'abcdefg'[Number(id[1]) - 1];
  return `${id},Zuv${letter}ka,Brin${letter}mo,${phone},en,${zone},IL,${category},1950-02-03,2,1,0,1,2025-11-02,1,C-1,D-1`;
}

function preferenceFile(people: string[]): string {
  const rows = people.map((id) => {
    const phone = PEOPLE.find(([patientId]) => patientId === id)?.[1];
    return `${id},${phone},OPT_IN,2026-01-01T10:00:00-06:00,portal\n`;
  });
  return `patientId,phone,action,effectiveAt,source\n${rows.join('')}TRAILER,${rows.length}\n`;
}

/** One ledger row; `sentAt` and `decidedAt` are `DD THH:MM` in Chicago's winter offset. */
export function ledgerRow(id: string, wave: string, touch: number, cells: Row): Row {
  const [, , timeZone = '', category = ''] = PEOPLE.find(([patientId]) => patientId === id) ?? [];
  const row: Row = Object.fromEntries(HEADERS['ledger.csv'].split(',').map((column) => [column, '']));
  return {
    ...row,
    messageId: messageIdOf('fixture', id, wave, touch),
    campaignId: 'fixture',
    patientId: id,
    tier: { P1: '1', P2: '1', P3: '1', P4: '1' }[id] ?? '3',
    category,
    wave,
    touch: String(touch),
    timeZone,
    week: '1',
    consentStatus: 'OPT_IN',
    consentSource: 'VENDOR',
    consentAt: iso('01T10:00'),
    status: 'SENT',
    segments: cells['sentAt'] === undefined ? '' : '1',
    ...cells,
    ...(cells['sentAt'] === undefined ? { status: 'REFUSED' } : { decidedAt: cells['sentAt'] }),
  };
}

export function fixture(): Fixture {
  const invite = { phase: 'PILOT', kind: 'INVITE', plannedFor: '2026-01-05' };
  const followUp = { phase: 'PILOT', kind: 'FOLLOW_UP', plannedFor: '2026-01-07' };
  const byStop = { consentStatus: 'OPT_OUT', consentSource: 'REPLY', consentAt: iso('05T10:30') };
  const answer = { phase: 'REPLY', plannedFor: '2026-01-05' };
  const adaptive = { phase: 'ADAPTIVE', kind: 'ADAPTIVE', week: '2' };
  const day = (date: string, cells: Record<string, unknown>): Record<string, unknown> => {
    const forecast = { mon: 130, tue: 105, wed: 100, thu: 100, fri: 95 };
    const names = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
    const name = names[new Date(date).getUTCDay()] as keyof typeof forecast;
    const forecastCalls = forecast[name];
    const budget = Math.max(5, Math.floor(Number(((131 - forecastCalls) / 0.12).toFixed(6))));
    const entry = {
      date,
      preferences: 'TAKEN',
      forecastCalls,
      callRate: 0.12,
      budget,
      sent: 0,
      refused: {},
      halvings: 0,
    };
    return { ...entry, offered: 0, abandoned: 0, ...cells };
  };
  const lost = { preferences: 'MISSING', budget: 0 };
  const person = (id: string, rank: number, score: number, cells: Row): Row => ({
    patientId: id,
    tier: { P1: '1', P2: '1', P3: '1', P4: '1' }[id] ?? '3',
    category: PEOPLE.find(([patientId]) => patientId === id)?.[3] as string,
    score: String(score),
    band: String(Math.floor(score / 10)),
    rank: String(rank),
    wave: '',
    touchesSent: '0',
    preference: 'OPT_IN',
    booked: 'false',
    attended: 'false',
    outcome: 'NO_RESPONSE',
    ...cells,
  });
  const opened = ['05', '06', '07', '08', '12', '13'];
  return {
    campaign: {
      campaignId: 'fixture',
      startsOn: '2026-01-05',
      weeks: 1,
      postPilotWeeks: 1,
      weeklyThreshold: 0.6,
      touches: [0, 2],
      callCentre: { capacityPerDay: 131 },
      adaptive: { touchesMax: 1, minDaysBetween: 2 },
    },
    roster:
      'patientId,firstName,lastName,phone,language,timeZone,state,category,birthDate,chronicConditions,edVisits12m,admissions12m,missedAppointments12m,lastPcpVisit,careGaps,clinicId,pcpId\n' +
      `${PEOPLE.map((person) => rosterRow(...person)).join('\n')}\n${rosterRow('P7', '+1312', 'America/Chicago', 'VIP')}\n`,
    files: Object.fromEntries(
      opened.map((d) => [`preferences-2026-01-${d}.csv`, preferenceFile(['P1', 'P2', 'P3', 'P4', 'P5'])]),
    ),
    inputs: [
      { at: iso('05T07:00'), type: 'preferences.file', file: 'preferences-2026-01-05.csv' },
      interval('05T10:00', 25, 10),
      { at: iso('05T10:30'), type: 'sms.reply', from: '+13125550111', text: 'Stop.', replyId: 'r1' },
      { at: iso('05T11:00'), type: 'sms.reply', from: '+13125550114', text: 'help', replyId: 'r2' },
      { at: iso('05T11:30'), type: 'sms.reply', from: '+13125550115', text: 'who is this', replyId: 'r3' },
      ...opened
        .slice(1, 4)
        .map((d) => ({ at: iso(`${d}T07:00`), type: 'preferences.file', file: `preferences-2026-01-${d}.csv` })),
      {
        at: iso('08T08:00'),
        type: 'appointment.booked',
        patientId: 'P2',
        appointmentId: 'a1',
        startsAt: iso('20T09:00'),
        channel: 'link',
      },
      ...opened
        .slice(4)
        .map((d) => ({ at: iso(`${d}T07:00`), type: 'preferences.file', file: `preferences-2026-01-${d}.csv` })),
    ],
    ledger: [
      ledgerRow('P1', '1', 0, { ...invite, sentAt: iso('05T08:00'), localTime: '09:00' }),
      ledgerRow('P1', '1', 1, { ...followUp, ...byStop, decidedAt: iso('07T08:00'), reason: 'OPTED_OUT' }),
      ledgerRow('P2', '1', 0, { ...invite, sentAt: iso('05T09:00'), localTime: '09:00' }),
      ledgerRow('P2', '1', 1, { ...followUp, sentAt: iso('07T09:00'), localTime: '09:00' }),
      ledgerRow('P3', '1', 0, { ...invite, sentAt: iso('05T10:00'), localTime: '09:00' }),
      ledgerRow('P3', '1', 1, { ...followUp, sentAt: iso('07T10:00'), localTime: '09:00' }),
      ledgerRow('P1', 'Rr1', 0, {
        ...answer,
        ...byStop,
        kind: 'STOP_CONFIRM',
        sentAt: iso('05T10:30'),
        localTime: '11:30',
      }),
      ledgerRow('P4', 'Rr2', 0, { ...answer, kind: 'HELP', sentAt: iso('05T11:00'), localTime: '11:00' }),
      ledgerRow('P4', 'A2026-01-12', 0, {
        ...adaptive,
        plannedFor: '2026-01-12',
        sentAt: iso('12T09:00'),
        localTime: '09:00',
      }),
      ledgerRow('P5', 'A2026-01-13', 0, {
        ...adaptive,
        plannedFor: '2026-01-13',
        sentAt: iso('13T13:00'),
        localTime: '09:00',
      }),
    ],
    patients: [
      person('P1', 2, 90, { wave: '1', touchesSent: '1', preference: 'OPT_OUT', outcome: 'OPTED_OUT' }),
      person('P2', 3, 85, { wave: '1', touchesSent: '2', booked: 'true', outcome: 'BOOKED' }),
      person('P3', 1, 82, { wave: '1', touchesSent: '2' }),
      person('P4', 4, 81, { touchesSent: '1', outcome: 'HANDED_TO_CALL' }),
      person('P5', 5, 30, { touchesSent: '1' }),
      person('P6', 6, 20, { preference: 'UNKNOWN', outcome: 'NO_CONSENT' }),
    ],
    worklist: [
      { patientId: 'P4', tier: '1', reason: 'CRITICAL_NO_RESPONSE', since: iso('14T00:00') },
      { patientId: 'P5', tier: '3', reason: 'INBOX', since: iso('05T11:30') },
    ],
    quarantine: [{ source: 'roster.csv', line: '8', patientId: 'P7', field: 'phone', reason: 'not a valid number' }],
    report: {
      campaignId: 'fixture',
      seed: 1,
      startedAt: iso('05T00:00'),
      endedAt: iso('19T00:00'),
      endState: 'COMPLETED',
      policy: {},
      roster: { rows: 7, accepted: 6, quarantined: 1 },
      weeks: [
        {
          week: 1,
          startsAt: iso('05T00:00'),
          eligible: 5,
          capCumulative: 3,
          wave: 1,
          admittedCumulative: 3,
          textedCumulative: 3,
          booked: 1,
          optedOut: 1,
          carriedOver: 0,
        },
      ],
      days: [
        day('2026-01-05', { sent: 3, halvings: 1, offered: 25, abandoned: 10 }),
        day('2026-01-06', {}),
        day('2026-01-07', { sent: 2, refused: { OPTED_OUT: 1 } }),
        day('2026-01-08', {}),
        day('2026-01-09', lost),
        day('2026-01-12', { sent: 1 }),
        day('2026-01-13', { sent: 1 }),
        day('2026-01-14', lost),
        day('2026-01-15', lost),
        day('2026-01-16', lost),
      ],
      outcomes: { OPTED_OUT: 1, BOOKED: 1, NO_RESPONSE: 2, HANDED_TO_CALL: 1, NO_CONSENT: 1 },
      incidents: ['09', '14', '15', '16'].map((d) => ({
        at: iso(`${d}T12:00`),
        type: 'PREFERENCES_FILE_MISSING',
        detail: '',
      })),
      evaluation: {},
      runtime: {},
    },
    audit: '',
  };
}

export function interval(at: string, offered: number, abandoned: number): Record<string, unknown> {
  const hour = (n: number): string => iso(`${at.slice(0, 3)}${String(n).padStart(2, '0')}:00`);
  const to = Number(at.slice(3, 5));
  const counts = { offered, answered: offered - abandoned, answeredWithin30s: offered - abandoned };
  return {
    at: iso(at),
    type: 'call.interval',
    from: hour(to - 1),
    to: hour(to),
    ...counts,
    abandoned,
    abandonedWithin10s: 0,
  };
}

function table(header: string, rows: Row[]): string {
  const columns = header.split(',');
  return [header, ...rows.map((row) => columns.map((column) => row[column] ?? '').join(','))].join('\n') + '\n';
}

/** Writes the fixture to a new folder; gives the recording's and the output's path. */
export function writeFixture(made: Fixture): { recording: string; out: string } {
  const folder = mkdtempSync(join(tmpdir(), 'oracle-'));
  const recording = join(folder, 'recording');
  const out = join(folder, 'out');
  const lines = made.inputs.map((input) => JSON.stringify(input) + '\n').join('');
  for (const root of [recording, join(out, 'recording')]) {
    mkdirSync(join(root, 'preferences'), { recursive: true });
    writeFileSync(join(root, 'campaign.json'), JSON.stringify(made.campaign));
    writeFileSync(join(root, 'roster.csv'), made.roster);
    writeFileSync(join(root, 'inputs.jsonl'), lines);
    for (const [name, text] of Object.entries(made.files)) writeFileSync(join(root, 'preferences', name), text);
  }
  writeFileSync(join(out, 'recording', 'recording.json'), '{}');
  writeFileSync(join(out, 'report.html'), '<html></html>');
  writeFileSync(join(out, 'audit.jsonl'), made.audit);
  writeFileSync(join(out, 'report.json'), JSON.stringify(made.report));
  for (const name of ['ledger', 'patients', 'worklist', 'quarantine'] as const) {
    writeFileSync(join(out, `${name}.csv`), table(HEADERS[`${name}.csv`], made[name]));
  }
  return { recording, out };
}
