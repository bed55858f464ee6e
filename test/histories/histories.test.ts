/**
 * Campaigns in flight survive a release: the histories of every release, recorded when it was made (record.ts), are
 * replayed against today's orchestrators. Red means: branch on `context.df.version`, and raise `defaultVersion` in
 * host.json (docs/adr/0007-releases-and-campaigns-in-flight.md).
 */
import { replayHistory, replayText } from 'durable-emulator';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { productIsBuilt } from '../oracle/product';

const APP = resolve(__dirname, '..', '..');
const releases = readdirSync(__dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const fileOf = (release: string) => join(__dirname, release, 'histories.jsonl');
const host = JSON.parse(readFileSync(join(APP, 'host.json'), 'utf8')) as {
  extensions: { durableTask: { defaultVersion: string } };
};
const built = productIsBuilt ? describe : describe.skip;

it('the version that new campaigns start with has its histories recorded', () => {
  expect(existsSync(fileOf(host.extensions.durableTask.defaultVersion))).toBe(true);
});

built('histories of a release', () => {
  it.each(releases)(
    '%s replay on the code of today',
    async (release) => {
      const report = await replayHistory({ app: APP, file: fileOf(release) });
      expect(report.differences.map(replayText)).toEqual([]);
      const text = readFileSync(fileOf(release), 'utf8');
      const names = ['campaign', 'adaptivePriority', 'sendBatches', 'sendBatch'];
      expect(names.filter((name) => !text.includes(`"Name":"${name}"`))).toEqual([]);
    },
    120_000,
  );

  it('a history that today would not write is told apart', async () => {
    const [first] = readFileSync(fileOf(releases[0]!), 'utf8')
      .split('\n')
      .filter((line) => line.includes('"Name":"planPass"'));
    const file = join(mkdtempSync(join(tmpdir(), 'vip-history-')), 'changed.jsonl');
    writeFileSync(file, `${first!.replaceAll('"Name":"planPass"', '"Name":"planDay"')}\n`);
    const report = await replayHistory({ app: APP, file });
    expect(report.differences).toHaveLength(1);
    expect(replayText(report.differences[0]!)).toMatch(/planDay[^]*planPass/);
  }, 120_000);
});
