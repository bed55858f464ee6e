/**
 * The workloads on our host, through host.client as a test would run them. Each checks every result, so that a host that
 * is fast because it loses work fails here.
 */
import assert from 'node:assert';
import type { Host } from '../index';
import { ENTITIES, type WorkloadName } from './settings';

const numbersTo = (size: number): number[] => Array.from({ length: size }, (_, i) => i);

export async function runWorkload(host: Host, name: WorkloadName, size: number): Promise<void> {
  switch (name) {
    case 'fanOut':
      return fanOut(host, size);
    case 'chains':
      return many(host, 'chain', size, (n) => 8 * n);
    case 'timers':
      return many(host, 'week', size, (n) => n);
    case 'signalsToOne':
      return signals(host, size, 1);
    case 'signalsToMany':
      return signals(host, size, ENTITIES);
    default:
      throw new Error(`No workload '${String(name satisfies never)}'.`);
  }
}

async function fanOut(host: Host, size: number): Promise<void> {
  const id = await host.client.startNew('fanOut', { input: size });
  assert.equal((await host.waitFor(id)).output, size * (size - 1));
}

async function many(host: Host, orchestrator: string, size: number, expected: (n: number) => number): Promise<void> {
  const numbers = numbersTo(size);
  const ids = await Promise.all(numbers.map((input) => host.client.startNew(orchestrator, { input })));
  const ended = await Promise.all(ids.map((id) => host.waitFor(id)));
  assert.deepEqual(
    ended.map((status) => status.output),
    numbers.map(expected),
  );
}

async function signals(host: Host, size: number, entities: number): Promise<void> {
  const entity = (i: number): { name: string; key: string } => ({ name: 'counter', key: `key-${i % entities}` });
  await Promise.all(numbersTo(size).map((i) => host.client.signalEntity(entity(i), 'add', 1)));
  await host.idle();
  const states = await Promise.all(numbersTo(entities).map((i) => host.client.readEntityState(entity(i))));
  for (const { entityState } of states) assert.equal(entityState, size / entities);
}
