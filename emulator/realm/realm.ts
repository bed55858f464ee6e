/**
 * The realm: app, engine and both HTTP listeners together in one thread. Put together here and nowhere else.
 * Leaves out the thread and its messages (worker). The one place that reads and sets this thread's process.env.
 */
import path from 'node:path';
import { SeededIds } from '../core/guid';
import type { ClientUrls } from '../http/clientUrls';
import type { Routes } from '../http/routes';
import { Engine } from '../loop/engine';
import { Externals } from '../triggers/externals';
import { prepareBindings, startTriggers } from '../triggers/startTriggers';
import type { External, FaultOptions, FunctionSummary, HostKeys, LogLine, Outside } from '../types';
import { Capture } from './capture';
import { CoreApi } from './coreApi';
import { connectClients } from './directClient';
import { dump } from './dump';
import { openDurable, setFaults, type DurableStart } from './durable';
import { FunctionTable } from './functionTable';
import { readHostJson } from './hostJson';
import type { InvokeHost } from './invoke';
import { keyRing, type KeyRing } from './keys';
import { openListeners } from './listeners';
import { loadApp, runAppHooks } from './loadApp';
import { LogFilter } from './logLevels';
import { loadOutside } from './outsideWorld';
import type { ManageAnswer, RealmData } from './protocol';
import { isDisabled, missingFrom, readLocalSettings, resolveBindings } from './settings';
import { startTimers } from './timers';
import { TimerStatuses } from './timerStatus';
import { timeZone } from './timeZones';
import { installVirtualDate, realNow, redirectClientSleeps } from './virtualTime';
import { Watchdog } from './watchdog';
import { wire, type Ground } from './wiring';

export interface RealmOutput {
  log(line: LogLine): void;
  post(message: unknown): void;
  fatal(error: unknown): void;
  /** something in the main thread that holds the clock, by name */
  external(name: string): External;
}

export interface Realm {
  port: number;
  engine: Engine;
  outside: Outside | null;
  functions(): FunctionSummary[];
  keys(): HostKeys;
  /** a call to the management API as the app's client makes it */
  manage(method: string, path: string, headers: Record<string, string>, body: string | null): Promise<ManageAnswer>;
  dump(): unknown;
  setFaults(options: FaultOptions | null): void;
  stop(): Promise<void>;
}

/** Activities at once on a real clock. */
const REAL_CONCURRENCY = 32;

/** Loads the app and opens both listeners. Throws when the app does not load or the port is in use. */
export async function createRealm(data: RealmData, out: RealmOutput): Promise<Realm> {
  const startedAtMs = realNow();
  const folder = path.resolve(data.app);
  const hostJson = readHostJson(folder);
  const local = readLocalSettings(folder);
  const start = await openDurable(data);
  const engine = createEngine(data, out, start);
  installVirtualDate(engine, data.clock === 'real');
  const filter = new LogFilter(hostJson.logLevels, data.logLevel);
  const log = (line: LogLine): void => {
    if (filter.passes(line)) out.log({ ...line, at: new Date(engine.now()).toISOString() });
  };
  const listeners = await openListeners(data.port, engine).catch(async (error: unknown) => {
    await start.abandon();
    throw error;
  });
  try {
    const keys = keyRing(data.keys ? data.data : null, data.seed);
    const environment = process.env;
    const ground = { data, folder, hostJson, local, engine, listeners, keys, startedAtMs, start, environment };
    return await assemble({ ...ground, log: data.logs ? log : undefined }, out);
  } catch (error) {
    await listeners.close();
    await start.abandon();
    throw error;
  }
}

