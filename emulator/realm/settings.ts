/**
 * App settings: local.settings.json as Core Tools reads it, the `%NAME%` parts of bindings, and disabled functions.
 * Settings that the environment already has win over the file. Leaves out encrypted files, which only Core Tools can read.
 */
import { AppLoadError, readJson, type Json } from './jsonFile';
import type { BindingInfo, RegisteredFunction } from './coreApi';

export type Environment = Record<string, string | undefined>;

export interface LocalSettings {
  values: Record<string, string>;
  /** Host.LocalHttpPort */
  port: number | null;
  /** Host.CORS, as a list of origins, '*' among them for all */
  cors: readonly string[];
  corsCredentials: boolean;
}

/** Reads local.settings.json; a missing file gives none. Throws AppLoadError for a value of the wrong kind. */
export function readLocalSettings(folder: string): LocalSettings {
  const json = readJson(folder, 'local.settings.json') ?? {};
  const wrong = (at: string, value: unknown, expected: string): never => {
    throw new AppLoadError(
      folder,
      `local.settings.json has ${JSON.stringify(value)} at ${at}; expected is ${expected}.`,
    );
  };
  if (json.IsEncrypted === true) wrong('IsEncrypted', true, 'false (decrypt it with: func settings decrypt)');
  const host = (json.Host ?? {}) as Json;
  const port = host.LocalHttpPort;
  if (port !== undefined && !(Number.isInteger(Number(port)) && Number(port) >= 0 && Number(port) <= 65535))
    wrong('Host.LocalHttpPort', port, 'a port number');
  const cors = host.CORS ?? '';
  if (typeof cors !== 'string') wrong('Host.CORS', cors, 'origins separated by commas, or "*"');
  return {
    values: valuesOf((json.Values ?? {}) as Json, wrong),
    port: port === undefined ? null : Number(port),
    cors: (cors as string)
      .split(',')
      .map((o) => o.trim().replace(/\/$/, ''))
      .filter((o) => o !== ''),
    corsCredentials: host.CORSCredentials === true,
  };
}

function valuesOf(values: Json, wrong: (at: string, value: unknown, expected: string) => never) {
  const out: Record<string, string> = {};
  if (typeof values !== 'object' || Array.isArray(values)) return wrong('Values', values, 'an object');
  for (const [key, value] of Object.entries(values)) {
    if (typeof value === 'object' && value !== null) wrong(`Values.${key}`, value, 'text (nested values are not read)');
    out[key] = value === null ? '' : String(value);
  }
  return out;
}

/** `file` where the environment has no such setting. */
export function missingFrom(environment: Environment, file: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(file).filter(([key]) => environment[key] === undefined));
}

/** Bindings that do something here; in others a missing setting does no harm. */
const FOLLOWED = /trigger$|^(http|queue|blob|servicebus)$/i;

/** Replaces `%NAME%` in every text of the bindings. Throws, naming function, member and setting, for one that is missing. */
export function resolveBindings(functions: Iterable<RegisteredFunction>, environment: Environment): void {
  for (const { metadata } of functions) {
    const isOff = isDisabled(environment, metadata.name);
    for (const [name, binding] of Object.entries(metadata.bindings)) {
      const resolved: BindingInfo = { ...binding };
      for (const [member, value] of Object.entries(binding)) {
        if (typeof value !== 'string' || !value.includes('%')) continue;
        resolved[member] = value.replace(/%([^%\s]+)%/g, (_, setting: string) => {
          const found = lookUp(environment, setting);
          if (found !== undefined) return found;
          if (isOff || !FOLLOWED.test(binding.type)) return `%${setting}%`;
          throw new Error(
            `Function '${metadata.name}' has the ${member} '${value}' in its ${binding.type}, and there is no setting ` +
              `'${setting}'. Set it in local.settings.json (Values) or in the environment.`,
          );
        });
      }
      metadata.bindings[name] = resolved;
    }
  }
}

/** A setting by name; `:` may be written `__`. */
export function lookUp(environment: Environment, name: string): string | undefined {
  return environment[name] ?? environment[name.replaceAll(':', '__')];
}

/** By `AzureWebJobs.<function>.Disabled`, also with `__`, being true or 1. */
export function isDisabled(environment: Environment, name: string): boolean {
  const value =
    lookUp(environment, `AzureWebJobs.${name}.Disabled`) ?? lookUp(environment, `AzureWebJobs:${name}:Disabled`);
  return value !== undefined && /^(true|1)$/i.test(value.trim());
}
