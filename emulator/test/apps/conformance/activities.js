/* eslint-disable @typescript-eslint/no-require-imports */
/* global require, setTimeout, exports */
/** Activities: echoes, failures of each kind, and what an activity receives. */
const df = require('durable-functions');

const attempts = {};
const flags = new Set();

class OrderError extends Error {
  constructor(message) {
    super(message);
    this.name = 'OrderError';
    this.code = 42;
  }
}

/** Values that an activity may return, by name. */
const RETURNED = {
  undef: () => undefined,
  nul: () => null,
  num: () => 7,
  float: () => 1.5,
  boolT: () => true,
  boolF: () => false,
  str: () => 'text',
  empty: () => '',
  jsonStr: () => '{"a":1}',
  numStr: () => '12',
  obj: () => ({ a: 1, d: new Date(0) }),
  arr: () => [1, 'b', null],
  date: () => new Date(0),
  iso: () => '2024-05-01T12:00:00Z',
  big: () => 'x'.repeat(70000),
};

const activities = {
  hello: (name) => `Hello ${name}`,
  echo: (input) => input,
  square: (n) => n * n,
  slow: async (ms) => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return `slept ${ms}`;
  },
  boom: (text) => {
    throw new Error(text ?? 'boom');
  },
  boomTyped: (text) => {
    throw new OrderError(text ?? 'typed');
  },
  boomString: () => {
    throw 'just a string';
  },
  boomInner: () => {
    throw new Error('outer', { cause: new Error('inner') });
  },
  flaky: ({ key, okAt }) => {
    attempts[key] = (attempts[key] ?? 0) + 1;
    if (attempts[key] < okAt) throw new Error(`attempt ${attempts[key]} of ${key} failed`);
    return `ok at ${attempts[key]}`;
  },
  failUnlessFlag: (key) => {
    if (!flags.has(key)) throw new Error(`flag ${key} is not set`);
    return `flag ${key} ok`;
  },
  ret: (kind) => RETURNED[kind](),
  typeOf: (input, context) => ({
    type: Array.isArray(input) ? 'array' : typeof input,
    value: input === undefined ? '<undefined>' : input,
    metaKeys: Object.keys(context.triggerMetadata),
  }),
};
for (const [name, handler] of Object.entries(activities)) df.app.activity(name, { handler });

exports.flags = flags;
exports.OrderError = OrderError;
