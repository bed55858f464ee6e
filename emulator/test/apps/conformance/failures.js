/* eslint-disable @typescript-eslint/no-require-imports */
/* global require */
/** Orchestrators that fail or catch failures: activities, themselves, rewinding, exception properties. */
const df = require('durable-functions');
const { OrderError } = require('./activities.js');

const KINDS = ['boom', 'boomTyped', 'boomString', 'boomInner'];
const invocations = {};

const orchestrators = {
  *actFail(context) {
    return yield context.df.callActivity(context.df.getInput());
  },
  *actFailCaught(context) {
    const out = {};
    for (const kind of KINDS) {
      try {
        yield context.df.callActivity(kind, 'msg');
      } catch (error) {
        const { name, message } = error;
        out[kind] = { ctor: error.constructor.name, name, message, keys: Object.keys(error) };
      }
    }
    return out;
  },
  *throwError() {
    throw new Error('orchestrator error');
  },
  *throwAfterActivity(context) {
    yield context.df.callActivity('hello', 'a');
    throw new OrderError('typed orchestrator error');
  },
  *throwIso() {
    throw new Error('2024-05-01T12:00:00Z');
  },
  *throwSecret() {
    throw new Error('AccountKey=abcdefghijklmnop;x');
  },
  *throwString(context) {
    yield context.df.callActivity('hello', 'a');
    throw 'just a string';
  },
  *throwEmpty() {
    throw new Error('');
  },
  *yieldNonTask() {
    yield 5;
  },
  notGenerator() {
    return 'not a generator';
  },
  *noYield() {
    return 'returned';
  },
  *nondet(context) {
    const id = context.df.instanceId;
    invocations[id] = (invocations[id] ?? 0) + 1;
    if (invocations[id] === 1) yield context.df.callActivity('hello', 'a');
    else yield context.df.callActivity('square', 2);
    return 'x';
  },
  *unregActivity(context) {
    return yield context.df.callActivity('doesNotExist', 1);
  },
  *rewindable(context) {
    const before = yield context.df.callActivity('hello', 'before');
    return [before, yield context.df.callActivity('failUnlessFlag', context.df.instanceId)];
  },
  *rewindParent(context) {
    const { instanceId } = context.df;
    return yield context.df.callSubOrchestrator('rewindChild', instanceId, `${instanceId}-c`);
  },
  *rewindChild(context) {
    return yield context.df.callActivity('failUnlessFlag', context.df.getInput());
  },
  *rewindAfterRetry(context) {
    const input = { key: context.df.instanceId, okAt: 2 };
    yield context.df.callActivityWithRetry('flaky', new df.RetryOptions(300, 3), input);
    return yield context.df.callActivity('failUnlessFlag', context.df.instanceId);
  },
  *propsUncaught(context) {
    yield context.df.callActivity('boomTyped', 'with properties');
  },
  *propsCaught(context) {
    const out = {};
    for (const kind of KINDS) {
      try {
        yield context.df.callActivity(kind, 'p');
      } catch (error) {
        const { name, message, failureDetails, taskName, taskId } = error;
        out[kind] = { ctor: error.constructor.name, message, name, failureDetails, taskName, taskId };
      }
    }
    return out;
  },
  *propsThrow() {
    throw new OrderError('orchestrator with properties');
  },
  *propsChild(context) {
    try {
      yield context.df.callSubOrchestrator('propsThrow');
    } catch (error) {
      return { ctor: error.constructor.name, message: error.message };
    }
  },
  *propsRetry(context) {
    yield context.df.callActivityWithRetry('boomTyped', new df.RetryOptions(100, 2), 'r');
  },
};
for (const [name, handler] of Object.entries(orchestrators)) df.app.orchestration(name, handler);