async function assemble(ground: Ground, out: RealmOutput): Promise<Realm> {
  const { data, folder, engine, listeners, log, hostJson } = ground;
  const core = new CoreApi((level, category, message) => {
    if (core.hooks.log.length > 0) [level, message] = core.hookLog(level, category, message);
    log?.({ level: level as LogLine['level'], category: category as LogLine['category'], message });
  });
  const uninstall = core.install();
  const restoreEnvironment = setEnvironment(ground);
  // stacks of compiled apps show their sources
  process.setSourceMapsEnabled(true);
  await loadApp(folder, core);
  redirectClientSleeps(require.cache, engine);
  resolveBindings(core.functions.values(), process.env);
  const functions = new FunctionTable(core.functions.values(), {
    isDisabled: (name) => isDisabled(process.env, name),
    only: hostJson.functions,
  });
  const urls = urlsOf(ground);
  const capture = data.captureTo === null ? null : new Capture(data.captureTo);
  const invokeHost = invokeHostOf(ground, core, capture);
  const gateway = wire(ground, functions, invokeHost, urls, await core.httpUri());
  const externals = new Externals((message) => log?.({ level: 'warning', category: 'host', message }));
  const { clientInput } = gateway.admin;
  const triggerHost = {
    engine,
    invoke: invokeHost,
    clientInput,
    settings: process.env,
    hostJson,
    appFolder: folder,
    dataFolder: data.data,
    externals,
    log: (line: LogLine) => log?.(line),
  };
  await prepareBindings(triggerHost, functions);
  if (data.directClient) connectClients(require.cache, urls.rpcBaseUrl, (m) => listeners.rpc(m));
  const outside = data.outside ? await loadOutside(data.outside, engine, gateway, (m) => out.post(m)) : null;
  engine.outside = outside;
  for (const [name, external] of Object.entries(outside?.externals ?? {})) externals.add(name, external);
  for (const name of data.externals) externals.add(name, out.external(name));
  const zone = timeZone(process.env.WEBSITE_TIME_ZONE);
  const statuses = new TimerStatuses(data.data);
  await startTimers({ engine, invoke: invokeHost, clientInput, zone, statuses }, functions.of('timer'));
  const triggers = await startTriggers(triggerHost, functions);
  if (!externals.none) engine.externals = externals;
  listeners.serve(gateway);
  if (data.faults) setFaults(engine, data.faults, log);
  engine.start();
  return {
    port: listeners.port,
    engine,
    outside,
    functions: () => summaries(functions, gateway.admin.routes),
    keys: () => keysOf(ground.keys, functions),
    manage: (method, target, headers, body) => manageFrom(ground, method, target, headers, body),
    dump: () => dump(engine),
    setFaults: (options) => setFaults(engine, options, log),
    async stop() {
      await triggers.stop();
      engine.stop();
      invokeHost.watchdog?.stop();
      await runAppHooks(folder, core, 'appTerminate');
      capture?.close();
      await listeners.close();
      await engine.durability?.close();
      uninstall();
      restoreEnvironment();
    },
  };
}

/** What the host was started with wins over the machine's environment, and that over local.settings.json. Returns what undoes it. */
function setEnvironment({ data, local, listeners }: Ground): () => void {
  const before = { ...process.env };
  Object.assign(process.env, missingFrom(process.env, local.values), data.env);
  process.env.WEBSITE_HOSTNAME = `127.0.0.1:${listeners.port}`;
  return () => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  };
}

function urlsOf({ data, listeners, hostJson, keys }: Ground): ClientUrls {
  return {
    origin: `http://127.0.0.1:${listeners.port}`,
    rpcBaseUrl: `http://127.0.0.1:${listeners.rpcPort}/durabletask/`,
    taskHub: hostJson.hubName,
    ...(data.keys ? { code: keys.durable } : {}),
  };
}

function invokeHostOf({ start, hostJson, log }: Ground, core: CoreApi, capture: Capture | null): InvokeHost {
  const invocationIds = new SeededIds(start.invocationSeed);
  const host: InvokeHost = { core, newInvocationId: () => invocationIds.guid() };
  if (log) host.log = log;
  if (capture) host.capture = (fn, inputs, metadata) => capture.add(fn, inputs, metadata);
  if (hostJson.functionTimeoutMs !== null) host.watchdog = new Watchdog(hostJson.functionTimeoutMs);
  return host;
}

function createEngine(data: RealmData, out: RealmOutput, start: DurableStart): Engine {
  return new Engine({
    clock: start.clock,
    ids: start.ids,
    data: start.store,
    faults: new SeededIds(data.seed ^ 0x2545f491),
    earlyTimersMs: data.earlyTimersMs,
    strict: data.strict,
    activityConcurrency: data.activityConcurrency ?? (data.clock === 'real' ? REAL_CONCURRENCY : 1),
    stopAtMs: data.stopAtMs ?? Infinity,
    onFatal: (error) => out.fatal(error),
  });
}

async function manageFrom(
  { engine, listeners }: Ground,
  method: string,
  target: string,
  headers: Record<string, string>,
  body: string | null,
): Promise<ManageAnswer> {
  const all = { 'content-type': 'application/json', ...headers };
  const answer = await engine.whileHeld(() =>
    listeners.rpc({ method, target: `/durabletask/${target}`, headers: all, body }),
  );
  return {
    status: answer.status,
    headers: answer.headers,
    body: typeof answer.body === 'string' ? answer.body : answer.body.toString('utf8'),
  };
}

function summaries(functions: FunctionTable, routes: Routes): FunctionSummary[] {
  return [...functions.all, ...functions.disabled].map((fn) => {
    const route = routes.described.find((r) => r.name === fn.name);
    const summary: FunctionSummary = {
      name: fn.name,
      type: fn.trigger.type,
      isDisabled: functions.disabled.includes(fn),
    };
    return route ? { ...summary, methods: route.methods, path: route.path } : summary;
  });
}

function keysOf(ring: KeyRing, functions: FunctionTable): HostKeys {
  const { master, host, durable } = ring;
  return {
    master,
    host,
    durable,
    functions: Object.fromEntries(functions.of('http').map((f) => [f.name, ring.of(f.name)])),
  };
}
