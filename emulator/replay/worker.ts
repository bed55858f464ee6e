/**
 * Entry of the replaying thread: loads the app as a host would, without listeners, timers or a store, and replays what it
 * is given. Nothing but orchestrators is called. Settings come from local.settings.json, as for a host.
 */
import { parentPort, workerData } from 'node:worker_threads';
import path from 'node:path';
import { SeededIds } from '../core/guid';
import { orchestratorAnswer, orchestratorError } from '../realm/answers';
import { CoreApi } from '../realm/coreApi';
import { FunctionTable } from '../realm/functionTable';
import { invoke, type InvokeHost } from '../realm/invoke';
import { loadApp } from '../realm/loadApp';
import { missingFrom, readLocalSettings } from '../realm/settings';
import type { RecordedHistory } from './historyFile';
import { replayOne, type ReplayApp, type ReplayResult } from './run';

export interface ReplayData {
  app: string;
  env: Record<string, string>;
  exact: boolean;
  histories: RecordedHistory[];
}

export type FromReplay = { results: ReplayResult[] } | { failed: string };

async function main(data: ReplayData): Promise<ReplayResult[]> {
  const folder = path.resolve(data.app);
  Object.assign(process.env, missingFrom(process.env, readLocalSettings(folder).values), data.env);
  const core = new CoreApi(() => undefined);
  core.install();
  await loadApp(folder, core);
  const functions = new FunctionTable(core.functions.values());
  const ids = new SeededIds(1);
  const app = orchestrators(functions, { core, newInvocationId: () => ids.guid() });
  const results: ReplayResult[] = [];
  for (const h of data.histories) results.push(await replayOne(h, app, data.exact));
  return results;
}

function orchestrators(functions: FunctionTable, host: InvokeHost): ReplayApp {
  return {
    has: (kind, name) => functions.find(kind, name) !== undefined,
    async ask(name, payload) {
      const fn = functions.find('orchestration', name);
      if (!fn) throw new Error(`The app has no orchestrator '${name}'.`);
      try {
        const inputs = [{ name: fn.triggerName, data: { string: payload } }];
        return orchestratorAnswer((await invoke(host, fn, inputs, null)).value);
      } catch (error) {
        return orchestratorError(error);
      }
    },
  };
}

const post = (message: FromReplay): void => parentPort?.postMessage(message);

main(workerData as ReplayData)
  .then((results) => post({ results }))
  .catch((error: unknown) => post({ failed: error instanceof Error ? error.message : String(error) }));
