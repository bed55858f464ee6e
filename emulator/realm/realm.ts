/**
 * The realm: app, engine and both HTTP listeners together in one thread. Put together here and nowhere else.
 * Leaves out the thread and its messages (worker).
 */
import path from 'node:path';
import { Operations } from '../core/operations';
import { SeededIds } from '../core/guid';
import { entityStatus, instanceStatus, rawHistory } from '../core/statusView';
import { clientInput, type ClientUrls } from '../http/clientUrls';
import { handlePublic, handleRpc, holdsClock, type GatewayHost } from '../http/gateway';
import { Routes } from '../http/routes';
import type { HttpAnswer, HttpMessage } from '../http/message';
import { listen, type Listener } from '../http/server';
import { Clock } from '../loop/clock';
import { Engine } from '../loop/engine';
import { Turns } from '../loop/turns';
import type { LogLine, Outside, OutsideModule, RealmHost, RealmRequest, RealmResponse } from '../types';
import { Capture } from './capture';
import { CoreApi } from './coreApi';
import { connectClients } from './directClient';
import { FunctionTable } from './functionTable';
import { loadApp, readHostJson, runAppHooks } from './loadApp';
import type { RealmData } from './protocol';
import { startTimers } from './timers';
import type { InvokeHost } from './invoke';
import { installVirtualDate, realNow, redirectClientSleeps } from './virtualTime';

export interface RealmOutput {
  log(line: LogLine): void;
  post(message: unknown): void;
  fatal(error: unknown): void;
}

export interface Realm {
  port: number;
  engine: Engine;
  outside: Outside | null;
  dump(): unknown;
  stop(): Promise<void>;
}

/** Trap messages kept for the statistics; every one is logged. */
const TRAPS_MAX = 100;
/** Activities at once on a real clock. */
const REAL_CONCURRENCY = 32;

/** Loads the app and opens both listeners. Throws when the app does not load or the port is in use. */
export async function createRealm(data: RealmData, out: RealmOutput): Promise<Realm> {
  const appFolder = path.resolve(data.app);
  const hostJson = readHostJson(appFolder);
  const engine = createEngine(data, out);
  if (data.clock !== 'real') installVirtualDate(engine);
  const hooks = { log: data.logs ? out.log : undefined };
  const core = new CoreApi((level, category, message) => {
    hooks.log?.({ level: level as LogLine['level'], category: category as LogLine['category'], message });
  });
  core.install();
  const opened = await openListeners(data, engine);
  try {
    const urls: ClientUrls = {
      origin: `http://127.0.0.1:${opened.publicSide.port}`,
      rpcBaseUrl: `http://127.0.0.1:${opened.rpcSide.port}/durabletask/`,
      taskHub: hostJson.hubName,
    };
    Object.assign(process.env, data.env, { WEBSITE_HOSTNAME: `127.0.0.1:${opened.publicSide.port}` });
    await loadApp(appFolder, core);
    redirectClientSleeps(require.cache, engine);
    const functions = new FunctionTable(core.functions.values());
    const capture = data.captureTo === null ? null : new Capture(data.captureTo);
    const invocationIds = new SeededIds(data.seed ^ 0x5bd1e995);
    const invokeHost: InvokeHost = { core, newInvocationId: () => invocationIds.guid() };
    if (hooks.log) invokeHost.log = hooks.log;
    if (capture) invokeHost.capture = (fn, inputs, metadata) => capture.add(fn, inputs, metadata);
    const gateway = wire(data, engine, functions, invokeHost, urls, hostJson, hooks.log);
    opened.serve(gateway);
    if (data.directClient) connectClients(require.cache, urls.rpcBaseUrl, (m) => opened.rpc(m));
    const outside = data.outside ? await loadOutside(data.outside, engine, gateway, out) : null;
    engine.outside = outside;
    await startTimers(engine, functions.of('timer'), invokeHost, gateway.clientInput);
    engine.start();
    return {
      port: opened.publicSide.port,
      engine,
      outside,
      dump: () => dump(engine),
      async stop() {
        engine.stop();
        await runAppHooks(appFolder, core, 'appTerminate');
        capture?.close();
        await Promise.all([opened.publicSide.close(), opened.rpcSide.close()]);
      },
    };
  } catch (error) {
    await Promise.all([opened.publicSide.close(), opened.rpcSide.close()]);
    throw error;
  }
}

function createEngine(data: RealmData, out: RealmOutput): Engine {
  return new Engine({
    clock: new Clock(data.clock, data.startAtMs ?? realNow()),
    ids: new SeededIds(data.seed),
    faults: new SeededIds(data.seed ^ 0x2545f491),
    earlyTimersMs: data.earlyTimersMs,
    strict: data.strict,
    activityConcurrency: data.activityConcurrency ?? (data.clock === 'real' ? REAL_CONCURRENCY : 1),
    stopAtMs: data.stopAtMs ?? Infinity,
    onFatal: (error) => out.fatal(error),
  });
}

