/* eslint-disable @typescript-eslint/no-require-imports */
/* global require */
/**
 * The conformance app: one small function for each row of the host contract. Names and behaviour are those of the functions
 * in the recordings of a real host, so that the recorded requests run against it unchanged (see conformance.ts).
 */
require('./activities.js');
require('./entities.js');
require('./http.js');
require('./raw.js');
require('./tasks.js');
require('./failures.js');
require('./waits.js');
require('./children.js');
require('./traps.js');
