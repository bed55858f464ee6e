/** Domain and unit tests run from TypeScript through swc; whole-app tests load the built app in its own worker thread. */
module.exports = {
  testEnvironment: 'node',
  // Most suites wait for a host, a broker or a browser: two at once on two cores.
  maxWorkers: 2,
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] },
  testMatch: ['<rootDir>/{test,emulator/test,broker/test}/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/(emulator|broker)/dist/', '<rootDir>/out/'],
};
