/* eslint-disable @typescript-eslint/no-require-imports */
/* global require */
/** Monitor: looks every half hour until a thing is there or six hours are over. */
const df = require('durable-functions');

const looks = {};
df.app.activity('isReady', {
  handler: ({ name, readyAtLook }) => {
    looks[name] = (looks[name] ?? 0) + 1;
    return looks[name] >= readyAtLook;
  },
});

df.app.orchestration('monitor', function* (context) {
  const started = context.df.currentUtcDateTime.getTime();
  for (let look = 1; context.df.currentUtcDateTime.getTime() < started + 6 * 3_600_000; look++) {
    context.df.setCustomStatus({ look });
    if (yield context.df.callActivity('isReady', context.df.getInput())) return { ready: true, looks: look };
    yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 30 * 60_000));
  }
  return { ready: false };
});
