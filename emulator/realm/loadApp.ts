/**
 * Loads a v4 app: package.json `main` (a globby pattern), each file by require or import, then appStart hooks.
 * Says what is wrong when an app does not load. Source: contract A "Entry files"; worker src/startApp.ts.
 */
import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CoreApi } from './coreApi';
import { AppLoadError, readJson } from './jsonFile';

/** Loads the app's entry files into this realm. Throws AppLoadError. */
export async function loadApp(folder: string, core: CoreApi): Promise<void> {
  const manifest = readJson(folder, 'package.json');
  if (manifest === null) throw new AppLoadError(folder, 'it has no package.json.');
  const main = manifest.main;
  if (typeof main !== 'string' || main === '') {
    throw new AppLoadError(
      folder,
      'package.json has no "main"; it must name the file (or pattern) that registers functions.',
    );
  }
  const files = await entryFiles(folder, main);
  if (files.length === 0)
    throw new AppLoadError(folder, `package.json "main" is "${main}", and no file matches it. Is the app built?`);
  for (const file of files) await loadFile(folder, file, manifest.type === 'module');
  if (core.functions.size === 0) {
    throw new AppLoadError(
      folder,
      `"${main}" was loaded, but it registered no functions (app.http, app.timer, df.app.*).`,
    );
  }
  // appStart hooks may still register functions
  await runAppHooks(folder, core, 'appStart');
  core.close();
}

/** A plain path needs no pattern matching (nor the library for it). */
async function entryFiles(folder: string, main: string): Promise<string[]> {
  const plain = path.join(folder, main);
  if (existsSync(plain) && statSync(plain).isFile()) return [plain];
  const { globSync } = await import('tinyglobby');
  return globSync([main], { cwd: folder, absolute: true, expandDirectories: false }).sort();
}

async function loadFile(folder: string, file: string, moduleType: boolean): Promise<void> {
  const esm = file.endsWith('.mjs') || (moduleType && !file.endsWith('.cjs'));
  try {
    // a plain import() would be compiled to require() here
    if (esm) await (new Function('u', 'return import(u)') as (u: string) => Promise<unknown>)(pathToFileURL(file).href);
    else createRequire(path.join(folder, 'package.json'))(file);
  } catch (error) {
    throw new AppLoadError(folder, `${path.relative(folder, file)} failed: ${stackOf(error)}`, error);
  }
}

/** Without this host's own frames. */
function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const lines = (error.stack ?? error.message).split('\n');
  return lines.filter((line) => !line.includes(__dirname)).join('\n');
}

export async function runAppHooks(folder: string, core: CoreApi, name: 'appStart' | 'appTerminate'): Promise<void> {
  for (const hook of core.hooks[name]) {
    await hook({ hookData: core.appLevelHookData, appHookData: core.appHookData, functionAppDirectory: folder });
  }
}
