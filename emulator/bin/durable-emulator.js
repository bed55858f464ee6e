#!/usr/bin/env node
/* eslint-disable @typescript-eslint/no-require-imports */
/* global require, process */
/** The command: everything is in dist/cli. */
require('../dist/cli/main.js').main(process.argv.slice(2));
