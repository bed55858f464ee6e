/* eslint-disable @typescript-eslint/no-require-imports */
/* global require, expect, afterAll */
/** Runs in each test file: matchers, and the end of hosts that are still open. */
const { stopAllHosts } = require('../dist/index.js');
const { matchers } = require('./matchers.js');

expect.extend(matchers);
afterAll(() => stopAllHosts());
