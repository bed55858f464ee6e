/** Apps written for one test into a temporary folder, with this repository's packages. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = mkdtempSync(path.join(os.tmpdir(), 'emulator-app-'));
let count = 0;

afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Writes files (name to text, or to JSON) into a new app folder; package.json has `main` a.js unless given. */
export function tempApp(files: Record<string, string | object>): string {
  const folder = path.join(root, String(count++));
  mkdirSync(folder);
  symlinkSync(path.join(__dirname, '..', '..', 'node_modules'), path.join(folder, 'node_modules'));
  for (const [name, content] of Object.entries({ 'package.json': { main: 'a.js' }, ...files })) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return folder;
}

export const tempFolder = (): string => mkdtempSync(path.join(root, 'data-'));

/** The first lines of an app in CommonJS. */
export const USES =
  "const { app, output, input } = require('@azure/functions'); const df = require('durable-functions');\n";
