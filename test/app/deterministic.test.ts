/**
 * Same in, same out (formats.md, rule 12): a pilot of 60 patients run by the built command under two machine zones gives
 * byte-identical folders, and a replay of its own recording gives that folder once more.
 */
import path from 'node:path';
import { scratch, vip } from '../cli/support';
import { filesUnder } from './harness';

const folder = scratch();
const at = (name: string) => path.join(folder, name);
const differences = (a: Map<string, string>, b: Map<string, string>) =>
  [...new Set([...a.keys(), ...b.keys()])].filter((name) => a.get(name) !== b.get(name));

describe('a pilot of 60 patients', () => {
  let first: Map<string, string>;

  beforeAll(async () => {
    const run = (name: string, zone: string) =>
      vip(['pilot', '--patients', '60', '--seed', '11', '--out', at(name), '--quiet'], { TZ: zone, LANG: 'C' });
    const codes = [await run('utc', 'UTC'), await run('kolkata', 'Asia/Kolkata')].map(({ code }) => code);
    expect(codes).toEqual([0, 0]);
    first = filesUnder(at('utc'));
  });

  it('is the same to the byte under UTC and under Asia/Kolkata', () => {
    expect(differences(first, filesUnder(at('kolkata')))).toEqual([]);
  });

  it('is reproduced by its own recording, in a third zone', async () => {
    const { code } = await vip(['replay', at('utc/recording'), '--out', at('replayed'), '--quiet'], {
      TZ: 'America/St_Johns',
    });
    expect(code).toBe(0);
    expect(differences(first, filesUnder(at('replayed')))).toEqual([]);
  });

  it('did something worth comparing', () => {
    expect(first.get('ledger.csv')!.split('\n').length).toBeGreaterThan(100);
    expect(first.get('recording/inputs.jsonl')!.split('\n').length).toBeGreaterThan(300);
  });

  it('is another with another seed', async () => {
    await vip(['pilot', '--patients', '60', '--seed', '12', '--out', at('other'), '--quiet']);
    expect(differences(first, filesUnder(at('other')))).toContain('ledger.csv');
  });
});
