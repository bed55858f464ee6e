/** Records the histories of a release from the command line (record.ts). Build first. */
/* eslint-disable @typescript-eslint/no-require-imports -- plain CommonJS, to be run by node. */
require('../oracle/run.js');
const { record } = require('./record.ts');

const version = process.argv[2];
if (!/^[\w.-]+$/.test(version ?? '')) {
  console.error('usage: node test/histories/run.js VERSION, the defaultVersion of host.json');
  process.exitCode = 2;
} else
  record(version).then(
    (count) => console.log(`${count} histories of release ${version}`),
    (error) => {
      console.error(`error: ${error.message}`);
      process.exitCode = 1;
    },
  );
