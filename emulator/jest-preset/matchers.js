/* global module */
/**
 * `await expect(host).toHaveCompleted(id, output?)` and `.toHaveFailed(id, textOrPattern?)`. Both let the host come to rest
 * first, and show the instance's status, custom status and output when it is otherwise.
 */

/** The instance once the host is idle, or null. */
async function settled(host, id) {
  await host.idle();
  try {
    return await host.client.getStatus(id);
  } catch {
    return null;
  }
}

function verdict(pass, id, status, expected, isNot) {
  const seen = status
    ? JSON.stringify({
        runtimeStatus: status.runtimeStatus,
        customStatus: status.customStatus,
        output: status.output,
      })
    : 'no such instance';
  return { pass, message: () => `The instance '${id}' should ${isNot ? 'not ' : ''}have ${expected}. It is: ${seen}` };
}

const matchers = {
  async toHaveCompleted(host, id, ...output) {
    const status = await settled(host, id);
    const isCompleted = status?.runtimeStatus === 'Completed';
    const pass = isCompleted && (output.length === 0 || this.equals(status.output, output[0]));
    const expected = output.length === 0 ? 'completed' : `completed with ${this.utils.stringify(output[0])}`;
    return verdict(pass, id, status, expected, this.isNot);
  },

  async toHaveFailed(host, id, text) {
    const status = await settled(host, id);
    const output = String(status?.output ?? '');
    const fits = text === undefined || (text instanceof RegExp ? text.test(output) : output.includes(text));
    const pass = status?.runtimeStatus === 'Failed' && fits;
    const expected = text === undefined ? 'failed' : `failed with ${String(text)}`;
    return verdict(pass, id, status, expected, this.isNot);
  },
};

module.exports = { matchers };
