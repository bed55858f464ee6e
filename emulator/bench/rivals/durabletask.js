/* eslint-disable @typescript-eslint/no-require-imports */
/* global require, process, console, setImmediate */
/**
 * One workload on the in-memory backend of @microsoft/durabletask-js, in a process of its own (Node 22):
 * `node durabletask.js RIVALS_FOLDER WORKLOAD SIZE`. Prints `{ "seconds", "cpuSeconds", "note"? }`, or `{ "refused" }` with why it cannot.
 * The clock starts when the worker stands ready and stops when every result is there and checked.
 */
const { createRequire } = require('node:module');
const path = require('node:path');
const { mock } = require('node:test');
const assert = require('node:assert');

const WEEK_MS = 7 * 86_400_000;
const WAIT_MAX_SECONDS = 300;

const [folder, workload, sizeText] = process.argv.slice(2);
const size = Number(sizeText);
const sdk = createRequire(path.join(path.resolve(folder), 'package.json'))('@microsoft/durabletask-js');

// logging off: its worker takes no logger, and writes every event to the console
for (const level of ['log', 'info', 'debug', 'warn', 'error']) console[level] = () => undefined;

const backend = new sdk.InMemoryOrchestrationBackend(1_000_000);
const client = new sdk.TestOrchestrationClient(backend);
const worker = new sdk.TestOrchestrationWorker(backend);
const numbers = Array.from({ length: size }, (_, i) => i);

worker.addNamedActivity('double', (_, n) => n * 2);
worker.addNamedOrchestrator('fanOut', async function* (context, count) {
  const tasks = Array.from({ length: count }, (_, i) => context.callActivity('double', i));
  return (yield sdk.whenAll(tasks)).reduce((sum, n) => sum + n, 0);
});
worker.addNamedOrchestrator('chain', async function* (context, n) {
  for (let i = 0; i < 3; i++) n = yield context.callActivity('double', n);
  return n;
});
worker.addNamedOrchestrator('week', async function* (context, n) {
  yield context.createTimer(new Date(context.currentUtcDateTime.getTime() + WEEK_MS));
  return n;
});

async function outputOf(id) {
  const state = await client.waitForOrchestrationCompletion(id, true, WAIT_MAX_SECONDS);
  return JSON.parse(state.serializedOutput);
}

const startAll = (name) => Promise.all(numbers.map((n) => client.scheduleNewOrchestration(name, n)));
const outputsOf = (ids) => Promise.all(ids.map(outputOf));

const workloads = {
  async fanOut() {
    assert.equal(await outputOf(await client.scheduleNewOrchestration('fanOut', size)), size * (size - 1));
  },
  async chains() {
    assert.deepEqual(
      await outputsOf(await startAll('chain')),
      numbers.map((n) => 8 * n),
    );
  },
  /** It has no clock to move: what is measured is Node's own fake timers under it. */
  async timers() {
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: Date.now() });
    const ids = await startAll('week');
    while (backend.pendingTimers.size < size) await new Promise((resolve) => setImmediate(resolve));
    const outputs = Promise.all(ids.map((id) => backend.waitForState(id, (i) => i.output !== undefined, 2 * WEEK_MS)));
    mock.timers.tick(WEEK_MS);
    assert.deepEqual(
      (await outputs).map((i) => JSON.parse(i.output)),
      numbers,
    );
    mock.timers.reset();
  },
};

async function main() {
  if (workload.startsWith('signals')) return { refused: 'its in-memory backend has no entities' };
  await worker.start();
  const cpuBefore = process.cpuUsage();
  const startedAt = process.hrtime.bigint();
  await workloads[workload]();
  const seconds = Number(process.hrtime.bigint() - startedAt) / 1e9;
  const cpu = process.cpuUsage(cpuBefore);
  const sample = { seconds, cpuSeconds: (cpu.user + cpu.system) / 1e6 };
  return workload === 'timers' ? { ...sample, note: 'under the mocked timers of node:test, it has no clock' } : sample;
}

main().then(
  (result) => {
    process.stdout.write(JSON.stringify(result), () => process.exit(0));
  },
  (error) => {
    process.stderr.write(`${error.stack}\n`, () => process.exit(1));
  },
);
