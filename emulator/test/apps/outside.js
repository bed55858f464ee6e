/* global exports */
/**
 * Outside module of the clock tests: posts inputs at given instants and writes down what happens, in order.
 * options: { inputs: [{ at: ISO, method, path, body }], repeatAfterMs? }
 */
exports.createOutside = (realm, options) => {
  const inputs = options.inputs.map((i) => ({ ...i, at: Date.parse(i.at) })).sort((a, b) => a.at - b.at);
  return {
    nextAt: () => inputs[0]?.at,
    async run(at) {
      while (inputs[0] && inputs[0].at <= at) {
        const input = inputs.shift();
        const reply = await realm.request(input);
        realm.post({ at: new Date(realm.now()).toISOString(), path: input.path, status: reply.status });
        if (input.thenAfterMs !== undefined)
          inputs.unshift({ ...input, at: at + input.thenAfterMs, thenAfterMs: undefined });
      }
    },
    async call(name, payload) {
      if (name === 'fail') throw new Error('outside says no');
      if (name === 'request') return realm.request(payload);
      if (name === 'storm') {
        const start = (_, i) => {
          const path = `/runtime/webhooks/durabletask/orchestrators/${payload.name}/${payload.name}-${i}`;
          return realm.request({ method: 'POST', path, body: JSON.stringify({ ms: (i + 1) * payload.everyMs }) });
        };
        await Promise.all(Array.from({ length: payload.count }, start));
      }
      if (name === 'starts') {
        // all at once: how many come before the host takes up the first must not depend on the machine's speed
        const start = (_, i) => {
          const path = `/runtime/webhooks/durabletask/orchestrators/${payload.name}/${payload.name}-${i + (payload.from ?? 0)}`;
          return realm.request({ method: 'POST', path, body: JSON.stringify(payload.input) });
        };
        await Promise.all(Array.from({ length: payload.count }, start));
      }
      return { name, payload, now: realm.now(), instances: realm.stats().instances };
    },
  };
};
