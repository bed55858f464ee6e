/**
 * Cross-origin requests as Core Tools answers them with Host.CORS of local.settings.json: preflights here, and the headers
 * on everything else. Without that setting nothing is added. Source: Core Tools reference (Host.CORS, CORSCredentials).
 */
import { type HttpAnswer, type HttpMessage, emptyAnswer } from './message';

export interface Cors {
  origins: readonly string[];
  credentials: boolean;
}

/** The answer to a preflight of an allowed origin, or null when the request is none. */
export function preflight(cors: Cors, m: HttpMessage): HttpAnswer | null {
  const method = m.headers['access-control-request-method'];
  if (m.method !== 'OPTIONS' || method === undefined || !allows(cors, m.headers.origin)) return null;
  const answer = { ...emptyAnswer(204), headers: { 'access-control-allow-methods': method } as Record<string, string> };
  const asked = m.headers['access-control-request-headers'];
  if (asked !== undefined) answer.headers['access-control-allow-headers'] = asked;
  addCors(cors, m, answer);
  return answer;
}

/** Adds the headers that let the request's origin read the answer. */
export function addCors(cors: Cors, m: HttpMessage, answer: { headers: Record<string, string | string[]> }): void {
  const { origin } = m.headers;
  if (!allows(cors, origin)) return;
  const any = cors.origins.includes('*') && !cors.credentials;
  answer.headers['access-control-allow-origin'] = any ? '*' : (origin as string);
  if (!any) answer.headers.vary = 'Origin';
  if (cors.credentials) answer.headers['access-control-allow-credentials'] = 'true';
}

const allows = (cors: Cors, origin: string | undefined): boolean =>
  origin !== undefined && (cors.origins.includes('*') || cors.origins.includes(origin));
