/** What answers requests in a realm, put together: routes, admin, the durable host and its management API. */
import path from 'node:path';
import { Operations } from '../core/operations';
import { clientInput, type ClientUrls } from '../http/clientUrls';
import type { GatewayHost } from '../http/gateway';
import type { ManagementHost } from '../http/management';
import { Routes } from '../http/routes';
import { Throttle } from '../http/throttle';
import type { Engine } from '../loop/engine';
import { Turns } from '../loop/turns';
import type { LogLine } from '../types';
import { resumeWork, type DurableStart } from './durable';
import { durableSettings, identityEndpoint } from './durableSettings';
import type { FunctionTable } from './functionTable';
import type { HostJson } from './hostJson';
import type { InvokeHost } from './invoke';
import type { KeyRing } from './keys';
import type { Listeners } from './listeners';
import type { RealmData } from './protocol';
import type { Environment, LocalSettings } from './settings';
import { realNow } from './virtualTime';

/** Trap messages kept for the statistics; every one is logged. */
const TRAPS_MAX = 100;

/** What is known before the app loads. */
export interface Ground {
  data: RealmData;
  folder: string;
  hostJson: HostJson;
  local: LocalSettings;
  engine: Engine;
  listeners: Listeners;
  keys: KeyRing;
  startedAtMs: number;
  start: DurableStart;
  environment: Environment;
  log: ((line: LogLine) => void) | undefined;
}

/** Everything that answers requests, over the loaded app. */
export function wire(
  ground: Ground,
  functions: FunctionTable,
  invokeHost: InvokeHost,
  urls: ClientUrls,
  httpUri: string | null,
): GatewayHost {
  const { data, engine, hostJson, local, log, keys } = ground;
  const input = clientInput(urls);
  const { http } = hostJson;
  const isLimited = http.outstandingMax >= 0 || http.concurrentMax >= 0;
  return {
    admin: {
      engine,
      functions,
      routes: new Routes(functions.of('http'), hostJson.routePrefix),
      origin: urls.origin,
      invoke: invokeHost,
      clientInput: () => input,
      background: (work) => void engine.whileHeld(work),
      hostId: path
        .basename(ground.folder)
        .toLowerCase()
        .replace(/[^a-z0-9-]/g, ''),
      startedAtMs: ground.startedAtMs,
      realNow,
      keys: data.keys ? keys : null,
    },
    management: durable(ground, functions, invokeHost, urls, input, (message, functionName) =>
      log?.({ level: 'warning', category: 'host', message, functionName }),
    ),
    cors: local.cors.length > 0 ? { origins: local.cors, credentials: local.corsCredentials } : null,
    throttle: isLimited ? new Throttle(http.outstandingMax, http.concurrentMax) : null,
    httpUri,
    customHeaders: http.customHeaders,
    homePage: !/^(true|1)$/i.test(ground.environment.AzureWebJobsDisableHomepage ?? ''),
  };
}

/** The durable host: turns and management operations. */
function durable(
  { data, engine, hostJson, log, environment }: Ground,
  functions: FunctionTable,
  invokeHost: InvokeHost,
  urls: ClientUrls,
  input: string,
  warn: (message: string, functionName: string) => void,
): ManagementHost {
  const { ids, faults, earlyTimersMs } = engine.options;
  const settings = durableSettings(hostJson.durableTask);
  const entityNames = (): string[] => functions.of('entity').map((f) => f.name);
  const host = {
    guid: () => ids.guid(),
    plainGuid: () => ids.plain(),
    strict: data.strict,
    customStatusMaxKb: hostJson.customStatusMaxKb,
    ...settings.turns,
    identity: identityEndpoint(environment),
    entityNames,
    hasActivity: (name: string) => functions.find('activity', name) !== undefined,
    hasOrchestrator: (name: string) => functions.find('orchestration', name) !== undefined,
    hasEntity: (name: string) => functions.find('entity', name) !== undefined,
    // at most half the wait: a long timer whose last slice fires early asks for the rest, which must end
    timerEarlyMs: (maxMs: number) =>
      engine.faultPlan?.options.earlyTimers
        ? engine.faultPlan.earlyMs(maxMs)
        : earlyTimersMs > 0
          ? Math.min(Math.floor(maxMs / 2), Math.floor(faults.fraction() * (earlyTimersMs + 1)))
          : 0,
    trap: (error: Error) => {
      if (engine.stats.traps.length < TRAPS_MAX) engine.stats.traps.push(error.message);
      log?.({ level: 'error', category: 'host', message: error.message });
    },
  };
  engine.context.trap = host.trap;
  engine.turns = new Turns(engine, functions, invokeHost, host, () => input, warn);
  resumeWork(engine, host, data);
  const operations = new Operations({
    store: engine.store,
    now: () => engine.now(),
    guid: host.guid,
    plainGuid: host.plainGuid,
    deliver: (m) => engine.deliver(m),
    noteEnd: (record) => engine.noteEnd(record),
    hasEntity: host.hasEntity,
    entityNames,
    ...settings.operations,
  });
  return {
    operations,
    urls,
    strict: data.strict,
    taskHub: urls.taskHub,
    waitForEnd: (id, timeoutMs) =>
      Promise.race([
        engine.waitForEnd(id).then(() => undefined),
        engine.sleepUntil(engine.now() + timeoutMs, timeoutMs),
      ]),
  };
}