/** The addresses are needed before the app loads, the handlers exist only after. */
async function openListeners(data: RealmData, engine: Engine) {
  let gateway: GatewayHost | null = null;
  const ready = (): GatewayHost => {
    if (!gateway) throw new Error('The app is still loading.');
    return gateway;
  };
  const hold = (): (() => void) => {
    engine.hold();
    return () => engine.release();
  };
  const publicSide: Listener = await listen(
    data.port,
    () => () => undefined,
    (m) => (holdsClock(m.target) ? engine.whileHeld(() => handlePublic(ready(), m)) : handlePublic(ready(), m)),
  );
  const rpc = (m: HttpMessage): Promise<HttpAnswer> => handleRpc(ready(), m);
  const rpcSide: Listener = await listen(0, hold, rpc);
  return { publicSide, rpcSide, rpc, serve: (g: GatewayHost) => void (gateway = g) };
}

function wire(
  data: RealmData,
  engine: Engine,
  functions: FunctionTable,
  invokeHost: InvokeHost,
  urls: ClientUrls,
  hostJson: ReturnType<typeof readHostJson>,
  log: ((line: LogLine) => void) | undefined,
): GatewayHost {
  const { ids, faults, earlyTimersMs } = engine.options;
  const input = clientInput(urls);
  const warn = (message: string, functionName: string): void =>
    log?.({ level: 'warning', category: 'host', message, functionName });
  const host = {
    guid: () => ids.guid(),
    plainGuid: () => ids.plain(),
    strict: data.strict,
    customStatusMaxKb: hostJson.customStatusMaxKb,
    hasActivity: (name: string) => functions.find('activity', name) !== undefined,
    hasOrchestrator: (name: string) => functions.find('orchestration', name) !== undefined,
    hasEntity: (name: string) => functions.find('entity', name) !== undefined,
    // at most half the wait: a long timer whose last slice fires early asks for the rest, which must end
    timerEarlyMs: (maxMs: number) =>
      earlyTimersMs > 0 ? Math.min(Math.floor(maxMs / 2), Math.floor(faults.fraction() * (earlyTimersMs + 1))) : 0,
    trap: (error: Error) => {
      if (engine.stats.traps.length < TRAPS_MAX) engine.stats.traps.push(error.message);
      log?.({ level: 'error', category: 'host', message: error.message });
    },
  };
  engine.turns = new Turns(engine, functions, invokeHost, host, () => input, warn);
  const operations = new Operations({
    store: engine.store,
    now: () => engine.now(),
    guid: host.guid,
    plainGuid: host.plainGuid,
    deliver: (m) => engine.deliver(m),
    noteEnd: (record) => engine.noteEnd(record),
    hasEntity: host.hasEntity,
    entityNames: () => functions.of('entity').map((f) => f.name),
  });
  return {
    admin: { engine, functions, routes: new Routes(functions.of('http'), hostJson.routePrefix), origin: urls.origin },
    management: {
      operations,
      urls,
      strict: data.strict,
      taskHub: urls.taskHub,
      waitForEnd: (id, timeoutMs) =>
        Promise.race([
          engine.waitForEnd(id).then(() => undefined),
          engine.sleepUntil(engine.now() + timeoutMs, timeoutMs),
        ]),
    },
    invoke: invokeHost,
    clientInput: () => input,
  };
}

async function loadOutside(
  options: NonNullable<RealmData['outside']>,
  engine: Engine,
  gateway: GatewayHost,
  out: RealmOutput,
): Promise<Outside> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const module = require(path.resolve(options.module)) as Partial<OutsideModule>;
  if (typeof module.createOutside !== 'function') {
    throw new Error(`The outside module ${options.module} exports no function createOutside.`);
  }
  const realm: RealmHost = {
    now: () => engine.now(),
    request: (r) => engine.whileHeld(() => realmRequest(gateway, r)),
    stats: () => ({ ...engine.stats, traps: [...engine.stats.traps] }),
    post: (message) => out.post(message),
  };
  return module.createOutside(realm, options.options);
}

async function realmRequest(gateway: GatewayHost, r: RealmRequest): Promise<RealmResponse> {
  const headers: Record<string, string> = {};
  for (const [key, value] of Object.entries(r.headers ?? {})) headers[key.toLowerCase()] = value;
  const answer = await handlePublic(gateway, { method: r.method, target: r.path, headers, body: r.body ?? null });
  const flat: Record<string, string> = {};
  for (const [key, value] of Object.entries(answer.headers))
    flat[key] = Array.isArray(value) ? value.join(', ') : value;
  const body = typeof answer.body === 'string' ? answer.body : answer.body.toString('utf8');
  return { status: answer.status, headers: flat, body };
}

function dump(engine: Engine): unknown {
  const options = { showInput: true, showHistory: false, showHistoryOutput: false };
  const instances = [];
  const entities = [];
  for (const id of engine.store.sortedIds()) {
    const record = engine.store.instance(id);
    if (record)
      instances.push({
        ...instanceStatus(record, options),
        executionId: record.executionId,
        history: rawHistory(record),
      });
    const entity = engine.store.entity(id);
    if (entity)
      entities.push({
        ...entityStatus(entity, options),
        state: entity.state,
        waiting: entity.inbox,
        lock: entity.lock,
      });
  }
  return { now: new Date(engine.now()).toISOString(), instances, entities };
}
