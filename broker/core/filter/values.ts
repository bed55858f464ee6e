/**
 * Values of filter expressions and how they compare. Unknown is `null`: a property that is not set, or an operation on
 * values that do not go together (text with a number, a division by zero). Numbers of every AMQP width are one kind.
 */
export type FilterValue = string | number | bigint | boolean | Date | Buffer;
export type Maybe<T> = T | null;

type Scalar = string | number | bigint | boolean;

/** -1, 0 or 1; null when the two cannot be compared. Text is compared by code unit, case counts. */
export function compare(left: Maybe<FilterValue>, right: Maybe<FilterValue>): Maybe<number> {
  const a = scalarOf(left);
  const b = scalarOf(right);
  if (a === null || b === null) return null;
  const isNumeric = (value: Scalar): boolean => typeof value === 'number' || typeof value === 'bigint';
  if (typeof a !== typeof b && !(isNumeric(a) && isNumeric(b))) return null;
  if (a < b) return -1;
  return a > b ? 1 : a == b ? 0 : null;
}

function scalarOf(value: Maybe<FilterValue>): Maybe<Scalar> {
  if (value instanceof Date) return value.getTime();
  if (Buffer.isBuffer(value)) return value.toString('hex');
  return value;
}

export type Arithmetic = '+' | '-' | '*' | '/' | '%';

/** Of two numbers; `+` also joins two texts. Whole numbers divide to whole numbers, as in SQL. */
export function calculate(
  operator: Arithmetic,
  left: Maybe<FilterValue>,
  right: Maybe<FilterValue>,
): Maybe<FilterValue> {
  if (operator === '+' && typeof left === 'string' && typeof right === 'string') return left + right;
  const a = numberOf(left);
  const b = numberOf(right);
  if (a === null || b === null) return null;
  const result = applied(operator, a, b);
  return Number.isFinite(result) ? result : null;
}

export function numberOf(value: Maybe<FilterValue>): Maybe<number> {
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'number' ? value : null;
}

function applied(operator: Arithmetic, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return Number.isInteger(a) && Number.isInteger(b) ? Math.trunc(a / b) : a / b;
    case '%':
      return a % b;
  }
}

/** Whether text matches a LIKE pattern: `%` any run, `_` one character, `escape` takes the next one literally. */
export function likeMatcher(pattern: string, escape: string | null): RegExp {
  let source = '';
  const characters = [...pattern];
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index]!;
    if (escape !== null && character === escape && index + 1 < characters.length) {
      source += literally(characters[++index]!);
    } else if (character === '%') source += '.*';
    else if (character === '_') source += '.';
    else source += literally(character);
  }
  return new RegExp(`^${source}$`, 'su');
}

function literally(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/]/u, '\\$&');
}
