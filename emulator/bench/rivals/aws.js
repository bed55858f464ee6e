/* eslint-disable @typescript-eslint/no-require-imports */
/* global require, process */
/**
 * One workload on the local runner of @aws/durable-execution-sdk-js-testing, in a process of its own (Node 22):
 * `node aws.js RIVALS_FOLDER WORKLOAD SIZE`. Prints `{ "seconds", "cpuSeconds" }`, or `{ "refused" }` with why it cannot.
 * Time skipping is on and all executions run side by side, which was its fastest way: one after the other, each takes
 * 180 ms. The clock starts when its environment is set up.
 */
const { createRequire } = require('node:module');
const path = require('node:path');
const assert = require('node:assert');

const [folder, workload, sizeText] = process.argv.slice(2);
const size = Number(sizeText);
// the runner's time skipping replaces process.hrtime
const now = process.hrtime.bigint;
const load = createRequire(path.join(path.resolve(folder), 'package.json'));
const { withDurableExecution } = load('@aws/durable-execution-sdk-js');
const { LocalDurableTestRunner } = load('@aws/durable-execution-sdk-js-testing');

const handlers = {
  fanOut: withDurableExecution(async (count, context) => {
    const steps = Array.from({ length: count }, (_, i) => context.step(`double-${i}`, async () => i * 2));
    return (await Promise.all(steps)).reduce((sum, n) => sum + n, 0);
  }),
  chain: withDurableExecution(async (input, context) => {
    let n = input;
    for (let i = 0; i < 3; i++) {
      const from = n;
      n = await context.step(`double-${i}`, async () => from * 2);
    }
    return n;
  }),
  week: withDurableExecution(async (n, context) => {
    await context.wait({ days: 7 });
    return n;
  }),
};

async function run(handlerFunction, payload) {
  const execution = await new LocalDurableTestRunner({ handlerFunction }).run({ payload });
  assert.equal(execution.getStatus(), 'SUCCEEDED');
  return execution.getResult();
}

async function runAll(handler, expected) {
  const numbers = Array.from({ length: size }, (_, i) => i);
  assert.deepEqual(await Promise.all(numbers.map((n) => run(handler, n))), numbers.map(expected));
}

const workloads = {
  fanOut: async () => assert.equal(await run(handlers.fanOut, size), size * (size - 1)),
  chains: () => runAll(handlers.chain, (n) => 8 * n),
  timers: () => runAll(handlers.week, (n) => n),
};

async function main() {
  if (workload.startsWith('signals')) return { refused: 'it has no entities' };
  await LocalDurableTestRunner.setupTestEnvironment({ skipTime: true });
  const cpuBefore = process.cpuUsage();
  const startedAt = now();
  await workloads[workload]();
  const seconds = Number(now() - startedAt) / 1e9;
  const cpu = process.cpuUsage(cpuBefore);
  return { seconds, cpuSeconds: (cpu.user + cpu.system) / 1e6 };
}

main().then(
  (result) => {
    process.stdout.write(JSON.stringify(result), () => process.exit(0));
  },
  (error) => {
    process.stderr.write(`${error.stack}\n`, () => process.exit(1));
  },
);
