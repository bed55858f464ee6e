/**
 * Constraints of route parameters, as in `{id:int:min(1)}`. A value that does not fit lets the next route that matches have
 * the request. Unknown constraints are refused. Source: ASP.NET Core route constraints.
 */

export type Fits = (value: string) => boolean;

/** Matched in full and without case. */
const PATTERNS: Record<string, string> = {
  int: '[+-]?\\d+',
  long: '[+-]?\\d+',
  guid: '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}',
  bool: 'true|false',
  alpha: '[a-z]*',
  decimal: '[+-]?(?:\\d+\\.?\\d*|\\.\\d+)',
  float: '[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:e[+-]?\\d+)?',
  double: '[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:e[+-]?\\d+)?',
};

const LIMITS: Record<string, (value: string, a: number, b: number) => boolean> = {
  min: (v, a) => Number(v) >= a,
  max: (v, a) => Number(v) <= a,
  range: (v, a, b) => Number(v) >= a && Number(v) <= b,
  minlength: (v, a) => v.length >= a,
  maxlength: (v, a) => v.length <= a,
  length: (v, a, b) => (Number.isNaN(b) ? v.length === a : v.length >= a && v.length <= b),
};

/** What a value must satisfy, for text such as `int:min(1)`. Throws for a constraint that is not known. */
export function constraintsOf(rules: string): Fits[] {
  return split(rules).map((rule) => {
    const fits = regexOf(rule) ?? limitOf(rule) ?? kindOf(rule.toLowerCase());
    if (!fits) throw new Error(`the constraint '${rule}' is not known`);
    return fits;
  });
}

/** Finds its pattern anywhere in the value, unless the pattern is anchored. */
function regexOf(rule: string): Fits | null {
  const text = /^regex\((.*)\)$/i.exec(rule)?.[1];
  if (text === undefined) return null;
  const pattern = new RegExp(text, 'i');
  return (value) => pattern.test(value);
}

function limitOf(rule: string): Fits | null {
  const found = /^(\w+)\(\s*(-?\d+)\s*(?:,\s*(-?\d+)\s*)?\)$/.exec(rule);
  const limit = found && LIMITS[(found[1] as string).toLowerCase()];
  if (!found || !limit) return null;
  return (value) => limit(value, Number(found[2]), Number(found[3] ?? Number.NaN));
}

function kindOf(kind: string): Fits | null {
  if (kind === 'required') return (value) => value !== '';
  if (kind === 'datetime') return (value) => !Number.isNaN(Date.parse(value));
  if (kind === 'file') return isFile;
  if (kind === 'nonfile') return (value) => !isFile(value);
  const text = PATTERNS[kind];
  if (text === undefined) return null;
  const pattern = new RegExp(`^(?:${text})$`, 'i');
  if (kind !== 'int' && kind !== 'long') return (value) => pattern.test(value);
  return (value) => pattern.test(value) && isInBits(value, kind === 'int' ? 32 : 64);
}

function isInBits(value: string, bits: number): boolean {
  const number = BigInt(value.replace('+', ''));
  return BigInt.asIntN(bits, number) === number;
}

/** The last part of the value has a dot with something after it. */
const isFile = (value: string): boolean => /\.[^./]+$/.test(value);

/** At colons outside of brackets. */
function split(rules: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (const c of rules) {
    if (c === '(') depth++;
    if (c === ')') depth--;
    if (c === ':' && depth === 0) {
      parts.push(part);
      part = '';
    } else part += c;
  }
  return [...parts, part].map((p) => p.trim()).filter((p) => p !== '');
}
