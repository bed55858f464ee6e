/**
 * Entry of the realm's worker thread: builds the realm and answers the main thread's commands.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { instanceStatus } from '../core/statusView';
import { isTerminal } from '../core/types';
import { forgetApp } from './keptThread';
import type { Command, FromRealm, RealmData, ToRealm } from './protocol';
import { Questions } from './questions';
import { createRealm, type Realm } from './realm';

const port = parentPort as NonNullable<typeof parentPort>;
const post = (message: FromRealm): void => port.postMessage(message);
const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const traceOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

const questions = new Questions((id, name, question) => post({ kind: 'external', id, name, question }));

let realm: Realm | null = null;

/** Answers 'failed' when the host cannot be started. */
function start(data: RealmData): void {
  createRealm(data, {
    log: (line) => post({ kind: 'log', line }),
    post: (message) => post({ kind: 'post', message }),
    fatal: (error) => post({ kind: 'fatal', message: traceOf(error) }),
    external: (name) => questions.external(name),
  }).then(
    (made) => {
      realm = made;
      post({ kind: 'ready', port: made.port });
    },
    (error: unknown) => post({ kind: 'failed', message: textOf(error) }),
  );
}

async function answer(id: number, command: Command): Promise<void> {
  try {
    if (!realm) throw new Error('The host has stopped.');
    const { engine } = realm;
    const result = await execute(realm, command);
    await engine.durability?.stored();
    post({ kind: 'answer', id, result });
  } catch (error) {
    post({ kind: 'answer', id, error: textOf(error) });
  }
}

port.on('message', (m: ToRealm) => {
  if ('start' in m) return start(m.start);
  if ('externalId' in m) return questions.take(m.externalId, m.result, m.error);
  void answer(m.id, m.command);
});

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
    case 'faults':
      return engine.faultPlan?.list ?? [];
    case 'setFaults':
      return realm.setFaults(c.options);
    case 'dump':
      return realm.dump();
    case 'call':
      return engine.whileHeld(() => callOutside(realm, c.name, c.payload));
    case 'keys':
      return realm.keys();
    case 'functions':
      return realm.functions();
    case 'manage':
      return realm.manage(c.method, c.path, c.headers, c.body);
    case 'stop':
      return stop(realm);
  }
}

async function stop(stopped: Realm): Promise<void> {
  await stopped.stop();
  // Else the thread ends.
  if (workerData !== null) return;
  realm = null;
  forgetApp();
}

async function callOutside(realm: Realm, name: string, payload: unknown): Promise<unknown> {
  if (!realm.outside?.call) throw new Error('The outside module has no call().');
  return realm.outside.call(name, payload);
}

async function waitFor(realm: Realm, id: string): Promise<unknown> {
  const found = realm.engine.store.instance(id);
  const record = found && isTerminal(found.status) ? found : await realm.engine.waitForEnd(id);
  return instanceStatus(record, { showInput: true, showHistory: false, showHistoryOutput: false });
}

// an app's forgotten promise must neither vanish nor leave a host that answers nothing
process.on('unhandledRejection', (error) =>
  post({ kind: 'fatal', message: `unhandled rejection in the app: ${traceOf(error)}` }),
);
process.on('uncaughtException', (error) =>
  post({ kind: 'fatal', message: `uncaught exception in the app: ${traceOf(error)}` }),
);

// Of a thread that is kept: its hosts come as messages.
if (workerData !== null) start(workerData as RealmData);
