/**
 * Keys as Azure Tables takes them. Forbidden there are `/ \ # ?` and control characters; `%` and `'` pass the service but
 * trip clients and proxies (learn.microsoft.com, "Understanding the Table service data model"). The escape keeps the
 * order of keys and their prefixes, since scans and ranges depend on both: a character that may not stand is written as
 * the allowed one just below it and a digit, and that one, where meant itself, takes a smaller digit.
 */
import { ServiceError } from '../errors';

/** Azure's limit: 1 KiB, in UTF-16. */
const KEY_CHARACTERS_MAX = 512;

/** Each forbidden character and the allowed one just below it. */
const NEIGHBOURS: readonly (readonly [lead: string, forbidden: string])[] = [
  ['"', '#'],
  ['$', '%'],
  ['&', "'"],
  ['.', '/'],
  ['>', '?'],
  ['[', '\\'],
];

const escapes = new Map<string, string>([[' ', ' ~']]);
for (const [lead, forbidden] of NEIGHBOURS) escapes.set(lead, `${lead}0`).set(forbidden, `${lead}1`);
for (let code = 0; code < 0x20; code += 1) escapes.set(String.fromCharCode(code), ` ${hexOf(code)}`);
escapes.set('~', '~0');
for (let code = 0x7f; code <= 0x9f; code += 1) escapes.set(String.fromCharCode(code), `~1${hexOf(code)}`);
const originals = new Map([...escapes].map(([original, escaped]) => [escaped, original]));

// eslint-disable-next-line no-control-regex -- these are what must not stand in a key
const ESCAPED = /[\u0000-\u0020"#$%&'./>?[\\~\u007f-\u009f]/g;
const ESCAPES = / ~| [0-9a-f]{2}|["$&.>[][01]|~0|~1[0-9a-f]{2}/g;

/** Throws BAD_KEY when the key is too long for Azure. `what`: "things: a row key". */
export function escapeKey(key: string, what: string): string {
  const escaped = escapePrefix(key);
  if (escaped.length <= KEY_CHARACTERS_MAX) return escaped;
  throw new ServiceError(
    'BAD_KEY',
    `${what} of ${escaped.length} characters (escaped), expected at most ${KEY_CHARACTERS_MAX}`,
  );
}

/** The start of every escaped key that starts with `prefix`. */
export function escapePrefix(prefix: string): string {
  return prefix.replace(ESCAPED, (character) => escapes.get(character)!);
}

export function unescapeKey(escaped: string): string {
  return escaped.replace(ESCAPES, (escape) => originals.get(escape)!);
}

/** The first text after all that start with `prefix`, which is not empty. */
export function afterPrefix(prefix: string): string {
  const last = prefix.length - 1;
  return prefix.slice(0, last) + String.fromCharCode(prefix.charCodeAt(last) + 1);
}

function hexOf(code: number): string {
  return code.toString(16).padStart(2, '0');
}
