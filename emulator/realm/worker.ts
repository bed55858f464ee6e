/**
 * Entry of the realm's worker thread: builds the realm and answers the main thread's commands.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { instanceStatus } from '../core/statusView';
import { isTerminal } from '../core/types';
import type { Command, FromRealm, RealmData, ToRealm } from './protocol';
import { createRealm, type Realm } from './realm';

const port = parentPort as NonNullable<typeof parentPort>;
const post = (message: FromRealm): void => port.postMessage(message);
const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const traceOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

async function main(): Promise<void> {
  const realm = await createRealm(workerData as RealmData, {
    log: (line) => post({ kind: 'log', line }),
    post: (message) => post({ kind: 'post', message }),
    fatal: (error) => post({ kind: 'fatal', message: traceOf(error) }),
  });
  port.on('message', (m: ToRealm) => {
    execute(realm, m.command)
      .then((result) => post({ kind: 'answer', id: m.id, result }))
      .catch((error: unknown) => post({ kind: 'answer', id: m.id, error: textOf(error) }));
  });
  post({ kind: 'ready', port: realm.port });
}

async function execute(realm: Realm, c: Command): Promise<unknown> {
  const { engine } = realm;
  switch (c.op) {
    case 'now':
      return engine.now();
    case 'setClock':
      return engine.setMode(c.mode);
    case 'advanceBy':
      return engine.advanceTo(engine.now() + c.ms);
    case 'advanceTo':
      return engine.advanceTo(c.atMs);
    case 'runUntilIdle':
      return engine.idle();
    case 'waitFor':
      return waitFor(realm, c.instanceId);
    case 'stats':
      return { ...engine.stats, traps: [...engine.stats.traps] };
    case 'dump':
      return realm.dump();
    case 'call':
      if (!realm.outside?.call) throw new Error('The outside module has no call().');
      return realm.outside.call(c.name, c.payload);
    case 'stop':
      return realm.stop();
  }
}

async function waitFor(realm: Realm, id: string): Promise<unknown> {
  const found = realm.engine.store.instance(id);
  const record = found && isTerminal(found.status) ? found : await realm.engine.waitForEnd(id);
  return instanceStatus(record, { showInput: true, showHistory: false, showHistoryOutput: false });
}

main().catch((error: unknown) => post({ kind: 'failed', message: textOf(error) }));
