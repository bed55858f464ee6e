/**
 * What callers get wrong, over real HTTP: bodies that are no JSON, odd ids and paths, sizes. Status and body are the real
 * host's, and the process stays up.
 */
import type { Host } from '../index';
import { APPS } from './conformance';
import { rawRequest } from './conformanceDriver';
import { MANAGEMENT, begin, host, raise, run, send, status, stopAll } from './support';

let h: Host;
beforeAll(async () => void (h = await host({ app: APPS.plain })));
afterAll(stopAll);

/** Sends the path as it is, where fetch would tidy it up. */
async function ask(method: string, path: string, body?: string, type = 'application/json') {
  const headers: Record<string, string> = body === undefined ? {} : { 'content-type': type };
  const request = { method, path: `${MANAGEMENT}/${path}`, local: false, headers };
  const answer = await rawRequest(h.url, body === undefined ? request : { ...request, body });
  return {
    status: answer.status,
    json: answer.text === '' ? null : (JSON.parse(answer.text) as Record<string, string>),
  };
}

describe('bodies', () => {
  test.each(['orchestrators/waitOne/bad-body', 'instances/events/raiseEvent/E'])('%s: no JSON', async (path) => {
    await begin(h, 'waitOne', undefined, 'events').catch(() => undefined);
    const { status: code, json } = await ask('POST', path, '[1, 2');
    expect([code, json?.Message, json?.ExceptionMessage, json?.ExceptionType]).toEqual([
      400,
      'Invalid JSON content',
      "Unexpected end of content while loading JArray. Path '[1]', line 1, position 5.",
      'Newtonsoft.Json.JsonReaderException',
    ]);
    expect(Object.keys(json ?? {})).toEqual(['Message', 'ExceptionMessage', 'ExceptionType', 'StackTrace']);
  });

  test('entities: JSON by its content type only, everything else is text', async () => {
    const bad = await ask('POST', 'entities/counter/b?op=add', 'no JSON');
    expect([bad.status, bad.json?.Message]).toEqual([
      400,
      'Could not parse JSON content: Unexpected character encountered while parsing value: n. ' +
        "Path '', line 0, position 0.",
    ]);
    expect((await ask('POST', 'entities/counter/b?op=add', '5', 'text/plain')).status).toBe(202);
    await h.runUntilIdle();
    expect((await ask('GET', 'entities/counter/b')).json).toBe('05');
  });

  test('what Newtonsoft.Json takes is taken', async () => {
    await ask('POST', 'orchestrators/chainInput/lenient', "{name: 'x', // and a comment\n n: 1}");
    await h.runUntilIdle();
    expect((await status(h, 'lenient')).input).toEqual({ name: 'x', n: 1 });
  });

  test('10 MB go in, through an event and out again', async () => {
    const text = 'z'.repeat(10 * 1024 * 1024);
    await begin(h, 'waitOne', text, 'large');
    await raise(h, 'large', 'Go', text);
    await h.runUntilIdle();
    const { runtimeStatus, input, output } = await status(h, 'large');
    expect([runtimeStatus, (input as string).length, output === text]).toEqual(['Completed', text.length, true]);
  });
});

describe('names and ids', () => {
  test.each(['a#b', 'a?b', 'a&b', 'a b', 'a\\b', 'é', "it's", 'a%b', '@entity', 'x'.repeat(257)])(
    '%j works as an id when it is encoded',
    async (id) => {
      const encoded = encodeURIComponent(id);
      expect((await ask('POST', `orchestrators/chainInput/${encoded}`, '1')).json?.id).toBe(id);
      await h.runUntilIdle();
      const { status: code, json } = await ask('GET', `instances/${encoded}`);
      expect([code, json?.instanceId, json?.runtimeStatus]).toEqual([200, id, 'Completed']);
    },
  );

  test('an encoded slash, a bad escape and an unknown route are 404; the process stays up', async () => {
    for (const path of [
      'orchestrators/chain/a%2Fb',
      'instances/a%2fb',
      'instances/%zz',
      'orchestrators',
      'instances/x/y/z',
    ]) {
      expect([path, (await ask(path.startsWith('instances/%') ? 'GET' : 'POST', path)).status]).toEqual([path, 404]);
    }
    expect((await run(h, 'chain', undefined, 'still-up')).runtimeStatus).toBe('Completed');
  });

  test('event names with odd characters reach who waits for them', async () => {
    expect((await ask('POST', 'instances/nobody/raiseEvent/E%3F', '1')).status).toBe(404);
    await begin(h, 'waitOne', undefined, 'odd-event');
    expect((await ask('POST', 'instances/odd-event/raiseEvent/E%3F%20%26', '1')).status).toBe(202);
  });

  test('an unknown function starts and fails, listing those that there are', async () => {
    const { runtimeStatus, output } = await run(h, 'noSuch');
    expect([runtimeStatus, output]).toEqual([
      'Failed',
      expect.stringMatching(/known orchestrator functions: .*'chain'/),
    ]);
  });

  test('unknown entity functions and operations', async () => {
    const unknown = await ask('POST', 'entities/nosuch/k?op=add', '1');
    expect([unknown.status, unknown.json?.Message]).toEqual([
      400,
      "The function 'nosuch' doesn't exist, is disabled, or is not an entity function. Additional info: The following are " +
        "the known entity functions: 'Audit', 'counter', 'rawEntity'.",
    ]);
    expect((await ask('POST', 'entities/counter/odd?op=noSuchOperation', '1')).status).toBe(202);
    await h.runUntilIdle();
    // the operation did nothing, so there is still no entity
    expect((await ask('GET', 'entities/counter/odd')).status).toBe(404);
  });
});

describe('queries', () => {
  test('another storage connection is no connection', async () => {
    const { status: code, json } = await ask('GET', 'instances/x?connection=Other');
    expect([code, json?.ExceptionMessage]).toEqual([
      500,
      "Unable to resolve the Azure Storage connection named 'Other'.",
    ]);
  });

  test('statuses go by name in the right letter case, or by number', async () => {
    await run(h, 'waitOne', undefined, 'q-running');
    const count = async (q: string) => (await send(h, 'GET', `${MANAGEMENT}/instances?instanceIdPrefix=q-&${q}`)).json;
    expect(await count('runtimeStatus=Running')).toHaveLength(1);
    expect(await count('runtimeStatus=0')).toHaveLength(1);
    expect(await count('runtimeStatus=Completed')).toHaveLength(0);
    expect(await count('runtimeStatus=completed')).toHaveLength(1);
  });

  test('a restart waits when both times are given', async () => {
    await run(h, 'chainInput', { a: 1 }, 'again');
    const reply = await send(h, 'POST', `${MANAGEMENT}/instances/again/restart?timeout=5&pollingInterval=1`);
    expect([reply.status, (reply.json as { input: unknown }).input]).toEqual([200, { a: 1 }]);
  });
});

test('a failure text hides what looks like a credential', async () => {
  expect((await run(h, 'throwSecret')).output).toBe("Orchestrator function 'throwSecret' failed: [Hidden Credential]");
});
