/* eslint-disable @typescript-eslint/no-require-imports */
/* global require */
/** Entities: a counter, an audit list, and the orchestrators that call, signal and lock them. */
const df = require('durable-functions');

const counterId = (key) => new df.EntityId('counter', key);

df.app.entity('counter', (context) => {
  const entity = context.df;
  const value = entity.getState(() => 0);
  const input = entity.getInput();
  switch (entity.operationName) {
    case 'add':
      entity.setState(value + input);
      break;
    case 'addGet':
      entity.setState(value + input);
      entity.return(value + input);
      break;
    case 'get':
      entity.return(value);
      break;
    case 'reset':
      entity.setState(0);
      break;
    case 'delete':
      entity.destructOnExit();
      break;
    case 'boom':
      entity.setState(999);
      throw new Error('entity error');
    case 'boomString':
      throw 'entity string';
    case 'info':
      entity.return({
        name: entity.entityName,
        key: entity.entityKey,
        id: entity.entityId,
        isNew: entity.isNewlyConstructed,
        input,
        op: entity.operationName,
      });
      break;
    case 'fwd':
      entity.signalEntity(new df.EntityId('audit', entity.entityKey), 'log', input);
      break;
    case 'fwdCase':
      entity.signalEntity(new df.EntityId('Audit', entity.entityKey), 'log', input);
      break;
    case 'twice':
      entity.return(1);
      entity.return(2);
      break;
  }
});

df.app.entity('Audit', (context) => {
  const list = context.df.getState(() => []);
  const input = context.df.getInput();
  list.push(input === undefined ? '<undefined>' : input);
  context.df.setState(list);
  context.df.return(list);
});

const caught = (error) => ({ ctor: error.constructor.name, message: error.message });

const orchestrators = {
  *entCall(context) {
    const id = counterId(context.df.getInput());
    const a = yield context.df.callEntity(id, 'addGet', 5);
    const b = yield context.df.callEntity(id, 'get');
    return { a, b, info: yield context.df.callEntity(id, 'info', { x: 1 }) };
  },
  *entSignal(context) {
    const id = counterId(context.df.getInput());
    context.df.signalEntity(id, 'add', 3);
    context.df.signalEntity(id, 'add', 4);
    return yield context.df.callEntity(id, 'get');
  },
  *entSignalOnly(context) {
    context.df.signalEntity(counterId(context.df.getInput()), 'add', 2);
    return 'sent';
  },
  *entFan(context) {
    const id = counterId(context.df.getInput());
    return yield context.df.Task.all(Array.from({ length: 5 }, () => context.df.callEntity(id, 'addGet', 1)));
  },
  *entBoom(context) {
    const id = counterId(context.df.getInput());
    yield context.df.callEntity(id, 'addGet', 1);
    const out = {};
    for (const operation of ['boom', 'boomString']) {
      try {
        yield context.df.callEntity(id, operation);
      } catch (error) {
        out[operation] = caught(error);
      }
    }
    return { ...out, after: yield context.df.callEntity(id, 'get') };
  },
  *entBoomUncaught(context) {
    yield context.df.callEntity(counterId(context.df.getInput()), 'boom');
  },
  *entUnreg(context) {
    return yield context.df.callEntity(new df.EntityId('nosuch', 'k'), 'get');
  },
  *entFwd(context) {
    const id = counterId(context.df.getInput());
    for (const input of ['text', { x: 1 }, 0, false, null, undefined]) yield context.df.callEntity(id, 'fwd', input);
    return 'ok';
  },
  *entCan(context) {
    const { n, k } = context.df.getInput();
    const value = yield context.df.callEntity(counterId(k), 'addGet', 1);
    if (n < 1) context.df.continueAsNew({ n: n + 1, k });
    return value;
  },
  *entLock(context) {
    const first = counterId(`${context.df.getInput()}1`);
    const second = counterId(`${context.df.getInput()}2`);
    const lock = yield context.df.lock(first, second);
    const st = context.df.isLocked();
    const a = yield context.df.callEntity(first, 'addGet', 1);
    const b = yield context.df.callEntity(second, 'addGet', 2);
    lock.release();
    return { st, a, b, after: yield context.df.callEntity(first, 'get') };
  },
  *entLockHold(context) {
    const id = counterId(context.df.getInput());
    yield context.df.lock(id);
    const a = yield context.df.callEntity(id, 'addGet', 10);
    yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 2500));
    return { a, b: yield context.df.callEntity(id, 'get') };
  },
  *entLockThrow(context) {
    yield context.df.lock(counterId(context.df.getInput()));
    throw new Error('failed while it held the lock');
  },
  *propsEntity(context) {
    try {
      yield context.df.callEntity(counterId('p'), 'boom');
    } catch (error) {
      return caught(error);
    }
  },
};
for (const [name, handler] of Object.entries(orchestrators)) df.app.orchestration(name, handler);
