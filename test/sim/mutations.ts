/**
 * Defects put into the built app on purpose, one at a time, to show that the simulation would find them: each names the
 * promise it breaks. `npm run sim:mutations` runs seeds against each until one breaks a rule, and prints by which rule and
 * after how many runs; docs/simulation.md keeps the table. A mutation whose text is no longer found is an error.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { inParallel } from './main';

interface Mutation {
  readonly name: string;
  /** Below dist/. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'drop the reservation: order over whatever is there',
    file: 'activities/order.js',
    find: 'const existing = new Set(await (0, tables_1.insertMissing)(services.store.ledger, rows));',
    replace: 'const existing = new Set(); await (0, tables_1.upsertAll)(services.store.ledger, rows);',
  },
  {
    name: 'confirm before sending',
    file: 'activities/deliverTexts.js',
    find: 'outcomes = await services.sms.send(',
    replace: "await confirm(delivery, orders, orders.map(() => 'ACCEPTED')); outcomes = await services.sms.send(",
  },
  {
    name: 'read consent when planned, not when sent',
    file: 'activities/lastLook.js',
    find: "return reason === null ? 'GO' :",
    replace: "return true ? 'GO' :",
  },
  {
    name: 'ignore hours, pause and day at the last moment',
    file: 'activities/lastLook.js',
    find: 'return !control.paused && control.cancelledAtMs === null && inWindow &&',
    replace: 'return true ||',
  },
  {
    name: 'a gateway that forgets the ids it was given',
    file: 'services/memory/sms.js',
    find: 'if (seen.has(text.messageId))',
    replace: 'if (false)',
  },
  {
    name: 'a gate that does not remember what it granted',
    file: 'domain/patient.js',
    find: '{ messageId: question.messageId, atMs: nowMs, date, preference }], nowMs);',
    replace: '], nowMs);',
  },
  {
    name: 'never settle what a crash left behind',
    file: 'activities/settle.js',
    find: 'await settleOne(services, campaignId, row, nowMs, final);',
    replace: ';',
  },
  {
    name: 'settle without asking the gateway',
    file: 'activities/settle.js',
    find: "if (fate === 'NEVER_SEEN' && mayYetLeave)",
    replace: 'if (false)',
  },
  {
    name: 'a reply counts as handled before it is',
    file: 'activities/takeReply.js',
    find: 'const numberKey = (0, rows_1.numberKeyOf)(reply.from, services.settings.phonePepper);',
    replace:
      'await services.store.replies.upsert({ pk: (0, rows_1.spreadKey)(reply.replyId), rk: reply.replyId, value: { atMs: Date.parse(reply.at) } }); const numberKey = (0, rows_1.numberKeyOf)(reply.from, services.settings.phonePepper);',
  },
  {
    name: 'a batch run again counts its texts again',
    file: 'activities/counted.js',
    find: 'function counted({ phase, touch }, outreach) {',
    replace: 'function counted({ phase, touch }, outreach) { if (true) return undefined;',
  },
  {
    name: 'a late text keeps the time at which it was ordered',
    file: 'activities/deliverTexts.js',
    find: 'await tellLate(services, order, consent, nowMs);',
    replace: ';',
  },
  {
    name: 'a vendor file writes people before it tells the campaign',
    file: 'activities/takePreferences.js',
    find: 'await (0, feed_1.tellCampaigns)(services, atMs, changes);',
    replace: 'setImmediate(() => (0, feed_1.tellCampaigns)(services, atMs, changes).catch(() => undefined));',
  },
  {
    name: 'an incident is written down each time it is told',
    file: 'activities/journal.js',
    find: 'rk: (0, rows_1.timeKey)(atMs, 0, `${type}|${detail}`)',
    replace: 'rk: (0, rows_1.timeKey)(atMs, services.sequence())',
  },
  {
    name: 'a pass that runs again says that nobody waits',
    file: 'activities/planPass.js',
    find: 'const waiting = day.waiting ??',
    replace: 'const waiting = 0 ??',
  },
  {
    name: 'a wave counts as fixed before everyone in it knows',
    file: 'activities/openDay.js',
    find: 'const wave = fixWaveOnce(context, date, weeks, people, changes);',
    replace:
      'const wave = fixWaveOnce(context, date, weeks, people, changes); if (wave) await (0, wave_1.writeWeek)(services, campaignId, wave);',
  },
  {
    name: 'a text that is taken back twice counts twice',
    file: 'activities/fold.js',
    find: 'return [...byOrder.values()].filter(isCounted);',
    replace: 'return unsent.filter(isCounted);',
  },
  {
    name: 'a batch that runs again while paused takes back what it sent',
    file: 'activities/sendTexts.js',
    find: 'isOpen ? undefined : await orderedBefore(services, sending)',
    replace: 'undefined',
  },
  {
    name: 'a text refused before its batch runs again counts as sent',
    file: 'activities/sendTexts.js',
    find: "if (row.status !== 'REFUSED')",
    replace: 'if (true)',
  },
  {
    name: 'an order made anew has the id of the one before',
    file: 'services/messaging.js',
    find: 'return `${text.messageId}~${reservation}`;',
    replace: 'return text.messageId;',
  },
  {
    name: 'a day that was opened is opened again',
    file: 'activities/openDay.js',
    find: 'if (known)',
    replace: 'if (false)',
  },
];

const ROOT = resolve(__dirname, '..', '..');
const FIRST_SEED = 1;

export interface Caught {
  readonly name: string;
  /** Null: not within `runsMax`. */
  readonly runs: number | null;
  readonly by: string;
}

