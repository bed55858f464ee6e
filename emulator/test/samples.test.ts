/**
 * Contract tests against the samples: registrations of the real packages, entity batches, and the durable client's
 * requests as recorded on the wire.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { MemoryStore } from '../core/store';
import { apply, newEntity } from '../core/apply';
import { entityPayload, finishTurn, takeTurn, type EntityAnswer } from '../core/entity';
import { Operations } from '../core/operations';
import { clientInput } from '../http/clientUrls';
import { manage } from '../http/management';
import { Routes } from '../http/routes';
import { FunctionTable } from '../realm/functionTable';
import type { FunctionMetadata } from '../realm/coreApi';

const sample = (name: string): string => readFileSync(path.join(__dirname, 'samples', name), 'utf8');
const registrations = JSON.parse(sample('registrations.json')) as Record<string, FunctionMetadata>;
const registered = (...names: string[]) =>
  names.map((n) => ({ metadata: registrations[n] as FunctionMetadata, callback: () => undefined }));

describe('registrations of the real packages', () => {
  test('http, timer and durable functions are recognised', () => {
    const table = new FunctionTable(
      registered('H1', 'H2', 'T1', 'T2', 'Orch1', 'Act1', 'Counter', 'Starter', 'Starter2'),
    );
    expect(table.all.map((f) => `${f.name} ${f.kind} ${f.clients.length}`)).toEqual([
      'H1 http 0',
      'H2 http 0',
      'T1 timer 0',
      'T2 timer 0',
      'Orch1 orchestration 0',
      'Act1 activity 0',
      'Counter entity 0',
      'Starter http 1',
      'Starter2 http 1',
    ]);
    expect(table.find('activity', 'ACT1')?.name).toBe('Act1');
    expect(table.find('orchestration', 'Act1')).toBeUndefined();
  });

  test.each([
    ['SBQ1', 'serviceBus'],
    ['SBQ2', 'serviceBus'],
    ['SBT1', 'serviceBus'],
    ['B1', 'blob'],
    ['Q1', 'storageQueue'],
  ])('%s is of kind %s', (name, kind) => {
    expect(new FunctionTable(registered('H1', name)).all.map((f) => f.kind)).toEqual(['http', kind]);
  });

  test('a trigger that no host here runs is refused by name and type', () => {
    const [odd] = registered('B1');
    const bindings = { t: { name: 't', type: 'cosmosDBTrigger' } };
    const unknown = { metadata: { name: 'C1', bindings }, callback: odd?.callback as () => void };
    expect(() => new FunctionTable([unknown])).toThrow(/'C1'.*'cosmosDBTrigger'/);
  });

  test('routes come from the binding, or from the name', () => {
    const routes = new Routes(new FunctionTable(registered('H1', 'H2', 'Starter')).of('http'), 'api');
    expect(routes.find('POST', '/api/orders/7')?.params).toEqual({ id: '7' });
    expect(routes.find('GET', '/api/orders/7')).toBeNull();
    expect(routes.find('GET', '/API/h2')?.fn.name).toBe('H2');
    expect(routes.find('GET', '/api/START/AbC')?.params).toEqual({ name: 'AbC' });
    expect(routes.find('GET', '/orders/7')).toBeNull();
  });

  test('two functions on one route are refused, naming the function', () => {
    const table = new FunctionTable(registered('H1'));
    const twice = [...table.of('http'), ...table.of('http')];
    expect(() => new Routes(twice, 'api')).toThrow("Function 'H1' cannot have the route");
  });
});

interface EntitySample {
  payload: {
    self: { name: string; key: string };
    exists: boolean;
    state: string | null;
    batch: { name: string; input: string | null; isSignal: boolean; id?: string }[];
  };
  out: EntityAnswer;
}
const entitySamples = Object.entries(JSON.parse(sample('entities.json')) as Record<string, EntitySample>);

describe('entity batches', () => {
  test.each(entitySamples.filter(([name]) => !name.includes('no id')))('%s: payload, answers and state', (name, s) => {
    const entity = newEntity(`@${s.payload.self.name}@${s.payload.self.key}`, 0);
    entity.exists = s.payload.exists;
    entity.state = s.payload.state;
    for (const m of s.payload.batch) {
      entity.inbox.push({
        type: 'op',
        name: m.name,
        input: m.input,
        id: m.id as string,
        signal: m.isSignal,
        parent: m.isSignal ? null : 'caller',
        parentExecution: m.isSignal ? null : 'e1',
      });
    }
    const turn = takeTurn(entity);
    expect(JSON.parse(entityPayload(entity, turn.batch))).toEqual(s.payload);

    const traps: string[] = [];
    const effects = finishTurn(entity, 5, turn, s.out, {
      guid: () => 'g',
      strict: true,
      trap: (e) => void traps.push(e.trap),
    });
    const answers = effects.messages.flatMap((m) => (m.kind === 'event' ? [m.event.value] : []));
    expect(answers).toHaveLength(s.payload.batch.filter((m) => !m.isSignal).length);
    if (name === 'return twice misaligns') {
      expect(traps).toEqual(['H11']);
      expect(answers.every((a) => a?.includes('exceptionType'))).toBe(true);
      return;
    }
    const expected = s.payload.batch.flatMap((m, i) => (m.isSignal ? [] : [s.out.results[i]?.result ?? null]));
    expect(answers.map((a) => (JSON.parse(a as string) as { result?: string }).result)).toEqual(expected);
    expect({ exists: entity.exists, state: entity.state }).toEqual({
      exists: s.out.entityExists,
      state: s.out.entityState ?? null,
    });
    // targets in mixed case are the trap H12: told, not sent
    const lost = s.out.results.filter((r) => r.isError && r.result === '{}').map(() => 'H10');
    expect(traps).toEqual([...lost, ...s.out.signals.map(() => 'H12')]);
  });
});

describe("the durable client's requests", () => {
  const host = () => {
    const store = new MemoryStore();
    const context = { store, strict: true };
    let n = 0;
    const operations = new Operations({
      store,
      now: () => 0,
      guid: () => `guid-${n++}`,
      plainGuid: () => 'abc',
      deliver: (m) => void apply(0, m, context),
      noteEnd: () => undefined,
      hasEntity: (name) => name.toLowerCase() === 'counter',
      entityNames: () => ['Counter'],
    });
    const urls = { origin: 'http://127.0.0.1:7071', rpcBaseUrl: 'http://127.0.0.1:17071/durabletask/', taskHub: 'hub' };
    return { operations, urls, strict: true, taskHub: 'hub', waitForEnd: async () => undefined };
  };
  const line = /^\[rpc\] ([^:]+): (GET|POST|DELETE) \/durabletask\/(\S+)(?: body=(.*?))?(?: \(ct=(\S+) cl.*)? {2}=> /;
  const wire = sample('client.txt')
    .split('\n')
    .flatMap((l) => {
      const m = line.exec(l);
      return m
        ? [{ name: m[1] as string, method: m[2] as string, path: m[3] as string, body: m[4], type: m[5] ?? '' }]
        : [];
    });
  const find = (name: string) => {
    const w = wire.find((x) => x.name === name);
    if (!w) throw new Error(`no sample ${name}`);
    return w;
  };
  const call = (
    h: ReturnType<typeof host>,
    w: { method: string; path: string; body?: string | undefined; type?: string },
  ) =>
    manage(
      h,
      {
        method: w.method,
        target: `/durabletask/${w.path}`,
        headers: { 'content-type': w.type ?? '' },
        body: w.body ?? null,
      },
      w.path,
      true,
    );

  test('starts, with id, version and every kind of body, and refuses a second start of the same id', async () => {
    const h = host();
    for (const name of ['startNew noinput', 'startNew input+id+version']) {
      const answer = await call(h, find(name));
      expect(answer.status).toBe(202);
      expect((JSON.parse(answer.body as string) as { id: string }).id).toBe(name.includes('id') ? 'my id' : 'abc');
    }
    expect(h.operations.get('my id', { showInput: true, showHistory: false, showHistoryOutput: false })).toMatchObject({
      input: { a: 1 },
      version: '1.0',
      runtimeStatus: 'Pending',
    });
    const again = await call(h, find('startNew string'));
    expect(again.status).toBe(409);
    expect(JSON.parse(again.body as string)).toEqual({
      Message: 'An Orchestration instance with the status Pending already exists.',
    });
  });

  test('raiseEvent without data is refused and names the trap', async () => {
    const h = host();
    h.operations.start('O', 'i1', null, null);
    expect((await call(h, find('raiseEvent'))).status).toBe(202);
    expect((await call(h, find('raiseEvent 0'))).status).toBe(202);
    const refused = await call(h, find('raiseEvent undefined'));
    expect(refused.status).toBe(400);
    expect(refused.body).toContain('[trap H2]');
  });

  test('unknown instances give 404 to every operation', async () => {
    // the recorded reason holds an '&', which strict mode takes for a call gone astray (H5)
    const h = { ...host(), strict: false };
    for (const name of ['raiseEvent', 'terminate', 'suspend', 'resume', 'rewind', 'getStatus']) {
      expect([name, (await call(h, find(name))).status]).toEqual([name, 404]);
    }
  });

  test('the client input has the members that durable-functions insists on', () => {
    const input = JSON.parse(clientInput(host().urls)) as Record<string, Record<string, string>>;
    expect(Object.keys(input.managementUrls ?? {})).toEqual([
      'id',
      'statusQueryGetUri',
      'sendEventPostUri',
      'terminatePostUri',
      'rewindPostUri',
      'purgeHistoryDeleteUri',
      'restartPostUri',
      'suspendPostUri',
      'resumePostUri',
    ]);
    expect(input.managementUrls?.statusQueryGetUri).toBe(
      'http://127.0.0.1:7071/runtime/webhooks/durabletask/instances/INSTANCEID?taskHub=hub&connection=Storage&code=emulator',
    );
    expect(input.rpcBaseUrl).toBe('http://127.0.0.1:17071/durabletask/');
  });
});
