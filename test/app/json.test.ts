/**
 * Every storage but the memory of a replay keeps rows as JSON: a run over tables that pass each row through JSON is the
 * same to the byte, so nothing is stored that JSON does not know (an Infinity, an undefined, a Date).
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { scratch } from '../cli/support';
import { january, optedIn, phoneOf, ROOT, runRecording, textsOf, vendorFile, type Run } from './harness';

/** The app as it is, over such tables. */
function jsonApp(): string {
  const folder = path.join(scratch(), 'app');
  mkdirSync(folder);
  const built = (name: string) => JSON.stringify(path.join(ROOT, 'dist', name));
  const lines = [
    `const { createWorld, shareWorld } = require(${built('services/world.js')});`,
    `const { createMemoryTables } = require(${built('services/memory/tables.js')});`,
    `const { storeOf } = require(${built('services/services.js')});`,
    'const tables = createMemoryTables({ json: true });',
    'shareWorld({ ...createWorld({}), tables, store: storeOf(tables) });',
    `require(${built('app.js')});`,
  ];
  writeFileSync(path.join(folder, 'app.js'), lines.join('\n'));
  writeFileSync(path.join(folder, 'package.json'), '{"main":"app.js"}');
  writeFileSync(path.join(folder, 'host.json'), '{"version":"2.0"}');
  return folder;
}

const PATIENTS = 6;
const scenario = {
  campaign: {
    postPilotWeeks: 2,
    touches: [0, 3],
    requireFreshPreferences: true,
    callCentre: { floorPerDay: 0, capacityPerDay: 100, baseForecast: { mon: 0, tue: 0, wed: 0, thu: 0, fri: 0 } },
  },
  patients: Array.from({ length: PATIENTS }, (_, n) => (n === 0 ? { chronicConditions: '9', edVisits12m: '9' } : {})),
  initial: optedIn('P1', 'P2', 'P3', 'P4', 'P5'),
  files: Object.fromEntries(
    [5, 6, 7, 8, 12, 13, 19, 20].map((day) => [
      `preferences-2026-01-${String(day).padStart(2, '0')}.csv`,
      vendorFile(`P6,${phoneOf(5)},OPT_IN,${january(2, '09:00')}`),
    ]),
  ),
  inputs: [
    ...[5, 6, 7, 8, 12, 13, 19, 20].map((day) => ({
      at: january(day, '08:00'),
      type: 'preferences.file',
      file: `preferences-2026-01-${String(day).padStart(2, '0')}.csv`,
    })),
    { at: january(5, '12:00'), type: 'sms.reply', from: phoneOf(1), text: 'stop', replyId: 'r1' },
    {
      at: january(6, '12:00'),
      type: 'appointment.booked',
      patientId: 'P3',
      appointmentId: 'a1',
      startsAt: january(9, '09:00'),
      channel: 'link',
    },
    { at: january(13, '10:30'), type: 'control.pause', by: 'lead' },
    { at: january(13, '11:30'), type: 'control.resume', by: 'lead' },
  ].sort((a, b) => (a.at < b.at ? -1 : 1)),
};

/** Which rows are written together depends on what the memory hands out. */
const withoutOperations = ({ files }: Run) => ({
  ...files,
  'report.json': files['report.json']!.replace(/"storageOperations": \d+/, ''),
});

it('a run over tables of JSON is the same to the byte, adaptive texts and all', async () => {
  const [plain, json]: Run[] = [
    await runRecording(scenario),
    await runRecording({ ...scenario, host: { app: jsonApp() } }),
  ];
  expect(textsOf(plain!).filter((row) => row['phase'] === 'ADAPTIVE').length).toBeGreaterThan(4);
  expect(withoutOperations(json!)).toEqual(withoutOperations(plain!));
});
