/**
 * Serves the page at /runtime/ui: one HTML file, one style sheet, the compiled modules of dist/ui and preact from
 * node_modules. Nothing is loaded from elsewhere; the Content-Security-Policy says so to the browser. Read once, kept.
 * Leaves out who may ask (guard) and what the page asks for (adminInstances, management).
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type HttpAnswer, type HttpMessage, emptyAnswer } from './message';

export const UI = '/runtime/ui';

const PACKAGE = path.join(__dirname, '..', '..');
/** compiled modules: beside this file when built, in dist/ when this file runs as TypeScript */
const MODULES = [path.join(__dirname, '..', 'ui'), path.join(__dirname, '..', 'dist', 'ui')];
const SOURCES = [path.join(PACKAGE, 'ui'), path.join(__dirname, '..', 'ui')];

const VENDOR: Record<string, string> = {
  'preact.js': 'preact',
  'preact-hooks.js': 'preact/hooks',
  'preact-jsx-runtime.js': 'preact/jsx-runtime',
};

const IMPORT_MAP = JSON.stringify({
  imports: Object.fromEntries(Object.entries(VENDOR).map(([file, name]) => [name, `${UI}/vendor/${file}`])),
});

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}'`;

const HEADERS = {
  // the import map is the page's only inline script, allowed by its hash
  'content-security-policy':
    `default-src 'self'; script-src 'self' ${hashOf(IMPORT_MAP)}; base-uri 'none'; form-action 'none'; ` +
    "frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
};

const kept = new Map<string, HttpAnswer>();

/** Answers a path at or below /runtime/ui. */
export function serveUi(m: HttpMessage, requested: string): HttpAnswer {
  if (m.method !== 'GET' && m.method !== 'HEAD') return emptyAnswer(405);
  const name = requested.slice(UI.length).replace(/^\//, '') || 'index.html';
  const found = kept.get(name) ?? load(name);
  if (!found) return emptyAnswer(404);
  kept.set(name, found);
  if (m.headers['if-none-match'] === found.headers.etag) return { status: 304, headers: found.headers, body: '' };
  return found;
}

function load(name: string): HttpAnswer | null {
  if (name === 'index.html') {
    const html = read(SOURCES, 'index.html');
    return html && answer('text/html', html.toString('utf8').replace(/\s*IMPORT_MAP\s*/, IMPORT_MAP));
  }
  if (name === 'style.css' || name === 'icon.svg') {
    const text = read(SOURCES, name);
    return text && answer(name.endsWith('css') ? 'text/css' : 'image/svg+xml', text);
  }
  if (name.startsWith('vendor/')) {
    const library = VENDOR[name.slice('vendor/'.length)];
    return library ? answer('text/javascript', readFileSync(require.resolve(library))) : null;
  }
  if (!/^[a-zA-Z]+\.js$/.test(name)) return null;
  const module = read(MODULES, name);
  return module && answer('text/javascript', module);
}

function read(folders: string[], name: string): Buffer | null {
  const file = folders.map((f) => path.join(f, name)).find((f) => existsSync(f));
  return file === undefined ? null : readFileSync(file);
}

function answer(type: string, body: string | Buffer): HttpAnswer {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  return { status: 200, headers: { ...HEADERS, 'content-type': `${type}; charset=utf-8`, etag }, body };
}
