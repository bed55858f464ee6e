/* eslint-disable @typescript-eslint/no-require-imports */
/* global require, process, __dirname */
/** A host in a process of its own, to be killed: `node child.js DATA START`. Says its address once it answers. */
const path = require('node:path');
const { startHost } = require('../../dist/index.js');

const [, , data, startAt] = process.argv;
startHost({ app: path.join(__dirname, 'basic'), clock: 'manual', startAt, port: 0, data }).then(
  (host) => process.stdout.write(`${host.url}\n`),
  (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  },
);
