/**
 * Reads the JSON files of an app (package.json, host.json, local.settings.json) as the tools do: a byte order mark,
 * comments and trailing commas are allowed. What is wrong in a file is thrown with its name.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Thrown with everything that keeps the app from starting. */
export class AppLoadError extends Error {
  constructor(folder: string, problem: string, cause?: unknown) {
    super(`The app in ${folder} cannot be loaded: ${problem}`, { cause });
    this.name = 'AppLoadError';
  }
}

export type Json = Record<string, unknown>;

/** Null when there is no such file. Throws AppLoadError when it is no JSON object. */
export function readJson(folder: string, name: string): Json | null {
  const file = path.join(folder, name);
  if (!existsSync(file)) return null;
  const text = readFileSync(file, 'utf8').replace(/^\ufeff/, '');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    try {
      value = JSON.parse(withoutComments(text));
    } catch {
      throw new AppLoadError(folder, `${name} is not valid JSON: ${(error as Error).message}`, error);
    }
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw new AppLoadError(folder, `${name} holds ${JSON.stringify(value)}; expected is an object.`);
}

/** Takes out comments and trailing commas outside of strings. */
function withoutComments(text: string): string {
  const bare = text.replace(/("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[^]*?\*\//g, (_, quoted?: string) => quoted ?? '');
  return bare.replace(/("(?:\\.|[^"\\])*")|,(?=\s*[}\]])/g, (_, quoted?: string) => quoted ?? '');
}
