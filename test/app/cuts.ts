/** Work that is cut off at each of its writes, before it and after it. */
import { READS, withFaults, type StorageFault } from '../../services/faulty';
import { storeOf, type Services } from '../../services/services';

const CUTS: readonly StorageFault[] = ['REQUEST_LOST', 'ANSWER_LOST'];

/** Services whose `n`-th write, from 0, meets the fault. */
function cutAt(services: Services, n: number, fault: StorageFault): Services {
  let writes = 0;
  const tables = withFaults(services.tables, ({ operation }) =>
    READS.has(operation) || writes++ !== n ? null : fault,
  );
  return { ...services, tables, store: storeOf(tables) };
}

export interface Cutting<W> {
  readonly ready: () => Promise<W>;
  readonly servicesOf: (world: W) => Services;
  readonly work: (world: W, services: Services) => Promise<unknown>;
  /** `cut`: where; null: the work came to its end. */
  readonly judge: (world: W, cut: string | null) => Promise<void>;
  /** The work makes more writes than `least`, and fewer than `most`. */
  readonly least: number;
  readonly most: number;
}

/** Runs `work` with each write cut off, until it makes no more; `judge` sees what came of it. */
export async function cutAtEachWrite<W>({ ready, servicesOf, work, judge, least, most }: Cutting<W>): Promise<void> {
  for (const fault of CUTS)
    for (let n = 0; ; n += 1) {
      expect(n).toBeLessThan(most);
      const world = await ready();
      const isCut = await work(world, cutAt(servicesOf(world), n, fault)).then(
        () => false,
        () => true,
      );
      await judge(world, isCut ? `${fault} at write ${n}` : null);
      if (isCut) continue;
      expect(n).toBeGreaterThan(least);
      break;
    }
}
