/** The SQL filter language: grammar, three-valued logic, kinds of values; actions; correlation filters. */
import { correlationMatcher } from '../../core/filter/correlationFilter';
import { ExpressionError } from '../../core/filter/lexer';
import { parseSqlAction } from '../../core/filter/sqlAction';
import { parseSqlFilter } from '../../core/filter/sqlFilter';
import { TestContent } from './support';

const message = new TestContent(
  'm-1',
  {
    color: 'red',
    size: 5,
    price: 2.5,
    ok: true,
    no: false,
    big: 2n ** 60n,
    at: new Date(10),
    name: "O'Neil",
    percent: '100%',
    'two words': 1,
    order: 'x',
    user: 'me',
  },
  { label: 'paint', to: 'there', contenttype: 'text/plain' },
);

test.each<[expression: string, isMatch: boolean]>([
  ['1=1', true],
  ['1=0', false],
  ['TRUE', true],
  ['FALSE', false],
  ["color = 'red'", true],
  ["color = 'RED'", false],
  ["color <> 'blue'", true],
  ["color != 'red'", false],
  ['size > 4 AND size < 6', true],
  ['size >= 5 and size <= 5', true],
  ['size > 5 OR price = 2.5', true],
  ['NOT size = 5', false],
  ['NOT (size = 6)', true],
  ['NOT NOT size = 5', true],
  ['ok', true],
  ['no', false],
  ['NOT no', true],
  ['ok = TRUE AND no = FALSE', true],
  ['(ok) AND (size = 5)', true],
  ['(size + 1) * 2 = 12', true],
  ['size + 1 * 2 = 7', true],
  ['size - 2 - 1 = 2', true],
  ['size / 2 = 2', true],
  ['price / 2 = 1.25', true],
  ['size % 3 = 2', true],
  ['-size = -5', true],
  ['+size = 5', true],
  ['size = 5.0', true],
  ['size = 0.5e1', true],
  ['big = 1152921504606846976', true],
  ['big > size', true],
  ["color + '!' = 'red!'", true],
  ['size / 0 = 1', false],
  ['NOT (size / 0 = 1)', false],
  ["name = 'O''Neil'", true],
  ["color IN ('blue', 'red')", true],
  ["color IN ('blue')", false],
  ["color NOT IN ('blue')", true],
  ['size IN (1, 2 + 3)', true],
  ["color LIKE 'r%'", true],
  ["color LIKE '_e_'", true],
  ["color LIKE 'e%'", false],
  ["color NOT LIKE 'e%'", true],
  ["percent LIKE '%!%' ESCAPE '!'", true],
  ["percent LIKE '10!%' ESCAPE '!'", false],
  ["color LIKE 'r.d'", false],
  ["size LIKE '5'", false],
  ['color IS NULL', false],
  ['color IS NOT NULL', true],
  ['missing IS NULL', true],
  ['missing IS NOT NULL', false],
  ['EXISTS(color)', true],
  ['EXISTS(missing)', false],
  ['NOT EXISTS(missing)', true],
  ['EXISTS(user.color) AND EXISTS(sys.Label)', true],
  ["sys.Label = 'paint'", true],
  ["sys.label = 'paint' AND sys.To = 'there'", true],
  ["sys.MessageId = 'm-1'", true],
  ['sys.CorrelationId IS NULL', true],
  ["user.color = 'red'", true],
  ["user = 'me'", true],
  ['"two words" = 1', true],
  ['[two words] = 1', true],
  ["[order] = 'x'", true],
  ["property('two words') = 1", true],
  ['p(size) = 5', true],
  ["newid() <> ''", true],
  ["  color='red'\n AND\tsize=5 ", true],
])('%s is %s', (expression, isMatch) => {
  expect(parseSqlFilter(expression)(message)).toBe(isMatch);
});

test.each<[expression: string, isMatch: boolean]>([
  ['missing = 1', false],
  ['NOT (missing = 1)', false],
  ['missing <> 1', false],
  ['missing = missing', false],
  ['missing = NULL', false],
  ['missing = 1 OR size = 5', true],
  ['size = 5 OR missing = 1', true],
  ['missing = 1 AND size = 5', false],
  ['NOT (missing = 1 AND size = 6)', true],
  ['NOT (missing = 1 OR size = 5)', false],
  ["missing LIKE 'a%'", false],
  ["missing NOT LIKE 'a%'", false],
  ["missing IN ('a')", false],
  ["missing NOT IN ('a')", false],
  ["color NOT IN ('blue', missing)", false],
  ["color IN ('red', missing)", true],
  ['missing + 1 > 0', false],
  ['missing', false],
  ['NOT missing', false],
])('unknown stays unknown: %s is %s', (expression, isMatch) => {
  expect(parseSqlFilter(expression)(message)).toBe(isMatch);
});

test.each<[expression: string]>([['color = 5'], ['NOT color = 5'], ["size = '5'"], ["ok = 'true'"], ['color <> 5']])(
  'values of different kinds do not compare: %s',
  (expression) => {
    expect(parseSqlFilter(expression)(message)).toBe(false);
  },
);

test.each<[expression: string, told: string]>([
  ['', 'expected a value, a property or "(" but found the end at position 0'],
  ['color =', 'found the end at position 7'],
  ['color = = 1', 'found "=" at position 8'],
  ["color = 'red", "no closing ' for the ' at position 8"],
  ['(size = 5', 'expected ")" but found the end'],
  ['size = 5)', 'expected the end but found ")" at position 8'],
  ['size NOT 5', 'expected IN or LIKE after NOT'],
  ['size IN ()', 'expected a value'],
  ['size ? 5', 'unexpected character "?" at position 5'],
  ['sys.Nonsense = 1', 'no system property sys.Nonsense'],
  ['rand() = 1', 'expected newid() or property(name)'],
  ['AND = 1', 'found "AND"'],
  ['EXISTS(1)', 'expected a value, a property'],
  ['x'.repeat(1_025), 'at most 1024 characters'],
  ['NOT '.repeat(250) + 'ok', 'at most 200 levels'],
])('%s cannot be read, and it says why', (expression, told) => {
  expect(() => parseSqlFilter(expression)).toThrow(ExpressionError);
  expect(() => parseSqlFilter(expression)).toThrow(told);
});

test('actions set and remove, in order, with what was set before', () => {
  const act = parseSqlAction("SET a = size + 1; SET b = a * 2 REMOVE color; SET sys.Label = 'new'; SET user.c = 'x'");
  const { user, system } = act(message) as TestContent;
  expect(user).toMatchObject({ a: 6, b: 12, color: null, c: 'x' });
  expect(system).toMatchObject({ label: 'new' });
});

test.each([
  ['', 'expected SET or REMOVE'],
  ['SET a', 'expected "="'],
  ['DELETE a', 'expected SET'],
  ['SET sys.MessageId = 1', 'cannot be changed'],
])('the action "%s" cannot be read', (action, told) => {
  expect(() => parseSqlAction(action)).toThrow(told);
});

test('a correlation filter compares all that it names', () => {
  expect(correlationMatcher({ subject: 'paint', properties: { color: 'red', size: 5 } })(message)).toBe(true);
  expect(correlationMatcher({ subject: 'paint', properties: { color: 'red', size: 6 } })(message)).toBe(false);
  expect(correlationMatcher({ subject: 'PAINT' })(message)).toBe(false);
  expect(correlationMatcher({ correlationId: 'x' })(message)).toBe(false);
  expect(correlationMatcher({ properties: { missing: 'x' } })(message)).toBe(false);
});