export async function tryMutations(runsMax: number, jobs: number, only?: string): Promise<Caught[]> {
  for (const mutation of MUTATIONS) mutated(mutation);
  const results: Caught[] = [];
  for (const mutation of MUTATIONS) {
    if (only !== undefined && !mutation.name.includes(only)) continue;
    const result = await tryOne(mutation, runsMax, jobs);
    results.push(result);
    console.log(`| ${result.name} | ${result.runs ?? `not in ${runsMax}`} | ${result.by} |`);
  }
  return results;
}

async function tryOne(mutation: Mutation, runsMax: number, jobs: number): Promise<Caught> {
  const folder = mkdtempSync(join(tmpdir(), 'vip-mutant-'));
  try {
    const dist = mutant(mutation, folder);
    // In growing lots, so that a defect that shows at once costs little.
    for (let done = 0, lot = jobs; done < runsMax; done += lot, lot = Math.max(jobs, done)) {
      const seeds = Array.from({ length: Math.min(lot, runsMax - done) }, (_, i) => FIRST_SEED + done + i);
      const failed: { seed: number; violation: string }[] = [];
      await inParallel(seeds, jobs, { dist }, (run) => {
        if (run.folder) rmSync(run.folder, { recursive: true, force: true });
        if (run.violations[0] !== undefined) failed.push({ seed: run.seed, violation: run.violations[0] });
      });
      const first = failed.sort((a, b) => a.seed - b.seed)[0];
      if (first) return { name: mutation.name, runs: first.seed - FIRST_SEED + 1, by: ruleOf(first.violation) };
    }
    return { name: mutation.name, runs: null, by: '' };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Its file with the defect in it. Throws when the text is not there, or there twice. */
export function mutated({ name, file, find, replace }: Mutation): string {
  const before = readFileSync(join(ROOT, 'dist', file), 'utf8');
  if (before.split(find).length !== 2) throw new Error(`mutation "${name}": expected its text once in dist/${file}`);
  return before.replace(find, () => replace);
}

function mutant(mutation: Mutation, folder: string): string {
  const dist = join(folder, 'dist');
  mkdirSync(dist);
  cpSync(join(ROOT, 'dist'), dist, { recursive: true, filter: (path) => !path.endsWith('bicep') });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(dist, mutation.file), mutated(mutation));
  return dist;
}

/** Ids and instants left out: what kind of finding it was. */
function ruleOf(violation: string): string {
  const rule = /^\[(\w+)\]/.exec(violation)?.[1];
  if (rule) return /^\d+$/.test(rule) ? `rule ${rule} of formats.md` : `output check "${rule}"`;
  return violation
    .replace(/^the run failed: .*/s, 'the run failed')
    .replace(/^P\d+( \S+ \S+)?:? /, 'a patient ')
    .replace(/\b[0-9a-f]{32}\b/g, '…')
    .slice(0, 80);
}
