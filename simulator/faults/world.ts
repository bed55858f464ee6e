/** The product's services with faults around each call: storage, bus and gateway fail before or after their effect. */
import type { Blobs } from '../../services/blobs';
import { ServiceError } from '../../services/errors';
import { READS, withFaults } from '../../services/faulty';
import { storeOf } from '../../services/services';
import type { Sms } from '../../services/sms';
import type { Row, RowRange, Table, Tables } from '../../services/tables';
import type { World } from '../../services/world';
import { Ambush } from './ambush';
import { FaultyBus } from './bus';
import type { Faults } from './plan';

export interface FaultyWorld extends World {
  readonly faultyBus: FaultyBus;
  readonly faults: Faults;
  readonly ambush: Ambush;
}

export function faultyWorld(world: World, faults: Faults): FaultyWorld {
  const ambush = new Ambush(faults);
  const strikes: StorageStrike = (kind, target) => {
    if (!faults.strikesStorage(kind, target)) return false;
    ambush.onCut(world.clock.now());
    return true;
  };
  const tables = faultyTables(world.tables, faults, strikes);
  const faultyBus = new FaultyBus(faults, ambush, () => world.clock.now());
  return {
    ...world,
    tables,
    store: storeOf(tables),
    blobs: faultyBlobs(world.blobs, strikes),
    sms: faultySms(world.sms, faults),
    bus: faultyBus,
    memoryBus: faultyBus,
    faultyBus,
    faults,
    ambush,
  };
}

/** Of the reads that a fault would meet: work that is cut off at one is where its last write left it. */
const READS_SHARE = 0.1;

type StorageStrike = Faults['strikesStorage'];

function faultyTables(tables: Tables, faults: Faults, strikes: StorageStrike): Tables {
  return withFaults(withStalePages(tables), ({ table, operation }) => {
    const target = `${table}.${operation}`;
    if (READS.has(operation) && faults.luck('read') >= READS_SHARE) return null;
    if (strikes('storageBefore', target)) return faults.luck('busy') < 0.5 ? 'BUSY' : 'REQUEST_LOST';
    if (!READS.has(operation) && strikes('storageAfter', target)) return 'ANSWER_LOST';
    return null;
  });
}

/** All pages as of the first: what is written while they are read may be missing, as between two pages of a real scan. */
function withStalePages(tables: Tables): Tables {
  return {
    table: <T>(name: string) =>
      new Proxy(tables.table<T>(name), {
        get: (table, member) =>
          member === 'pages'
            ? (range: RowRange) => stale(table.pages(range))
            : (Reflect.get(table, member) as Table<T>[keyof Table<T>]),
      }),
    operations: () => tables.operations(),
  };
}

async function* stale<T>(pages: AsyncIterable<readonly Row<T>[]>): AsyncIterable<readonly Row<T>[]> {
  const all: (readonly Row<T>[])[] = [];
  for await (const page of pages) all.push(page);
  yield* all;
}

function faultyBlobs(blobs: Blobs, strikes: StorageStrike): Blobs {
  const asking = async <R>(operation: string, carryOut: () => Promise<R>): Promise<R> => {
    if (strikes('storageBefore', operation)) throw unavailable('blobs');
    const result = await carryOut();
    if (operation === 'blobs.put' && strikes('storageAfter', operation)) throw lost('blobs');
    return result;
  };
  return {
    put: (name, content) => asking('blobs.put', () => blobs.put(name, content)),
    get: (name) => asking('blobs.get', () => blobs.get(name)),
    list: (prefix) => asking('blobs.list', () => blobs.list(prefix)),
    operations: () => blobs.operations(),
  };
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
