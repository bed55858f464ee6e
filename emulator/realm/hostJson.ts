/**
 * host.json: what of it this host follows, with the real host's defaults. A wrong value is named by file, path, value and
 * what was expected; members that are not known here are left alone, as the real host leaves them to extensions.
 * Source: host.json reference of Azure Functions 4.x; DurableTask host settings.
 */
import { timeSpanMs } from './durations';
import { AppLoadError, readJson, type Json } from './jsonFile';
import { LEVELS, type LogLevels } from './logLevels';

export interface HostJson {
  routePrefix: string;
  hubName: string;
  customStatusMaxKb: number;
  /** null: no limit */
  functionTimeoutMs: number | null;
  logLevels: LogLevels;
  /** names of the functions to load; null: all */
  functions: readonly string[] | null;
  http: { outstandingMax: number; concurrentMax: number; customHeaders: Record<string, string> };
  queues: QueueSettings;
  serviceBus: ServiceBusSettings;
  durableTask: Json;
}

export interface QueueSettings {
  pollingMs: number;
  visibilityTimeoutMs: number;
  batchSize: number;
  dequeueCountMax: number;
  encoding: 'base64' | 'none';
}

export interface ServiceBusSettings {
  autoComplete: boolean;
  concurrentCallsMax: number;
  concurrentSessionsMax: number;
  batchMax: number;
  prefetch: number;
  lockRenewalMs: number;
}

/** Settings of other functions than this one's are not here: null for a missing file means defaults. */
export function readHostJson(folder: string): HostJson {
  const json = readJson(folder, 'host.json') ?? {};
  return new Reader(folder).read(json);
}

class Reader {
  constructor(private readonly folder: string) {}

  read(json: Json): HostJson {
    const version = json.version;
    if (version !== undefined && version !== '2.0') this.wrong('version', version, '"2.0"');
    const extensions = this.object(json, 'extensions', 'extensions');
    const http = this.object(extensions, 'http', 'extensions.http');
    const durable = this.object(extensions, 'durableTask', 'extensions.durableTask');
    const logging = this.object(json, 'logging', 'logging');
    return {
      routePrefix: this.text(http, 'routePrefix', 'extensions.http') ?? 'api',
      hubName: this.text(durable, 'hubName', 'extensions.durableTask') ?? 'TestHubName',
      customStatusMaxKb: 16,
      functionTimeoutMs: this.functionTimeout(json.functionTimeout),
      logLevels: this.logLevels(this.object(logging, 'logLevel', 'logging.logLevel')),
      functions: this.names(json.functions),
      http: {
        outstandingMax: this.number(http, 'maxOutstandingRequests', 'extensions.http', -1) ?? -1,
        concurrentMax: this.number(http, 'maxConcurrentRequests', 'extensions.http', -1) ?? -1,
        customHeaders: this.object(http, 'customHeaders', 'extensions.http.customHeaders') as Record<string, string>,
      },
      queues: this.queues(this.object(extensions, 'queues', 'extensions.queues')),
      serviceBus: this.serviceBus(this.object(extensions, 'serviceBus', 'extensions.serviceBus')),
      durableTask: durable,
    };
  }

  private queues(q: Json): QueueSettings {
    const at = 'extensions.queues';
    const encoding = this.text(q, 'messageEncoding', at)?.toLowerCase() ?? 'base64';
    if (encoding !== 'base64' && encoding !== 'none')
      this.wrong(`${at}.messageEncoding`, q.messageEncoding, '"base64" or "none"');
    return {
      pollingMs: this.timeSpan(q, 'maxPollingInterval', at) ?? 60_000,
      visibilityTimeoutMs: this.timeSpan(q, 'visibilityTimeout', at) ?? 0,
      batchSize: Math.min(this.number(q, 'batchSize', at, 1) ?? 16, 32),
      dequeueCountMax: this.number(q, 'maxDequeueCount', at, 1) ?? 5,
      encoding: encoding as 'base64' | 'none',
    };
  }

  private serviceBus(s: Json): ServiceBusSettings {
    const at = 'extensions.serviceBus';
    return {
      autoComplete: this.flag(s, 'autoCompleteMessages', at) ?? true,
      concurrentCallsMax: this.number(s, 'maxConcurrentCalls', at, 1) ?? 16,
      concurrentSessionsMax: this.number(s, 'maxConcurrentSessions', at, 1) ?? 8,
      batchMax: this.number(s, 'maxMessageBatchSize', at, 1) ?? 1000,
      prefetch: this.number(s, 'prefetchCount', at, 0) ?? 0,
      lockRenewalMs: this.timeSpan(s, 'maxAutoLockRenewalDuration', at) ?? 300_000,
    };
  }

  private functionTimeout(value: unknown): number | null {
    if (value === undefined || value === null || value === '-1' || value === -1) return null;
    const ms = typeof value === 'string' ? timeSpanMs(value) : null;
    if (ms === null || ms <= 0) this.wrong('functionTimeout', value, 'a time span such as "00:05:00", or -1');
    return ms as number;
  }

  private logLevels(json: Json): LogLevels {
    const levels: LogLevels = {};
    for (const [category, value] of Object.entries(json)) {
      const name = typeof value === 'string' ? value.toLowerCase() : '';
      if (!(LEVELS as readonly string[]).includes(name)) {
        this.wrong(
          `logging.logLevel.${category}`,
          value,
          'Trace, Debug, Information, Warning, Error, Critical or None',
        );
      }
      levels[category] = name as LogLevels[string];
    }
    return levels;
  }

  private names(value: unknown): readonly string[] | null {
    if (value === undefined || value === null) return null;
    if (!Array.isArray(value) || !value.every((v) => typeof v === 'string'))
      this.wrong('functions', value, 'a list of function names');
    return value as string[];
  }

  private object(json: Json, key: string, at: string): Json {
    const value = json[key];
    if (value === undefined || value === null) return {};
    if (typeof value !== 'object' || Array.isArray(value)) this.wrong(at, value, 'an object');
    return value as Json;
  }

  private text(json: Json, key: string, at: string): string | undefined {
    const value = json[key];
    if (value !== undefined && typeof value !== 'string') this.wrong(`${at}.${key}`, value, 'text');
    return value as string | undefined;
  }

  private flag(json: Json, key: string, at: string): boolean | undefined {
    const value = json[key];
    if (value !== undefined && typeof value !== 'boolean') this.wrong(`${at}.${key}`, value, 'true or false');
    return value as boolean | undefined;
  }

  private number(json: Json, key: string, at: string, min: number): number | undefined {
    const value = json[key];
    if (value === undefined) return undefined;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min)
      this.wrong(`${at}.${key}`, value, `a whole number of at least ${min}`);
    return value as number;
  }

  private timeSpan(json: Json, key: string, at: string): number | undefined {
    const value = json[key];
    if (value === undefined) return undefined;
    const ms = typeof value === 'string' ? timeSpanMs(value) : null;
    if (ms === null) this.wrong(`${at}.${key}`, value, 'a time span such as "00:00:02"');
    return ms as number;
  }

  private wrong(at: string, value: unknown, expected: string): never {
    throw new AppLoadError(this.folder, `host.json has ${JSON.stringify(value)} at ${at}; expected is ${expected}.`);
  }
}
