/**
 * What was wrong with something that came in: where, what came, what was expected (formats.md, "an error that names
 * the field, the value and what was expected; all errors are listed at once"). Never carries a name, phone or birth date.
 */
export interface Problem {
  /** Where: a field path (`callCentre.capacityPerDay`), a column, or a file and line. */
  readonly field: string;
  /** What came, shortened; absent where it could be personal. */
  readonly value?: string;
  /** What was expected, as a phrase that follows "expected". */
  readonly expected: string;
}

/** Bad input, whole: thrown once every problem is known. Callers answer 400 or exit 2; nothing has been changed. */
export class BadInput extends Error {
  readonly code = 'BAD_INPUT';
  constructor(
    readonly what: string,
    readonly problems: readonly Problem[],
  ) {
    super(`${what}: ${problems.map(describeProblem).join('; ')}`);
    this.name = 'BadInput';
  }
}

/** One line for a person: `weeks: got 99, expected an integer from 1 to 52`. */
export function describeProblem(problem: Problem): string {
  const got = problem.value === undefined ? '' : `got ${problem.value}, `;
  return `${problem.field}: ${got}expected ${problem.expected}`;
}

/** A value as it may be quoted in an error: JSON, at most 60 characters; never what could be a phone in a wrong field. */
export function quote(value: unknown): string {
  const text = value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value));
  if (mayBePhone(value)) return `${text.length} characters that could hold a phone number`;
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

const DATES = /\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2})?)?/g;
/** The shortest phone numbers have seven digits; people write them with blanks, dots, hyphens and brackets. */
const SEVEN_DIGITS = /\d(?:[ ().-]?\d){6,}/;

function mayBePhone(value: unknown): boolean {
  if (typeof value === 'string') return SEVEN_DIGITS.test(value.replace(DATES, ' '));
  if (typeof value === 'number') return /^\d{10,15}$/.test(String(value));
  if (value === null || typeof value !== 'object') return false;
  return [...Object.keys(value), ...(Object.values(value) as unknown[])].some(mayBePhone);
}

/** The name of a field that should not be there, as it may be told. */
export function nameOf(key: string): string {
  return mayBePhone(key) ? `a field named by ${quote(key)}` : key;
}

/** A JSON type as a phrase that follows "expected". */
export function typePhrase(type: string): string {
  if (type === 'object' || type === 'record') return 'a JSON object';
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}
