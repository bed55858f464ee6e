/**
 * Proves that the house's guards fire: each snippet is linted as if it stood in the folder named, once where it must be
 * refused and once in the variant that must pass. A guard that is switched off or misspelt fails here.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const SYNTAX = 'no-restricted-syntax';
const GLOBALS = 'no-restricted-globals';
const IMPORTS = 'house/boundaries';

type Refused = readonly [folder: string, rule: string, code: string];
type Passed = readonly [folder: string, code: string];

const PURE = ['domain', 'orchestrators', 'entities'];
const TIMELESS = ['activities', 'triggers', 'services', 'report', 'simulator', 'emulator/core'];
const each = (folders: readonly string[], cases: readonly (readonly [string, string])[]): Refused[] =>
  folders.flatMap((folder) => cases.map(([rule, code]): Refused => [folder, rule, code]));

const CLOCKS = [
  [SYNTAX, 'export const now = Date.now();'],
  [SYNTAX, "export const now = Date['now']();"],
  [SYNTAX, 'const { now } = Date; export const at = now();'],
  [SYNTAX, 'export const now = new Date();'],
  [SYNTAX, 'export const now = Date();'],
  [SYNTAX, "export const now = new Intl.DateTimeFormat('en').format();"],
  [GLOBALS, 'export const now = performance.now();'],
  [GLOBALS, 'setTimeout(() => undefined, 1);'],
  [GLOBALS, 'setInterval(() => undefined, 1);'],
  [GLOBALS, 'setImmediate(() => undefined);'],
] as const;

const MACHINE = [
  [SYNTAX, 'export const at = new Date(2026, 0, 5);'],
  [SYNTAX, 'export const hour = new Date(0).getHours();'],
  [SYNTAX, 'export const text = new Date(0).toLocaleString();'],
  [SYNTAX, "export const order = 'a'.localeCompare('b');"],
] as const;

const RANDOMNESS = [
  [SYNTAX, 'export const x = Math.random();'],
  [SYNTAX, "export const x = Math['random']();"],
  [SYNTAX, 'const { random } = Math; export const x = random();'],
  [SYNTAX, "import * as crypto from 'node:crypto'; export const x = crypto.randomUUID();"],
  [SYNTAX, "import { randomBytes } from 'node:crypto'; export const x = randomBytes(8);"],
] as const;

const SETTINGS = [
  [SYNTAX, "export const tz = process.env['TZ'];"],
  [SYNTAX, "export const tz = process['env']['TZ'];"],
  [SYNTAX, 'const { env } = process; export const tz = env;'],
  [SYNTAX, "import { env } from 'node:process'; export const tz = env;"],
] as const;

const WORLD = [
  [GLOBALS, 'process.exit(1);'],
  [GLOBALS, "console.log('hello');"],
  [GLOBALS, "export const page = fetch('x');"],
  [GLOBALS, 'export const id = crypto.randomUUID();'],
  [GLOBALS, "export const all = globalThis['process'];"],
  [IMPORTS, "import { readFileSync } from 'node:fs'; export const x = readFileSync;"],
  [IMPORTS, "import http from 'node:http'; export const x = http;"],
  [IMPORTS, "export { readFileSync } from 'node:fs';"],
  [IMPORTS, "export const x = import('node:fs');"],
  [IMPORTS, 'export const x = (name: string) => import(name);'],
  [IMPORTS, "export const x = require('node:fs');"],
] as const;

const BOUNDARIES: readonly Refused[] = [
  ['domain', IMPORTS, "import { createHmac } from 'node:crypto'; export const x = createHmac;"],
  ['domain', IMPORTS, "import * as crypto from 'node:crypto'; export const x = crypto;"],
  ['domain', IMPORTS, "import { isToday } from 'date-fns'; export const x = isToday;"],
  ['domain', IMPORTS, "import { parse } from 'csv-parse/sync'; export const x = parse;"],
  ['domain', IMPORTS, "import { systemClock } from '../services/clock'; export const x = systemClock;"],
  ['domain', IMPORTS, "import type { Services } from '../services/services'; export type X = Services;"],
  ['domain', IMPORTS, "export type X = import('../services/services').Services;"],
  ['domain', IMPORTS, "export * from '../activities/people';"],
  ['orchestrators', IMPORTS, "import { openDay } from '../activities/openDay'; export const x = openDay;"],
  ['orchestrators', IMPORTS, "import type { Services } from '../services/services'; export type X = Services;"],
  ['orchestrators', IMPORTS, "import { app } from '@azure/functions'; export const x = app;"],
  ['entities', IMPORTS, "import { openDay } from '../activities/openDay'; export const x = openDay;"],
  ['entities', IMPORTS, "import { createMemoryTables } from '../services/memory/tables'; createMemoryTables();"],
  ['activities', IMPORTS, "import { WAKE_EVENT } from '../orchestrators/names'; export const x = WAKE_EVENT;"],
  ...['cli/produce', 'simulator/world', 'emulator', 'report/html', 'triggers/http'].map((target): Refused => [
    'activities',
    IMPORTS,
    `import { x } from '../${target}'; export const y = x;`,
  ]),
  ...['cli/produce', 'simulator/world', 'emulator', 'report/html', 'orchestrators/day'].map((target): Refused => [
    'triggers',
    IMPORTS,
    `import { x } from '../${target}'; export const y = x;`,
  ]),
  ['services', IMPORTS, "import { openDay } from '../activities/openDay'; export const x = openDay;"],
  ['report', IMPORTS, "import { readCsv } from '../services/csv'; export const x = readCsv;"],
  ['emulator', IMPORTS, "import { addDays } from '../domain/calendar'; export const x = addDays;"],
  ['emulator/core', IMPORTS, "import type { Tier } from '../../domain/tiers'; export type X = Tier;"],
  ['simulator', IMPORTS, "import { startHost } from 'durable-emulator'; export const x = startHost;"],
  ...['activities', 'triggers', 'services', 'report'].map((folder): Refused => [
    folder,
    IMPORTS,
    "import type { Host } from 'durable-emulator'; export type X = Host;",
  ]),
  ['services', IMPORTS, "import { startBroker } from 'local-service-bus'; export const x = startBroker;"],
  ['emulator', IMPORTS, "import { startBroker } from 'local-service-bus'; export const x = startBroker;"],
  ['simulator', IMPORTS, "import { openDay } from '../activities/openDay'; export const x = openDay;"],
];

const REFUSED: readonly Refused[] = [
  ...each([...PURE, ...TIMELESS], [...CLOCKS, ...MACHINE, ...RANDOMNESS]),
  ...each([...PURE, ...TIMELESS, 'emulator/loop', 'cli'], SETTINGS),
  ...each(PURE, WORLD),
  ...BOUNDARIES,
  // No comment switches a guard off in pure code.
  ['domain', SYNTAX, '// eslint-disable-next-line no-restricted-syntax\nexport const now = Date.now();'],
];

const PASSED: readonly Passed[] = [
  ...PURE.map((folder): Passed => [folder, 'export const at = (ms: number) => new Date(ms).toISOString();']),
  ...PURE.map((folder): Passed => [
    folder,
    "export const at = Date.parse('2026-01-05T00:00:00Z') + Date.UTC(2026, 0);",
  ]),
  ['domain', 'export const x = Math.max(1, 2); export const isDate = (d: unknown) => d instanceof Date;'],
  ['domain', "import { createHash } from 'node:crypto'; export const x = createHash('sha256');"],
  ['domain', "import { tzOffset } from '@date-fns/tz'; export const x = tzOffset;"],
  ['domain', "import { addDays } from 'date-fns/addDays'; export const x = addDays;"],
  ['domain', "import { z } from 'zod'; import Big from 'big.js'; export const x = [z, Big];"],
  ['domain', "import { addDays } from './calendar'; export const x = addDays;"],
  ['orchestrators', "import type { Opening } from '../activities/openDay'; export type X = Opening;"],
  ['orchestrators', "import { type Opening } from '../activities/openDay'; export type X = Opening;"],
  ['orchestrators', "import { EntityId } from 'durable-functions'; export const x = EntityId;"],
  ['orchestrators', "import { ask } from '../domain/patient'; export const x = ask;"],
  ['entities', "import { PATIENT } from '../orchestrators/names'; export const x = PATIENT;"],
  ['activities', "import type { Place } from '../orchestrators/day'; export type X = Place;"],
  ['activities', "import { createHash } from 'node:crypto'; export const x = createHash('sha256');"],
  ['triggers', "import { CAMPAIGN } from '../orchestrators/names'; export const x = CAMPAIGN;"],
  [
    'services/memory',
    "import { storeOf } from '../services'; import { addDays } from '../../domain/calendar'; export const x = [storeOf, addDays];",
  ],
  [
    'report/charts',
    "import { init } from 'echarts'; import { addDays } from '../../domain/calendar'; export const x = [init, addDays];",
  ],
  [
    'simulator',
    "import type { Outside } from 'durable-emulator'; import { newPerson } from '../activities/people'; export const x: Outside | typeof newPerson = newPerson;",
  ],
  ['emulator/realm', 'export const load = (module: string) => import(module);'],
  [
    'cli',
    "import { startHost } from 'durable-emulator'; import { openDay } from '../activities/openDay'; export const x = [startHost, openDay];",
  ],
  ['cli', 'export const at = Date.now(); process.exitCode = 1;'],
  ['test/domain', "export const at = [Date.now(), process.env['SEED']];"],
];

interface Fired {
  readonly rule: string;
  readonly message: string;
}

/** One process for all: loading the linter is what takes the time. */
function lint(snippets: readonly { file: string; code: string }[]): Fired[][] {
  const script = join(__dirname, 'lintSnippets.mjs');
  const run = spawnSync(process.execPath, [script], { cwd: ROOT, input: JSON.stringify(snippets), encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout) as Fired[][];
}

const snippet = ([folder, code]: Passed) => ({ file: `${folder}/snippet.ts`, code });
const APP = [
  { file: 'app.ts', code: 'export const { env } = process;' },
  { file: 'app.ts', code: "import { renderReport } from './report/html'; export const x = renderReport;" },
  { file: 'services/clock.ts', code: 'export const at = Date.now();' },
  { file: 'services/memory/clock.ts', code: 'export const at = Date.now();' },
  { file: 'emulator/realm/realm.ts', code: 'export const { env } = process;' },
];
let fired: Fired[][] = [];
beforeAll(() => {
  fired = lint([...REFUSED.map(([folder, , code]) => snippet([folder, code])), ...PASSED.map(snippet), ...APP]);
}, 120_000);

const titled = <T extends readonly string[]>(cases: readonly T[]) =>
  cases.map((one, i) => ({ at: i, title: `${one[0]}/: ${one.at(-1)!.split('\n').at(-1)}`, rule: one[1]! }));

describe('a guard fires on', () => {
  it.each(titled(REFUSED))('$title', ({ at, rule }) => {
    expect(fired[at]!.map((one) => one.rule)).toContain(rule);
  });
});

describe('nothing is said against', () => {
  it.each(titled(PASSED))('$title', ({ at }) => {
    expect(fired[REFUSED.length + at]).toEqual([]);
  });
});

describe('files with a right of their own', () => {
  const of = (at: number) => fired[REFUSED.length + PASSED.length + at]!.map(({ rule }) => rule);

  it('app.ts reads settings, and imports neither report, emulator, simulator nor cli', () => {
    expect(of(0)).toEqual([]);
    expect(of(1)).toEqual([IMPORTS]);
  });
  it('services/clock.ts alone reads the clock', () => {
    expect(of(2)).toEqual([]);
    expect(of(3)).toEqual([SYNTAX]);
  });
  it('the emulator, as a host, sets what app.ts reads', () => {
    expect(of(4)).toEqual([]);
  });
});
