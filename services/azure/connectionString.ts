/**
 * Connection strings, taken apart and checked before a client sees them: the SDKs accept halves of one and fail at the
 * first request. Problems name the part and what was expected, never what came: it could be a key.
 */
import type { Problem } from '../../domain/problem';

export interface ConnectionString {
  /** By lower-case name. */
  readonly parts: ReadonlyMap<string, string>;
  readonly problems: readonly Problem[];
}

/** `setting`: where it came from, for the problems. */
export function parseConnectionString(text: string, setting: string): ConnectionString {
  const parts = new Map<string, string>();
  const problems: Problem[] = [];
  text.split(';').forEach((part, i) => {
    if (part.trim() === '') return;
    const at = part.indexOf('=');
    const name = part.slice(0, at).trim().toLowerCase();
    if (at <= 0 || name === '') problems.push({ field: setting, expected: `Name=value as part ${i + 1}` });
    else if (parts.has(name)) problems.push({ field: setting, expected: `${part.slice(0, at).trim()} once` });
    else parts.set(name, part.slice(at + 1).trim());
  });
  if (parts.size === 0 && problems.length === 0)
    problems.push({ field: setting, expected: 'a connection string Name=value;Name=value' });
  return { parts, problems };
}

export function isBase64Key(text: string | undefined): boolean {
  return text !== undefined && text.length >= 16 && /^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.length % 4 === 0;
}

export function urlOf(text: string | undefined): URL | null {
  return text !== undefined && URL.canParse(text) ? new URL(text) : null;
}

export function isLoopback(url: URL): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
}
