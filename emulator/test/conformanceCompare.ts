/**
 * Brings answers of a recorded host and of the emulator into one form, and says where two of them differ. Left out of every
 * comparison: instants of the run, generated ids, addresses, keys, stack frames; long runs of one letter are counted.
 * Source: the placeholders of the recordings ({host}, {code}, {testServer}, {closedPort}).
 */

export interface Places {
  host: string;
  rpcHost: string;
  testServer: string;
  closedPort: string;
}

/** Replaces the placeholders in a recorded request. */
export function placed(text: string, places: Places): string {
  return text
    .replaceAll('{host}', places.host)
    .replaceAll('{rpcHost}', places.rpcHost)
    .replaceAll('{testServer}', places.testServer)
    .replaceAll('{closedPort}', places.closedPort)
    .replaceAll('{code}', 'key');
}

const FRAMES = /(?:\\*\r)?(?:\n|\\+n) +at (?:[^\n\\"]|\\+")*?(?=\n|\\+[nr"]|"|$)/g;
const FIRST_FRAME = /(^|\\*"|StackTrace: +) {3}at (?:[^\n\\"])*(?=\\*"|$)/g;

export function normalised(value: unknown, places: Places | null): unknown {
  if (typeof value === 'string') return normalText(value, places);
  if (Array.isArray(value)) return value.map((v) => normalised(v, places));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [normalText(k, places), normalised(v, places)]));
}

function normalText(text: string, places: Places | null): string {
  let t = text;
  if (places) {
    for (const [name, address] of Object.entries(places)) t = t.replaceAll(address, `{${name}}`);
    t = t.replace(/code=[\w%=-]+/g, 'code={code}');
  }
  return t
    .replace(FRAMES, '')
    .replace(FIRST_FRAME, '$1')
    .replace(/(.)\1{299,}/g, (run, letter: string) => `<${letter} x ${run.length}>`)
    .replace(/20(?:2[6-9]|[3-9]\d)-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)?/g, '<time>')
    .replace(/[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}/g, '<guid>')
    .replace(/\w{3}, \d\d \w{3} 20\d\d \d\d:\d\d:\d\d GMT/g, '<http date>')
    .replace(/(known \w+ functions are|are the known \w+ functions): ('[\w ]+'(, )?)+/g, '$1: <names>')
    .replace(/DurableTask\/3\.\d+\.\d+/g, 'DurableTask/<version>');
}

/** Where two values differ: `path: expected X, got Y`, at most four. */
export function differences(expected: unknown, got: unknown): string[] {
  const out: string[] = [];
  compare(expected, got, '', out);
  return out.slice(0, 4);
}

function compare(expected: unknown, got: unknown, path: string, out: string[]): void {
  if (expected === '<any>' || Object.is(expected, got)) return;
  if (isObject(expected) && isObject(got) && Array.isArray(expected) === Array.isArray(got)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(got)])) {
      compare(expected[key], got[key], `${path}/${key}`, out);
    }
  } else out.push(`${path}: expected ${clip(expected)}, got ${clip(got)}`);
}

const isObject = (v: unknown): v is Record<string, unknown> => typeof v === 'object' && v !== null;

function clip(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 400 ? text.slice(0, 400) + '…' : text;
}
