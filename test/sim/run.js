/** Runs the simulation from the command line: TypeScript is transpiled as it is required, by the oracle's loader. */
/* eslint-disable @typescript-eslint/no-require-imports -- plain CommonJS, to be run by node. */
require('../oracle/run.js');
const { main, child } = require('./main.ts');
const { tryMutations } = require('./mutations.ts');

if (process.argv[2] === '--child') child(process.argv[3]);
else if (process.argv[2] === '--mutations')
  tryMutations(Number(process.argv[3] ?? 200), 2, process.argv[4]).then((results) => {
    process.exitCode = results.every(({ runs }) => runs !== null) ? 0 : 1;
  });
else
  main(process.argv.slice(2)).then(
    (code) => (process.exitCode = code),
    (error) => {
      console.error(`error: ${error.message}`);
      process.exitCode = 2;
    },
  );
