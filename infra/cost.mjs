/**
 * Works out docs/cost.md from its own tables of counts and prices: prints the result, `--write` puts it in its place there,
 * `--check` exits with 1 where the page says something else. `--count` first runs the built-in pilot with the built app
 * (bench/countPilot.ts) and takes the counts from that: `npm run bench -- --cost --write` does all of it.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { workedOut } from './costModel.mjs';
import { table } from './markdown.mjs';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const PAGE = path.join(ROOT, 'docs', 'cost.md');
const COUNTER = path.join(ROOT, 'dist', 'bench', 'countPilot.js');
/** The pilot, and a small one that a test can afford to count again. */
const PATIENTS = [1_000, 100];
/** What this writes stands between two comments each. */
const COUNTS = ['<!-- counts, written by infra/cost.mjs -->\n', '<!-- end of the counts -->'];
const RESULT = ['<!-- from here on written by infra/cost.mjs -->\n', '<!-- end -->'];

/** Every row of a table whose first column is a name in code type and whose second is a number. */
function numbersOf(page) {
  const rows = [...page.matchAll(/^\| `(\w+)` +\| +([\d.]+) +\|/gm)];
  const known = Object.fromEntries(rows.map(([, name, value]) => [name, Number(value)]));
  const missing = (name) => {
    throw new Error(`docs/cost.md: no number \`${name}\` in its tables`);
  };
  return new Proxy(known, { get: (_, name) => known[name] ?? missing(String(name)) });
}

function counted() {
  const [pilot, small] = PATIENTS.map((patients) =>
    JSON.parse(execFileSync(process.execPath, [COUNTER, String(patients)], { encoding: 'utf8' })),
  );
  const rows = pilot.map(({ name, value, from }, at) => [`\`${name}\``, String(value), String(small[at].value), from]);
  return table(['count', 'value', `of ${PATIENTS[1]} patients`, 'from'], rows, [0, 3]);
}

function partOf(page, [start, end]) {
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/cost.md: no place after ${start.trim()}`);
  return { from: from + start.length, to };
}

function withPart(page, place, text) {
  const { from, to } = partOf(page, place);
  return `${page.slice(0, from)}\n${text}\n\n${page.slice(to)}`;
}

const asked = (option) => process.argv.includes(option);
const before = readFileSync(PAGE, 'utf8');
const recounted = asked('--count') ? withPart(before, COUNTS, counted()) : before;
const after = withPart(recounted, RESULT, workedOut(numbersOf(recounted)));
if (asked('--write')) writeFileSync(PAGE, after);
else if (asked('--check')) {
  if (before !== after) console.error('docs/cost.md: not what its tables come to; node infra/cost.mjs --write');
  process.exitCode = before === after ? 0 : 1;
} else
  for (const place of asked('--count') ? [COUNTS, RESULT] : [RESULT]) {
    const { from, to } = partOf(after, place);
    console.log(`${after.slice(from, to).trim()}\n`);
  }
