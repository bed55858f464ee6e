/* global exports, globalThis */
/** Outside module of the memory benchmark: collects garbage in the host's thread, whose heap is not the main thread's. */
exports.createOutside = () => ({
  nextAt: () => undefined,
  run: () => Promise.resolve(),
  call: async () => {
    if (globalThis.gc === undefined) throw new Error('Garbage cannot be collected: start with --expose-gc.');
    globalThis.gc();
  },
});
