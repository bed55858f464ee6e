/**
 * What host.json says under extensions.durableTask that changes behaviour here. Settings about storage, scale and speed of
 * the real host (partitions, concurrency, extended sessions, graceful shutdown) are taken and change nothing. Wrong values
 * are named. Source: host.json reference of Durable Functions 3.x; DurableTaskOptions, VersioningSettings.
 */
import { BATCH_MAX } from '../core/entity';
import { VersionPolicy } from '../core/versions';

export interface DurableSettings {
  /** for turns: members of EpisodeHost and TurnSettings */
  turns: { defaultVersion: string | null; storeInputs: boolean; versions: VersionPolicy; entityBatchMax: number };
  /** members of OperationsHost */
  operations: { defaultVersion: string | null; replacesActive: boolean };
}

/** Throws an Error that names the setting, what stands there and what is expected. */
export function durableSettings(json: Record<string, unknown>): DurableSettings {
  const defaultVersion = text(json, 'defaultVersion');
  const states = oneOf(json, 'overridableExistingInstanceStates', ['NonRunningStates', 'AnyState']);
  const batchMax = json.maxEntityOperationBatchSize ?? BATCH_MAX;
  if (typeof batchMax !== 'number' || !Number.isInteger(batchMax) || batchMax < 1)
    wrong('maxEntityOperationBatchSize', batchMax, 'a whole number of at least 1');
  return {
    turns: {
      defaultVersion,
      storeInputs: flag(json, 'storeInputsInOrchestrationHistory'),
      versions: new VersionPolicy({
        defaultVersion,
        match: oneOf(json, 'versionMatchStrategy', ['CurrentOrOlder', 'Strict', 'None']),
        failure: oneOf(json, 'versionFailureStrategy', ['Reject', 'Fail']),
      }),
      entityBatchMax: batchMax as number,
    },
    operations: { defaultVersion, replacesActive: states === 'AnyState' },
  };
}

/** As App Service gives it to apps with a managed identity: where callHttp gets its tokens. */
export function identityEndpoint(env: NodeJS.ProcessEnv): { endpoint: string; header: string } | null {
  const { IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: header } = env;
  return endpoint && header ? { endpoint, header } : null;
}

function text(json: Record<string, unknown>, key: string): string | null {
  const value = json[key];
  if (value === undefined || value === null || value === '') return null;
  if (typeof value !== 'string') wrong(key, value, 'text, such as "1.0"');
  return value as string;
}

function flag(json: Record<string, unknown>, key: string): boolean {
  const value = json[key] ?? false;
  if (typeof value !== 'boolean') wrong(key, value, 'true or false');
  return value as boolean;
}

/** The first is the default; the letter case does not matter. */
function oneOf<T extends string>(json: Record<string, unknown>, key: string, allowed: readonly [T, ...T[]]): T {
  const value = json[key];
  if (value === undefined || value === null) return allowed[0];
  const found = allowed.find((a) => a.toLowerCase() === String(value).toLowerCase());
  if (!found) wrong(key, value, allowed.map((a) => `"${a}"`).join(' or '));
  return found as T;
}

function wrong(at: string, value: unknown, expected: string): never {
  throw new Error(`host.json has ${JSON.stringify(value)} at extensions.durableTask.${at}; expected is ${expected}.`);
}
