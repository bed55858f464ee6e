/**
 * Virtual time in the realm: `new Date()`, `Date.now()` and process.hrtime follow the host's clock; setTimeout stays
 * real. The durable client's polling waits (Utils.sleep of durable-functions) become waits on the clock, so that they
 * neither hold it up nor let it run away. Leaves out performance.now and Intl without arguments, which stay real.
 */

export interface SleepClock {
  now(): number;
  /** Resolves at the instant `at` on the clock, or after `realMs`; does not hold the clock meanwhile. */
  sleepUntil(at: number, realMs: number): Promise<void>;
}

const RealDate = Date;

/** Milliseconds of the machine's clock, whatever Date says in this realm. */
export const realNow = (): number => RealDate.now();

/** Of the host that runs in this thread now, and what it showed at first. */
let clock: SleepClock;
let startedAt = 0;
/** A real clock does not. */
let jumps = true;
/** Under earlier hosts. */
let gainedMs = 0;
const jumpedMs = (): number => (jumps ? clock.now() - startedAt : 0);
let isInstalled = false;

/**
 * Replaces the global Date and process.hrtime of this thread, once: a library that stays loaded for the next host
 * (keptThread.ts) keeps the Date that it has. A real clock needs none, unless one is there.
 */
export function installVirtualDate(current: SleepClock, isReal: boolean): void {
  if (isReal && !isInstalled) return;
  // What hrtime has gained under earlier hosts stays: it never goes back.
  if (isInstalled) gainedMs += jumpedMs();
  clock = current;
  jumps = !isReal;
  startedAt = clock.now();
  if (isInstalled) return;
  isInstalled = true;
  // one parameter instead of a rest list: dates are made for every history event
  function VirtualDate(this: unknown, first?: unknown): unknown {
    if (!new.target) return new RealDate(clock.now()).toString();
    const n = arguments.length;
    const date =
      n === 0
        ? new RealDate(clock.now())
        : n === 1
          ? new RealDate(first as number)
          : // eslint-disable-next-line prefer-rest-params
            Reflect.construct(RealDate, arguments);
    if (new.target !== (VirtualDate as unknown)) Object.setPrototypeOf(date as object, new.target.prototype as object);
    return date;
  }
  VirtualDate.prototype = RealDate.prototype;
  Object.defineProperty(VirtualDate, 'length', { value: 7 });
  Object.defineProperty(VirtualDate, 'name', { value: 'Date' });
  const statics = VirtualDate as unknown as DateConstructor;
  statics.now = () => clock.now();
  statics.parse = RealDate.parse;
  statics.UTC = RealDate.UTC;
  Object.defineProperty(RealDate.prototype, 'constructor', { value: VirtualDate, writable: true, configurable: true });
  globalThis.Date = statics;
  installHrtime(() => gainedMs + jumpedMs());
}

/** process.hrtime gains what the virtual clock has jumped: waits measured by it end in virtual time. */
function installHrtime(aheadMs: () => number): void {
  const original = process.hrtime;
  const hrtime = ((previous?: [number, number]) => {
    const [s, ns] = original();
    const extra = aheadMs();
    let seconds = s + Math.floor(extra / 1000);
    let nanos = ns + (extra % 1000) * 1e6;
    if (nanos >= 1e9) {
      seconds++;
      nanos -= 1e9;
    }
    if (!previous) return [seconds, nanos];
    const ds = seconds - previous[0];
    const dn = nanos - previous[1];
    return dn < 0 ? [ds - 1, dn + 1e9] : [ds, dn];
  }) as typeof process.hrtime;
  hrtime.bigint = original.bigint;
  process.hrtime = hrtime;
}

interface SleepHolder {
  Utils?: { sleep?: (ms: number) => Promise<void> };
}

/** Every loaded copy of durable-functions waits on the clock from now on. */
export function redirectClientSleeps(cache: NodeJS.Dict<NodeModule>, current: SleepClock): void {
  for (const [file, module] of Object.entries(cache)) {
    if (!/durable-functions[\\/]lib[\\/]src[\\/]util[\\/]Utils\.js$/.test(file)) continue;
    const holder = module?.exports as SleepHolder | undefined;
    if (holder?.Utils?.sleep) holder.Utils.sleep = (ms) => current.sleepUntil(current.now() + ms, ms);
  }
}
