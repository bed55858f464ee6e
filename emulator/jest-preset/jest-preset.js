/* global module, require */
/**
 * `preset: 'durable-emulator'`: tests run in node, hosts that a test file leaves open are stopped after it, starting a host
 * has time enough, and expect() knows about instances (matchers.js).
 */
module.exports = {
  testEnvironment: 'node',
  testTimeout: 30_000,
  setupFilesAfterEnv: [require.resolve('./setup.js')],
};
