/**
 * The traps of contract H are loud: the instance (or call) ends with a message that names trap, function and way round.
 */
import type { Host } from '../index';
import { MANAGEMENT, host, run, send, status, stopAll } from './support';

let h: Host;
beforeAll(async () => void (h = await host()));
afterAll(stopAll);

test.each([
  ['h6', 'H6', 'echo'],
  ['h13', 'H13', 'Throw an Error with a message'],
  ['h14', 'H14', "'doesNotExist'"],
  ['h14sub', 'H14', "sub-orchestrator 'doesNotExist'"],
  ['h14entity', 'H14', "entity 'nosuch'"],
  ['h14self', 'H14', 'which is its own'],
  ['h22', 'H22', "'0'"],
  ['h11', 'H11', 'return()'],
])('%s ends Failed, naming trap %s', async (name, trap, hint) => {
  const { runtimeStatus, output } = await run(h, name);
  expect(runtimeStatus).toBe('Failed');
  expect(output).toContain(`[trap ${trap}] '${name === 'h11' ? '@counter@twice' : name}'`);
  expect(output).toContain(hint);
});

test('H17: a retrying sibling of a caught Task.all failure', async () => {
  expect((await run(h, 'h17')).output).toContain("[trap H17] 'h17'");
});

test('H18: the retry timeout passes', async () => {
  await run(h, 'h18');
  await h.advanceBy(60_000);
  expect((await status(h, 'h18')).output).toContain("[trap H18] 'h18'");
});

test('H8: a terminated child', async () => {
  await run(h, 'parentOfWaiting', undefined, 'h8');
  await send(h, 'POST', `${MANAGEMENT}/instances/h8-child/terminate?reason=x`);
  await h.runUntilIdle();
  expect((await status(h, 'h8')).output).toContain("[trap H8] 'parentOfWaiting'");
});

test('a child id of a running instance ends the parent, not that instance', async () => {
  await run(h, 'waitOne', undefined, 'taken');
  expect((await run(h, 'replacesRunning', 'taken')).output).toContain('still running; the real host would silently');
  expect((await status(h, 'taken')).runtimeStatus).toBe('Running');
});

test('non-determinism names both tasks, in the words of the real host, and shows both lists', async () => {
  const lines = String((await run(h, 'nondeterministic')).output).split('\n');
  expect(lines.slice(1).map((l) => l.trim().split(/\s{2,}/))).toEqual([
    ['history', 'code now'],
    ["> activity #0 'hello'", "activity 'square'"],
  ]);
  expect(lines[0]).toBe(
    'Non-Deterministic workflow detected: A previous execution of this orchestration scheduled an activity task with ' +
      "sequence number 0 named 'hello', but the current orchestration replay instead scheduled an activity task named " +
      "'square' with this sequence number.  Was a change made to the orchestrator code after this instance had already started running?",
  );
});

test('strict: false behaves as the real host: an unregistered activity hangs, a thrown string fails unseen', async () => {
  const lax = await host({ strict: false });
  expect((await run(lax, 'h14')).runtimeStatus).toBe('Running');
  expect((await run(lax, 'h13')).output).toMatch(/^Orchestrator function 'h13' failed: One or more errors occurred/);
  expect((await run(lax, 'chain')).runtimeStatus).toBe('Completed');
});
