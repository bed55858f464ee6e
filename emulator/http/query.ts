/** Query parameters, paths and pages of the management API. Odd values are ignored, as recorded. */
import { type HttpAnswer, jsonAnswer } from './message';

export const TOKEN = 'x-ms-continuation-token';

export function paged(items: unknown[], next: string | null, local: boolean): HttpAnswer {
  const headers: Record<string, string> = {};
  if (next !== null) headers[TOKEN] = Buffer.from(next, 'utf8').toString('base64');
  else if (local) headers[TOKEN] = '';
  return jsonAnswer(200, items, headers);
}

/** A time without a zone is UTC here, as on hosts in Azure. */
export function dated<K extends string>(key: K, text: string | null): Partial<Record<K, number>> {
  const zoned = text !== null && /T[\d:.]+$/.test(text) ? `${text}Z` : text;
  const ms = zoned === null ? Number.NaN : Date.parse(zoned);
  return Number.isNaN(ms) ? {} : ({ [key]: ms } as Partial<Record<K, number>>);
}

export function topOf(params: URLSearchParams): number {
  const text = params.get('top');
  return text !== null && /^\s*[-+]?\d+\s*$/.test(text) ? Number(text) : 100;
}

/** A token names the first item of its page. */
export function decodeToken(header: string | undefined): { from: string | null } | 'bad' {
  if (!header) return { from: null };
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(header) || header.length % 4 !== 0) return 'bad';
  return { from: Buffer.from(header, 'base64').toString('utf8') };
}

/** As .NET reads a boolean: any letter case, blanks around it; null for everything else. */
export function booleanOf(params: URLSearchParams, name: string): boolean | null {
  const text = params.get(name)?.trim().toLowerCase();
  return text === 'true' ? true : text === 'false' ? false : null;
}

export const flag = (params: URLSearchParams, name: string): boolean => booleanOf(params, name) === true;

/** A number of seconds, or null. */
export function secondsOf(params: URLSearchParams, name: string): number | null {
  const text = params.get(name)?.trim() ?? '';
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : null;
}

/** In the order of the .NET enumeration, whose numbers are taken too. */
const STATUSES = ['Running', 'Completed', 'ContinuedAsNew', 'Failed', 'Canceled', 'Terminated', 'Pending', 'Suspended'];

/** Known statuses among those asked for (repeated, or with commas between); the letter case counts. */
export function statusesOf(params: URLSearchParams): Set<string> {
  const asked = params.getAll('runtimeStatus').flatMap((s) => s.split(','));
  return new Set(
    asked.map((s) => STATUSES[Number(s.trim() || Number.NaN)] ?? s.trim()).filter((s) => STATUSES.includes(s)),
  );
}

export const isEnd = (s: string): boolean =>
  s === 'Completed' || s === 'Failed' || s === 'Terminated' || s === 'Canceled';

export function split(text: string, at: string): [string, string] {
  const i = text.indexOf(at);
  return i < 0 ? [text, ''] : [text.slice(0, i), text.slice(i + 1)];
}

export function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
