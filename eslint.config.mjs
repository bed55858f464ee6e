/**
 * Lint: the recommended rules of ESLint and typescript-eslint, and the house's own guards: what each folder may import
 * (lint/boundaries.mjs) and what pure code may touch (lint/purity.mjs). The tables below are the whole of it;
 * test/lint/guard.test.ts proves that each guard fires. Formatting is prettier's alone.
 */
import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { boundaries } from './lint/boundaries.mjs';
import { clockGlobals, clocks, randomness, settings, worldGlobals } from './lint/purity.mjs';

/** Libraries without I/O, clock or randomness, and what of them is neither. */
const PURE_LIBRARIES = {
  'date-fns': { not: /Now|Today|Tomorrow|Yesterday|isPast|isFuture|isThis/ },
  '@date-fns/tz': { not: /^(TZDate|TZDateMini)$/ },
  zod: {},
  'big.js': {},
  'libphonenumber-js': {},
  'node:crypto': { only: ['createHash'] },
};
const DURABLE = { 'durable-functions': {} };

/** Packages of this repository that only a machine of one's own needs: the app must not know of them. */
const LOCAL = ['durable-emulator', 'local-service-bus'];

/**
 * `may`: folders and files of ours; `types`: further ones, as `import type`; `libraries`: absent, any but
 * `notLibraries` (types of `typeLibraries` are allowed). cli/, bench/ and
 * test/ are not listed: they may import all.
 */
const IMPORTS = {
  domain: { may: ['domain'], libraries: PURE_LIBRARIES },
  orchestrators: { may: ['orchestrators', 'entities', 'domain'], types: ['activities'], libraries: DURABLE },
  entities: { may: ['entities', 'orchestrators', 'domain'], types: ['activities'], libraries: DURABLE },
  activities: { may: ['activities', 'services', 'domain'], types: ['orchestrators'], notLibraries: LOCAL },
  triggers: { may: ['triggers', 'activities', 'services', 'domain', 'orchestrators/names'], notLibraries: LOCAL },
  services: { may: ['services', 'domain'], notLibraries: LOCAL },
  report: { may: ['report', 'domain'], notLibraries: LOCAL },
  // It loads whatever app it is given.
  emulator: { may: ['emulator'], notLibraries: ['local-service-bus'], computed: true },
  broker: { may: ['broker'], notLibraries: ['durable-emulator'] },
  simulator: {
    may: ['simulator', 'services', 'domain', 'activities/people'],
    notLibraries: LOCAL,
    typeLibraries: LOCAL,
  },
  'app.ts': { may: ['orchestrators', 'entities', 'activities', 'triggers', 'services', 'domain'], notLibraries: LOCAL },
};

/** Must give the same result whenever and wherever they run. */
const PURE = ['domain', 'orchestrators', 'entities'];
/** May reach the world, but are told the time and draw from the seed. */
const TIMELESS = ['activities', 'triggers', 'services', 'report', 'simulator', 'emulator/core'];
/** The one place that reads the host's clock. */
const CLOCK_FILE = 'services/clock.ts';
/** app.ts reads settings; the emulator, as a host, puts them there before the app loads, and asks whether npx started it. */
const SETTINGS_FILES = ['app.ts', 'emulator/realm/realm.ts', 'emulator/replay/worker.ts', 'emulator/cli/start.ts'];
/** House limits: near 300 lines ask which two things a file is; a function past 70 needs a reason. */
const SIZED = [...PURE, 'activities', 'triggers', 'services', 'simulator', 'cli'];

const inFolders = (folders) => folders.map((folder) => (folder.endsWith('.ts') ? folder : `${folder}/**/*.ts`));
const restrict = (syntax, globals = []) => ({
  'no-restricted-syntax': ['error', ...syntax],
  ...(globals.length > 0 ? { 'no-restricted-globals': ['error', ...globals] } : {}),
});

export default defineConfig(
  globalIgnores(['**/dist/', 'out/', 'coverage/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' }, plugins: { house: { rules: { boundaries } } } },
  { files: ['**/*.ts'], extends: [js.configs.recommended] },
  tseslint.configs.recommended,

  // What may be imported.
  ...Object.entries(IMPORTS).map(([folder, terms]) => ({
    files: inFolders([folder]),
    rules: { 'house/boundaries': ['error', terms] },
  })),

  // What may be touched. Of two entries for a file the later one holds, so each names the whole.
  { files: ['**/*.ts'], ignores: ['test/**', '*/test/**', 'bench/**', ...SETTINGS_FILES], rules: restrict(settings) },
  {
    files: inFolders(TIMELESS),
    ignores: [CLOCK_FILE],
    rules: restrict([...settings, ...clocks, ...randomness], clockGlobals),
  },
  {
    files: inFolders(PURE),
    linterOptions: { noInlineConfig: true },
    rules: restrict([...settings, ...clocks, ...randomness], [...clockGlobals, ...worldGlobals]),
  },

  {
    files: inFolders(SIZED),
    rules: {
      'max-lines': ['warn', { max: 300 }],
      'max-lines-per-function': ['warn', { max: 70 }],
    },
  },
);
