/**
 * No first name, last name, phone or birth date of the roster anywhere that people look or machines keep (formats.md, rule
 * 11): histories, inputs, outputs, custom status and entity states of the host, its log lines, what the command prints,
 * and every output file outside recording/. The scan itself is shown to find what is planted.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { parseCampaign } from '../../domain/policy';
import { createRosterCsv } from '../../simulator/roster';
import { scratch, vip } from '../cli/support';
import { filesUnder, runPilot, type Row, type Run } from './harness';

const campaign = parseCampaign({ campaignId: 'private', startsOn: '2026-01-05', seed: 5, weeks: 3, postPilotWeeks: 2 });
const rosterCsv = createRosterCsv({ patients: 120, seed: 5, startsOn: '2026-01-05' });
const roster = parse(rosterCsv, { columns: true }) as Row[];

/**
 * What nobody may find, in lower case: names as they stand, phones by their last ten digits, birth dates. The birth date
 * of a bad row may lie in the future, where it is no secret but a day of the campaign.
 */
function personal(rows: readonly Row[]): string[] {
  const found = rows.flatMap(({ firstName, lastName, phone, birthDate }) => [
    firstName!,
    lastName!,
    phone!.replace(/\D/g, '').slice(-10),
    birthDate! < campaign.startsOn ? birthDate! : '',
  ]);
  return [...new Set(found.filter((word) => word.trim().length >= 4).map((word) => word.toLowerCase()))];
}
const words = personal(roster);

/** Personal words in a text. */
function leaks(text: string): string[] {
  const lower = text.toLowerCase();
  return words.filter((word) => lower.includes(word));
}

/** Requests bring rosters and replies: what they bring is personal, what is made of it must not be. */
const isHttp = (line: string) => (JSON.parse(line) as { kind: string }).kind === 'http';

describe('a run of 120 patients', () => {
  const captured = path.join(scratch(), 'captured.jsonl');
  let run: Run;
  beforeAll(async () => {
    run = await runPilot(campaign, rosterCsv, { captureTo: captured, env: { VIP_PURGE_HISTORIES: 'false' } });
  });

  it('did text people and take replies, so that there was something to leak', () => {
    expect(run.ledger.filter((row) => row['sentAt'] !== '').length).toBeGreaterThan(100);
    expect(run.ledger.some((row) => row['phase'] === 'REPLY')).toBe(true);
    expect(words.length).toBeGreaterThan(350);
  });

  it('leaves nothing in histories, inputs, outputs and custom status', () => {
    expect(leaks(JSON.stringify(run.dump.instances))).toEqual([]);
  });

  it('leaves nothing in what any generation of an orchestration, activity or entity was given', () => {
    const payloads = readFileSync(captured, 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !isHttp(line));
    expect(payloads.length).toBeGreaterThan(1_000);
    // In pieces: one text of all of them would be searched as slowly.
    const leaking = payloads.filter((payload) => leaks(payload).length > 0);
    expect(leaking.map((payload) => payload.slice(0, 200))).toEqual([]);
    // The payloads are plain text, not packed in a way that hides names: patients' ids stand in them.
    for (const kind of ['orchestration', 'entity'])
      expect(payloads.some((line) => line.includes(`"kind":"${kind}"`) && /P0000\d\d/.test(line))).toBe(true);
  });

  it('leaves nothing in the addresses that requests go to', () => {
    const requests = readFileSync(captured, 'utf8')
      .split('\n')
      .filter((line) => line !== '' && isHttp(line));
    const urls = requests.map((line) => /"url":"([^"]*)"/.exec(line)?.[1] ?? '');
    expect(urls.filter((url) => url === '')).toEqual([]);
    expect(leaks(urls.join('\n'))).toEqual([]);
  });

  it('leaves nothing in the states of entities', () => {
    expect(run.dump.entities.length).toBeGreaterThan(100);
    expect(leaks(JSON.stringify(run.dump.entities))).toEqual([]);
  });

  it('leaves nothing in log lines', () => {
    expect(leaks(JSON.stringify(run.logs))).toEqual([]);
  });

  it('leaves nothing in the files that the app itself writes', () => {
    for (const [name, content] of Object.entries(run.files)) expect([name, leaks(content)]).toEqual([name, []]);
  });

  it('would be caught: a name, a phone or a birth date planted in any of these is found', () => {
    const { firstName, lastName, phone, birthDate } = roster[17]!;
    for (const secret of [firstName, lastName, phone, birthDate, firstName!.toUpperCase(), phone!.slice(2)]) {
      const history = JSON.stringify([...run.dump.instances, { note: `about ${secret}` }]);
      expect(leaks(history)).toHaveLength(1);
    }
    expect(leaks(rosterCsv)).toHaveLength(words.length);
  });
});

describe('a run by the command', () => {
  it('prints nothing personal and writes nothing personal outside recording/', async () => {
    const out = path.join(scratch(), 'out');
    const { code, stdout, stderr } = await vip(['pilot', '--patients', '120', '--seed', '5', '--out', out]);
    expect(code).toBe(0);
    const used = filesUnder(out).get(path.join('recording', 'roster.csv'));
    expect(used).toBe(rosterCsv);
    expect([leaks(stdout), leaks(stderr), leaks(out)]).toEqual([[], [], []]);
    const files = [...filesUnder(out)].filter(([name]) => !name.startsWith('recording'));
    expect(files.length).toBeGreaterThanOrEqual(7);
    for (const [name, content] of files) expect([name, leaks(content)]).toEqual([name, []]);
  });

  it('says nothing personal about rosters and recordings that it refuses', async () => {
    const folder = scratch();
    const twice = `${rosterCsv}${rosterCsv.split('\n')[1]}\n`;
    writeFileSync(path.join(folder, 'twice.csv'), twice);
    writeFileSync(path.join(folder, 'campaign.json'), JSON.stringify({ campaignId: 'c', startsOn: '2026-01-05' }));
    const { code, stdout, stderr } = await vip([
      'pilot',
      ...['--campaign', path.join(folder, 'campaign.json'), '--roster', path.join(folder, 'twice.csv')],
      ...['--out', path.join(folder, 'out')],
    ]);
    expect([code, leaks(stdout), leaks(stderr)]).toEqual([2, [], []]);
  });
});
