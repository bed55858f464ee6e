/**
 * The package as it would be published: what is in it, and that it runs an app from another place with nothing but its
 * dependencies.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import os from 'node:os';
import path from 'node:path';

jest.setTimeout(120_000);

const PACKAGE = path.join(__dirname, '..');
const MODULES = path.join(PACKAGE, '..', 'node_modules');
const root = mkdtempSync(path.join(os.tmpdir(), 'emulator-pack-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Manifest {
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
}

let folder: string;
let files: string[];
beforeAll(() => {
  const packed = spawnSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', root], {
    cwd: PACKAGE,
    encoding: 'utf8',
  });
  const [result] = JSON.parse(packed.stdout) as [{ filename: string; files: { path: string }[] }];
  files = result.files.map((f) => f.path);
  spawnSync('tar', ['xzf', path.join(root, result.filename), '-C', root]);
  folder = path.join(root, 'package');
});

test('holds code, command, preset, page, README and LICENSE, and neither tests nor sources', () => {
  for (const name of [
    'bin/durable-emulator.js',
    'dist/index.js',
    'dist/index.d.ts',
    'dist/cli/main.js',
    'dist/realm/worker.js',
    'jest-preset.js',
    'jest-preset/setup.js',
    'README.md',
    'LICENSE',
    'package.json',
  ]) {
    expect(files).toContain(name);
  }
  expect(files.filter((f) => /(^|\/)test\/|(?<!\.d)\.tsx?$|tsbuildinfo/.test(f))).toEqual([]);
});

test('requires nothing but its own files, its dependencies and optional peers', () => {
  const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest;
  const known = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)];
  const foreign = new Set<string>();
  for (const file of files.filter((f) => /^(dist|bin|jest-preset)[^]*\.js$/.test(f))) {
    const text = readFileSync(path.join(folder, file), 'utf8');
    for (const [, name] of text.matchAll(
      /(?:\brequire|\bimport)\(['"]([^'"./][^'"]*)['"]\)|from ['"]([^'"./][^'"]*)['"]/g,
    )) {
      if (name === undefined) continue;
      const bare = name
        .replace(/^node:/, '')
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/');
      if (!known.includes(bare) && !builtinModules.includes(bare)) foreign.add(`${bare} in ${file}`);
    }
  }
  expect([...foreign]).toEqual([]);
});

test('starts an app from a place of its own', async () => {
  const project = path.join(root, 'project');
  mkdirSync(path.join(project, 'node_modules'), { recursive: true });
  // the app's and the package's dependencies, found as an installation would lay them out; not this repository's copy of the package
  for (const name of readdirSync(MODULES)) {
    if (name.startsWith('.') || name === 'durable-emulator' || name === 'local-service-bus') continue;
    symlinkSync(path.join(MODULES, name), path.join(project, 'node_modules', name));
  }
  cpSync(folder, path.join(project, 'node_modules', 'durable-emulator'), { recursive: true });
  writeFileSync(path.join(project, 'package.json'), JSON.stringify({ main: 'app.js' }));
  writeFileSync(
    path.join(project, 'app.js'),
    "require('@azure/functions').app.http('hello', { handler: () => ({ body: 'from a package' }) });",
  );
  const bin = path.join(project, 'node_modules', 'durable-emulator', 'bin', 'durable-emulator.js');
  const child = spawn(process.execPath, [bin, 'start', '--port', '0'], { cwd: project });
  try {
    const url = await new Promise<string>((resolve, reject) => {
      let text = '';
      const take = (chunk: Buffer): void => {
        text += chunk.toString();
        const found = /Ready on (\S+)\./.exec(text)?.[1];
        if (found) resolve(found);
      };
      child.stdout.on('data', take);
      child.stderr.on('data', take);
      child.on('close', () => reject(new Error(text)));
    });
    expect(await (await fetch(`${url}/api/hello`)).text()).toBe('from a package');
    expect(await (await fetch(`${url}/runtime/ui`)).text()).toContain('<html');
  } finally {
    child.kill('SIGKILL');
  }
});
