/* eslint-disable @typescript-eslint/no-require-imports */
/* global require */
/** The conformance app under a host.json with a defaultVersion. */
require('../conformance/app.js');
