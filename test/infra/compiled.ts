/**
 * The compiled templates and the snapshots of both environments, as `infra/check.mjs --out` leaves them: made once for a test
 * file. A snapshot is the list of every resource with its values as far as they are known before anything exists on Azure;
 * what is not is left as the ARM expression.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export const ROOT = path.join(__dirname, '..', '..');

/** What the tests look into; everything else of a resource is left open. */
export interface Resource {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly kind?: string;
  readonly sku?: { readonly name: string };
  readonly identity?: { readonly type: string };
  readonly properties: Record<string, unknown>;
}

export interface Template {
  readonly resources: Record<string, TemplateResource> | readonly TemplateResource[];
  readonly variables?: Record<string, unknown>;
  readonly outputs?: Record<string, { readonly type?: string; readonly value: unknown }>;
}

interface TemplateResource {
  readonly type: string;
  readonly condition?: unknown;
  readonly properties?: { readonly template?: Template };
}

export interface Compiled {
  readonly output: string;
  readonly exitCode: number | null;
  template(name: string): Template;
  snapshot(environment: string): Resource[];
}

/** Undefined where there is no compiler (one line says so); throws instead with REQUIRE_ALL=1. */
export function compile(): Compiled | undefined {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'vip-infra-test-'));
  try {
    const check = path.join(ROOT, 'infra', 'check.mjs');
    const run = spawnSync(process.execPath, [check, '--out', folder], { encoding: 'utf8' });
    const output = `${run.stdout}${run.stderr}`;
    if (output.includes('skipped')) {
      if (run.status !== 0) throw new Error(output);
      process.stderr.write(output);
      return undefined;
    }
    // What did not compile is missing here; `output`, which a test expects to be clean, says why.
    const files = new Map(readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]));
    const read = (name: string): unknown => {
      const text = files.get(name);
      if (text === undefined) throw new Error(`${name} was not made: ${output}`);
      return JSON.parse(text);
    };
    return {
      output,
      exitCode: run.status,
      template: (name) => read(`${name}.json`) as Template,
      snapshot: (name) => (read(`${name}.snapshot.json`) as { predictedResources: Resource[] }).predictedResources,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A template and, by path, every template nested in it. */
export function* templatesIn(template: Template, at = 'main'): Iterable<[string, Template]> {
  yield [at, template];
  for (const [name, { properties }] of Object.entries(template.resources))
    if (properties?.template) yield* templatesIn(properties.template, `${at}/${name}`);
}

/** Every string of a value, keys included. */
export function* stringsIn(value: unknown): Iterable<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'object' && value !== null)
    for (const [key, inner] of Object.entries(value)) {
      yield key;
      yield* stringsIn(inner);
    }
}

/** Name and expression of everything that ARM's `createObject` puts together anywhere in an expression. */
export function settingsIn(expression: string): Map<string, string> {
  const settings = new Map<string, string>();
  for (const part of expression.split('createObject(').slice(1)) {
    const parts = topLevelArguments(part);
    for (let at = 0; at + 1 < parts.length; at += 2) settings.set(parts[at]!.slice(1, -1), parts[at + 1]!);
  }
  return settings;
}

/** Arguments up to the bracket that closes the call. */
function topLevelArguments(text: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let isQuoted = false;
  let argument = '';
  for (const character of text) {
    if (character === "'") isQuoted = !isQuoted;
    if (!isQuoted && character === ')' && depth-- === 0) break;
    if (!isQuoted && character === '(') depth++;
    if (!isQuoted && character === ',' && depth === 0) {
      found.push(argument.trim());
      argument = '';
    } else argument += character;
  }
  return argument.trim() === '' ? found : [...found, argument.trim()];
}
