/** docs/cost.md says what its own tables of counts and prices come to, and what today's code does. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Count } from '../../bench/countPilot';

const ROOT = join(__dirname, '..', '..');
/** The second column of counts: enough to notice that the code has moved on, and quickly run. */
const PATIENTS = 100;

jest.setTimeout(60_000);

it('docs/cost.md is worked out from its tables (node infra/cost.mjs --write)', () => {
  const script = join(ROOT, 'infra', 'cost.mjs');
  const run = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  expect(run.stderr).toBe('');
  expect(run.status).toBe(0);
});

it("docs/cost.md counts what today's code does (npm run bench -- --cost --write)", () => {
  const page = readFileSync(join(ROOT, 'docs', 'cost.md'), 'utf8');
  expect(page).toContain(` of ${PATIENTS} patients |`);
  const rows = [...page.matchAll(/^\| `(\w+)` +\| +\d+ \| +(\d+) \|/gm)];
  const published = Object.fromEntries(rows.map(([, name, small]) => [name, Number(small)]));
  const counter = join(ROOT, 'dist', 'bench', 'countPilot.js');
  const counts = JSON.parse(
    execFileSync(process.execPath, [counter, String(PATIENTS)], { encoding: 'utf8' }),
  ) as Count[];
  expect(published).toEqual(Object.fromEntries(counts.map(({ name, value }) => [name, value])));
});
