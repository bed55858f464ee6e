/** Runs the oracle from the command line: TypeScript is transpiled by swc as it is required, nothing is written. */
/* eslint-disable @typescript-eslint/no-require-imports -- it is the loader itself, plain CommonJS. */
const { readFileSync } = require('node:fs');
const { transformSync } = require('@swc/core');

require.extensions['.ts'] = (module, filename) => {
  const options = {
    filename,
    module: { type: 'commonjs' },
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
  };
  module._compile(transformSync(readFileSync(filename, 'utf8'), options).code, filename);
};

if (require.main === module) process.exitCode = require('./main.ts').main(process.argv.slice(2));
