#!/usr/bin/env node
'use strict';
// Starts the built command; `npm run build` makes ../dist.
void import('../dist/cli/main.js').then(({ main }) => main(process.argv.slice(2)));
