/* eslint-disable @typescript-eslint/no-require-imports */
/* global require */
/** The conformance app with an exception properties provider, which changes every failure (extension 3.14 and newer). */
const df = require('durable-functions');

df.app.setExceptionPropertiesProvider({
  getExceptionProperties: (error) => ({
    ...(error.code === undefined ? {} : { code: error.code }),
    fixed: 'x',
    nested: { a: [1, 'b'] },
  }),
});
require('../conformance/app.js');
