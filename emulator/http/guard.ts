/**
 * Who may use /admin and the page: requests whose Host names this machine and whose Origin, if any, is this very host. A
 * page elsewhere that a developer has open could otherwise reach the host through the browser (DNS rebinding, forms).
 */
import type { HttpAnswer, HttpMessage } from './message';

const LOCAL = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i;

/** A 403 that says why, or null when the request may pass. Requests from within the realm have no Host. */
export function refuseForeign(m: HttpMessage): HttpAnswer | null {
  const { host, origin } = m.headers;
  if (host !== undefined && !LOCAL.test(host)) {
    return forbidden(`The Host '${host}' is not this machine. Use http://localhost, 127.0.0.1 or [::1].`);
  }
  const isForeign = origin !== undefined && !isLocalOrigin(origin, host);
  if (isForeign) return forbidden(`The Origin '${origin}' may not use this address: only pages of this host may.`);
  return null;
}

function isLocalOrigin(origin: string, host: string | undefined): boolean {
  const authority = /^https?:\/\/([^/]+)$/i.exec(origin)?.[1];
  return authority !== undefined && host !== undefined && authority.toLowerCase() === host.toLowerCase();
}

const forbidden = (text: string): HttpAnswer => ({
  status: 403,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: text,
});
