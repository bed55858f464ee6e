/**
 * The local host of a run. It is started before anything else is loaded or read, since it comes up in a thread of its
 * own while this one reads and checks what came; what came is told to it when it is known good.
 */
import path from 'node:path';
import { startHost, type Host, type StartHostOptions } from 'durable-emulator';
import type { LocalOptions } from './local';

/** The app's root: two up from `dist/cli`. */
export const APP = path.resolve(__dirname, '..', '..');
const OUTSIDE = path.resolve(__dirname, '..', 'simulator', 'outside.js');
/** Virtual time before any campaign; the clock is moved to the campaign's own start once that is known. */
const LONG_AGO = '1970-01-02T00:00:00Z';

/** Runs `use` with a host that is coming up, and stops it whatever happens. `outside`: another module for it. */
export async function withHost<T>(
  use: (host: Promise<Host>) => Promise<T>,
  options: Pick<StartHostOptions, 'captureTo'> & LocalOptions & { readonly outside?: string } = {},
): Promise<T> {
  const { captureTo, storage = 'memory', bus = 'memory', outside: module = OUTSIDE } = options;
  const local =
    storage === 'memory' && bus === 'memory' ? null : await (await import('./local.js')).startLocal(options);
  const beside = local ? { env: local.env, externals: local.externals } : {};
  const starting = startHost({
    app: APP,
    clock: 'manual',
    startAt: LONG_AGO,
    port: 0,
    outside: { module },
    captureTo,
    ...beside,
  });
  // A host that fails to come up is met by whoever awaits it, not by an unhandled rejection before.
  starting.catch(() => undefined);
  try {
    return await use(starting);
  } finally {
    await starting.then((host) => host.stop()).catch(() => undefined);
    await local?.stop();
  }
}
