/* eslint-disable @typescript-eslint/no-require-imports */
/* global module, require */
/** Jest looks for a preset in this place: `preset: 'durable-emulator'`. */
module.exports = require('./jest-preset/jest-preset.js');
