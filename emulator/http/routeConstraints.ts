/**
 * Constraints of route parameters, as in `{id:int:min(1)}`. What a pattern can say takes part in choosing the route; limits of
 * size are looked at after it and give 404. Unknown constraints are refused. Source: ASP.NET Core route constraints.
 */

/** A parameter of a template: name and, after the colon, its constraints. */
export const TOKEN = /\{(\w+)(?::((?:[^{}]|\{[^{}]*\})*?))?\}/g;

export interface Check {
  name: string;
  fits(value: string): boolean;
}

const PATTERNS: Record<string, string> = {
  int: '^-?\\d+$',
  long: '^-?\\d+$',
  guid: '^[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}$',
  bool: '^(?:true|false|True|False|TRUE|FALSE)$',
  alpha: '^[A-Za-z]+$',
  decimal: '^-?\\d+(?:\\.\\d+)?$',
  float: '^-?\\d+(?:\\.\\d+)?$',
  double: '^-?\\d+(?:\\.\\d+)?$',
};

const LIMITS: Record<string, (value: string, a: number, b: number) => boolean> = {
  min: (v, a) => Number(v) >= a,
  max: (v, a) => Number(v) <= a,
  range: (v, a, b) => Number(v) >= a && Number(v) <= b,
  minlength: (v, a) => v.length >= a,
  maxlength: (v, a) => v.length <= a,
  length: (v, a, b) => (Number.isNaN(b) ? v.length === a : v.length >= a && v.length <= b),
};

/** The pattern of the first constraint that has one, or null. Throws for a constraint that is not known. */
export function patternOf(rules: string): string | null {
  let pattern: string | null = null;
  for (const rule of split(rules)) {
    const regex = /^regex\((.*)\)$/.exec(rule)?.[1];
    const known = regex ?? PATTERNS[rule.toLowerCase()];
    if (known !== undefined) pattern ??= known;
    else if (!limitOf(rule) && !/^(required|datetime)$/i.test(rule))
      throw new Error(`the constraint '${rule}' is not known`);
  }
  return pattern;
}

/** The limits in a route template that no pattern says. */
export function checksOf(template: string): Check[] {
  const checks: Check[] = [];
  for (const [, name, rules] of template.matchAll(TOKEN)) {
    for (const rule of split((rules ?? '').replace(/\?$/, ''))) {
      const limit = limitOf(rule);
      if (limit) checks.push({ name: name as string, fits: limit });
      if (/^datetime$/i.test(rule)) checks.push({ name: name as string, fits: (v) => !Number.isNaN(Date.parse(v)) });
      if (/^(int|long)$/i.test(rule)) checks.push({ name: name as string, fits: fitsInteger(rule.toLowerCase()) });
    }
  }
  return checks;
}

const fitsInteger =
  (kind: string) =>
  (value: string): boolean => {
    const bits = kind === 'int' ? 32 : 64;
    return BigInt.asIntN(bits, BigInt(value)) === BigInt(value);
  };

function limitOf(rule: string): ((value: string) => boolean) | null {
  const found = /^(\w+)\(\s*(-?\d+)\s*(?:,\s*(-?\d+)\s*)?\)$/.exec(rule);
  const limit = found && LIMITS[(found[1] as string).toLowerCase()];
  if (!found || !limit) return null;
  return (value) => limit(value, Number(found[2]), Number(found[3] ?? Number.NaN));
}

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
