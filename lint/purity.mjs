/**
 * What pure code may not touch: clocks, randomness, the machine's own zone and language, I/O, settings. Selectors and
 * names for ESLint's own `no-restricted-syntax` and `no-restricted-globals`; eslint.config.mjs says where each holds.
 * Proof that each fires: test/lint/guard.test.ts.
 */
const CLOCK =
  'no clock here: the time is passed in (services/clock.ts reads it, orchestrators have currentUtcDateTime)';
const RANDOM = 'no randomness here: draw from the seed';
const MACHINE = "the machine's zone and language must not show: use domain/calendar.ts";
const SETTING = 'settings are read in app.ts alone';

const forbid = (message, ...selectors) => selectors.map((selector) => ({ selector, message }));

/** `new Date(ms)`, `Date.parse` and `Date.UTC` stay allowed: they read no clock. */
export const clocks = [
  ...forbid(
    CLOCK,
    'NewExpression[callee.name="Date"][arguments.length=0]',
    'CallExpression[callee.name="Date"]',
    'MemberExpression[object.name="Date"]:not([computed=false][property.name=/^(parse|UTC)$/])',
    'VariableDeclarator[init.name="Date"]',
    'MemberExpression[object.name="process"][property.name=/^(hrtime|uptime)$/]',
    'CallExpression[callee.property.name=/^format(ToParts)?$/][arguments.length=0]',
  ),
  ...forbid(
    MACHINE,
    'NewExpression[callee.name="Date"][arguments.length>1]',
    'CallExpression[callee.property.name=/^(get|set)(FullYear|Month|Date|Day|Hours|Minutes)$/]',
    'CallExpression[callee.property.name=/^(getTimezoneOffset|toDateString|toTimeString|localeCompare)$/]',
    'CallExpression[callee.property.name=/^toLocale(Date|Time|Upper|Lower)?(String|Case)$/]',
  ),
];
export const clockGlobals = named(CLOCK, 'setTimeout', 'setInterval', 'setImmediate', 'performance');

export const randomness = forbid(
  RANDOM,
  'MemberExpression[object.name="Math"][property.name="random"]',
  'MemberExpression[object.name="Math"][property.value="random"]',
  'VariableDeclarator[init.name="Math"]',
  'MemberExpression[property.name=/^(randomUUID|randomBytes|randomInt|getRandomValues)$/]',
  'ImportSpecifier[imported.name=/^(randomUUID|randomBytes|randomInt|getRandomValues)$/]',
);

/** `process.env`, also by way of `const { env } = process`, outside app.ts. */
export const settings = forbid(
  SETTING,
  'MemberExpression[object.name="process"][property.name="env"]',
  'MemberExpression[object.name="process"][property.value="env"]',
  'VariableDeclarator[init.name="process"]',
  'ImportDeclaration[source.value=/^(node:)?process$/]',
);

/** Everything through which domain/, orchestrators/ and entities/ could reach the world. */
export const worldGlobals = named(
  'no I/O here: activities and triggers do that',
  'process',
  'console',
  'fetch',
  'XMLHttpRequest',
  'WebSocket',
  'crypto',
  'queueMicrotask',
  'globalThis',
  'global',
  'eval',
);

function named(message, ...names) {
  return names.map((name) => ({ name, message }));
}
