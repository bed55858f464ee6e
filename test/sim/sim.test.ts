/**
 * Simulated runs with faults (simulate.ts), the same seeds in every run of the tests; RUNS and SEED choose others. A seed
 * that once failed stands in NAMED with what it showed.
 */
import { productIsBuilt } from '../oracle/product';
import { inParallel } from './main';
import { MUTATIONS, mutated } from './mutations';
import { simulate, type SimulatedRun } from './simulate';

const RUNS = Number(process.env['RUNS'] ?? 200);
const FIRST = Number(process.env['SEED'] ?? 1_000);
/** jest has as many workers as there are cores; the simulation takes two of its own. */
const JOBS = 2;
const built = productIsBuilt ? describe : describe.skip;

/** Seeds that found something, by what they found. */
const NAMED: readonly (readonly [number, string])[] = [
  [2, 'a receipt that came twice was counted as two incidents'],
  [3, 'an outage that outlived every retry of the last step'],
  [7, 'a STOP cut off before its confirmation was never confirmed'],
  [8, 'a text that left late was written down as decided early'],
  [10, 'a text held up twice was dropped and left reserved; its lateness broke the weekly cap'],
  [14, 'a vendor file cut off half-way told the campaign of nobody when it came again'],
  [28, "a renewed text freed at the end stayed in its patient's list"],
  [51, 'a hundred late orders failed together, since each asked the gateway alone'],
  [92, 'texts that were held back taught the call rate'],
  [95, 'a batch run again after its texts were counted counted them twice'],
];

const problemsOf = (run: SimulatedRun) => run.violations.map((line) => `seed ${run.seed}: ${line}`);

built('simulated pilots with faults', () => {
  it.each(NAMED)(
    'seed %d: %s',
    async (seed) => {
      expect(problemsOf(await simulate(seed))).toEqual([]);
    },
    120_000,
  );

  it(`${RUNS} runs keep every rule`, async () => {
    const problems: string[] = [];
    let faults = 0;
    const seeds = Array.from({ length: RUNS }, (_, i) => FIRST + i);
    await inParallel(seeds, JOBS, {}, (run) => {
      faults += run.faults.length + run.hostFaults.length;
      problems.push(...problemsOf(run));
    });
    expect(problems).toEqual([]);
    // A simulation without faults would prove nothing.
    expect(faults).toBeGreaterThan(RUNS);
  }, 1_200_000);

  it.each(MUTATIONS.map((one) => [one.name, one] as const))('the defect "%s" can still be put in', (_, mutation) => {
    expect(mutated(mutation)).not.toBe('');
  });

  it('the same seed makes the same faults', async () => {
    const [one, two] = [await simulate(5), await simulate(5)];
    expect(two.faults).toEqual(one.faults);
    expect(two.hostFaults).toEqual(one.hostFaults);
    expect(one.faults.length + one.hostFaults.length).toBeGreaterThan(0);
  }, 120_000);
});
