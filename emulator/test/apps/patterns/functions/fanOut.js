/* eslint-disable @typescript-eslint/no-require-imports */
/* global require */
/** Fan-out and fan-in: all at once, then one sum. A flaky member is retried. */
const df = require('durable-functions');

const failed = new Set();
df.app.activity('measure', {
  handler: (word) => {
    if (word === 'flaky' && !failed.has(word)) {
      failed.add(word);
      throw new Error('not yet');
    }
    return word.length;
  },
});

df.app.orchestration('fanOut', function* (context) {
  const retry = new df.RetryOptions(5000, 3);
  const tasks = context.df.getInput().map((word) => context.df.callActivityWithRetry('measure', retry, word));
  const lengths = yield context.df.Task.all(tasks);
  return lengths.reduce((sum, n) => sum + n, 0);
});
