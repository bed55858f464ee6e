/** HTTP requests and answers as plain data, so that the same handlers serve TCP and in-realm requests. */

import type { Readable } from 'node:stream';

export interface HttpMessage {
  method: string;
  /** path and query as sent */
  target: string;
  /** lower-case names */
  headers: Record<string, string>;
  body: Buffer | string | null;
  /** the body of a streamed request, which nobody has read */
  bodyStream?: Readable;
}

export interface HttpAnswer {
  status: number;
  headers: Record<string, string | string[]>;
  body: Buffer | string;
  /** sent instead of the body */
  stream?: Readable;
}

export const emptyAnswer = (status: number): HttpAnswer => ({
  status,
  headers: { 'content-length': '0' },
  body: '',
});

/** `value` becomes JSON text. */
export function jsonAnswer(status: number, value: unknown, headers: Record<string, string> = {}): HttpAnswer {
  return jsonText(status, JSON.stringify(value), headers);
}

export function jsonText(status: number, text: string, headers: Record<string, string> = {}): HttpAnswer {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8', ...headers }, body: text };
}

export const bodyText = (m: HttpMessage): string =>
  m.body === null ? '' : typeof m.body === 'string' ? m.body : m.body.toString('utf8');
