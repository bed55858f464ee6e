/** The product's services with faults around each call: storage, bus and gateway fail before or after their effect. */
import type { Blobs } from '../../services/blobs';
import { ServiceError } from '../../services/errors';
import { storeOf } from '../../services/services';
import type { Sms } from '../../services/sms';
import type { Table, Tables } from '../../services/tables';
import type { World } from '../../services/world';
import { FaultyBus } from './bus';
import type { Faults } from './plan';

export interface FaultyWorld extends World {
  readonly faultyBus: FaultyBus;
  readonly faults: Faults;
}

export function faultyWorld(world: World, faults: Faults): FaultyWorld {
  const tables = faultyTables(world.tables, faults);
  const faultyBus = new FaultyBus(faults, () => world.clock.now());
  return {
    ...world,
    tables,
    store: storeOf(tables),
    blobs: faultyBlobs(world.blobs, faults),
    sms: faultySms(world.sms, faults),
    bus: faultyBus,
    memoryBus: faultyBus,
    faultyBus,
    faults,
  };
}

const READS: ReadonlySet<string> = new Set(['get', 'pages', 'list']);

function faultyTables(tables: Tables, faults: Faults): Tables {
  return {
    table: <T>(name: string): Table<T> => around(tables.table<T>(name), name, faults),
    operations: () => tables.operations(),
  };
}

function faultyBlobs(blobs: Blobs, faults: Faults): Blobs {
  return around(blobs, 'blobs', faults);
}

/** Every method that returns a promise may fail before it, and every one that writes after it too. */
function around<S extends object>(service: S, name: string, faults: Faults): S {
  return new Proxy(service, {
    get(target, property) {
      const method = Reflect.get(target, property) as unknown;
      if (typeof method !== 'function' || property === 'operations') return method;
      const called = String(property);
      const bound = method.bind(target) as (...given: unknown[]) => unknown;
      if (called === 'pages')
        return (...given: unknown[]) => snapshot(bound(...given) as AsyncIterable<unknown>, name, faults);
      return async (...given: unknown[]) => {
        if (faults.strikes('storageBefore', `${name}.${called}`)) throw unavailable(name);
        const result = await bound(...given);
        if (!READS.has(called) && faults.strikes('storageAfter', `${name}.${called}`)) throw lost(name);
        return result;
      };
    },
  });
}

/** All pages as of the first: what is written while they are read may be missing, as between two pages of a real scan. */
async function* snapshot(pages: AsyncIterable<unknown>, name: string, faults: Faults): AsyncIterable<unknown> {
  if (faults.strikes('storageBefore', `${name}.pages`)) throw unavailable(name);
  const all: unknown[] = [];
  for await (const page of pages) all.push(page);
  yield* all;
}

function faultySms(sms: Sms, faults: Faults): Sms {
  return {
    async send(texts) {
      if (faults.strikes('gatewayBefore', 'gateway.send')) throw unavailable('gateway');
      // It may be cut off in the middle: some have left, and nobody is told which.
      const count = faults.strikes('gatewayAfter', 'gateway.send')
        ? Math.ceil(faults.luck('cut') * texts.length)
        : null;
      const outcomes = await sms.send(count === null ? texts : texts.slice(0, count));
      if (count !== null) throw lost('gateway');
      return outcomes;
    },
    async lookup(ids) {
      if (faults.strikes('gatewayBefore', 'gateway.lookup')) throw unavailable('gateway');
      return sms.lookup(ids);
    },
  };
}

const unavailable = (name: string) => new ServiceError('UNAVAILABLE', `simulated: ${name} is away`);
const lost = (name: string) => new ServiceError('TIMED_OUT', `simulated: ${name} did not answer in time`);
