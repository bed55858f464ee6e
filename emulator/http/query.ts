/** Query parameters, paths and pages of the management API. Odd values are ignored, as recorded. */
import { type HttpAnswer, jsonAnswer } from './message';

export const TOKEN = 'x-ms-continuation-token';

export function paged(items: unknown[], next: string | null, local: boolean): HttpAnswer {
  const headers: Record<string, string> = {};
  if (next !== null) headers[TOKEN] = Buffer.from(next, 'utf8').toString('base64');
  else if (local) headers[TOKEN] = '';
  return jsonAnswer(200, items, headers);
}

export function dated<K extends string>(key: K, text: string | null): Partial<Record<K, number>> {
  const ms = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(ms) ? {} : ({ [key]: ms } as Partial<Record<K, number>>);
}

export function topOf(params: URLSearchParams): number {
  const text = params.get('top');
  return text !== null && /^-?\d+$/.test(text) ? Number(text) : 100;
}

export function decodeToken(header: string | undefined): { after: string | null } | 'bad' {
  if (!header) return { after: null };
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(header) || header.length % 4 !== 0) return 'bad';
  return { after: Buffer.from(header, 'base64').toString('utf8') };
}

export const flag = (params: URLSearchParams, name: string): boolean => params.get(name)?.toLowerCase() === 'true';

export const isEnd = (s: string): boolean =>
  s === 'Completed' || s === 'Failed' || s === 'Terminated' || s === 'Canceled';

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

export function parseError(text: string): string {
  try {
    JSON.parse(text);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

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
