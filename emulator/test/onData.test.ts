/**
 * The suites of the host once more, on data folders: what holds in memory holds there. With EMULATOR_STORE=data or =tables
 * each suite can be run so by itself.
 */
/* eslint-disable @typescript-eslint/no-require-imports */
process.env.EMULATOR_STORE = 'data';

const SUITES = ['orchestrations', 'clock'];

for (const suite of SUITES) describe(suite, () => void require(`./${suite}.test`));
