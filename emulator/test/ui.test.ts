/**
 * The routes behind the page: lists with filters and pages, counts, timeline, events, data on demand; and that the page
 * and /admin refuse a foreign Host or Origin and name no other source.
 */
import { request } from 'node:http';
import { newEntity } from '../core/apply';
import { MemoryStore } from '../core/store';
import { SORTED_MAX, counts, listInstances } from '../http/adminList';
import type { Host } from '../types';
import type { EntityPage, InstancePage, Timeline } from '../ui/shapes';
import { MANAGEMENT, begin, host, raise, send, stopAll } from './support';

const HOUR = 3_600_000;

afterEach(stopAll);

const get = async <T>(h: Host, target: string): Promise<T> => (await send(h, 'GET', target)).json as T;

/** fetch() does not let Host or Origin be set. */
function raw(h: Host, method: string, path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const r = request({ host: '127.0.0.1', port: h.port, method, path, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    r.on('error', reject);
    r.end();
  });
}

describe('the page', () => {
  test('is served with all it needs, from this host alone', async () => {
    const h = await host();
    const page = await send(h, 'GET', '/runtime/ui');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'self'; script-src 'self' 'sha256-/);
    expect(page.text).not.toMatch(/https?:\/\//);
    const imports = JSON.parse(/<script type="importmap">(.*)<\/script>/.exec(page.text)?.[1] ?? '') as {
      imports: Record<string, string>;
    };
    for (const path of [...Object.values(imports.imports), '/runtime/ui/app.js', '/runtime/ui/style.css']) {
      const file = await send(h, 'GET', path);
      expect([path, file.status]).toEqual([path, 200]);
      expect(file.text.length).toBeGreaterThan(300);
    }
    const etag = page.headers.get('etag') ?? '';
    expect(await raw(h, 'GET', '/runtime/ui', { 'if-none-match': etag })).toBe(304);
  });

  test.each(['/runtime/ui/../package.json', '/runtime/ui/%2e%2e/x.js', '/runtime/ui/vendor/x.js', '/runtime/ui/no.js'])(
    'gives nothing else: %s',
    async (path) => {
      const h = await host();
      expect(await raw(h, 'GET', path, {})).toBe(404);
    },
  );

  test.each([
    ['GET', { host: 'evil.example' }, 403],
    ['GET', { host: 'evil.example:7071' }, 403],
    ['GET', { host: 'localhost:7071' }, 200],
    ['GET', { host: '[::1]:7071' }, 200],
    ['POST', { host: 'localhost:7071', origin: 'http://evil.example' }, 403],
    ['POST', { host: 'localhost:7071', origin: 'null' }, 403],
    ['POST', { host: 'localhost:7071', origin: 'http://localhost:9999' }, 403],
  ])('%s with %o answers %i, on the page and on /admin', async (method, headers, status) => {
    const h = await host();
    expect(await raw(h, method, '/admin/clock', headers)).toBe(status);
    if (method === 'GET') expect(await raw(h, method, '/runtime/ui', headers)).toBe(status);
  });
});

describe('instances', () => {
  test('come newest first, page after page, each once', async () => {
    const h = await host();
    for (let i = 0; i < 25; i++) {
      await begin(h, 'chain', undefined, `c${i}`);
      if (i % 3 === 0) await h.advanceBy(1000);
    }
    const seen: string[] = [];
    let after = '';
    let pages = 0;
    do {
      const page = await get<InstancePage>(h, `/admin/instances?top=10&after=${after}`);
      seen.push(...page.items.map((i) => i.id));
      after = page.next ?? '';
      pages++;
    } while (after !== '' && pages < 10);
    expect(pages).toBe(3);
    expect(new Set(seen).size).toBe(25);
    expect(seen.slice(0, 3)).toEqual(['c22', 'c23', 'c24']);
    expect(seen.at(-1)).toBe('c0');
  });

  test('can be told by name, id, status, kind and time', async () => {
    const h = await host();
    await begin(h, 'chain', undefined, 'first');
    await begin(h, 'fail', undefined, 'second');
    await h.runUntilIdle();
    await h.advanceBy(HOUR);
    await begin(h, 'waitOne', undefined, 'third');
    await begin(h, 'entities', 'e1');
    await h.runUntilIdle();
    const ids = async (query: string): Promise<string[]> =>
      (await get<InstancePage>(h, `/admin/instances?${query}`)).items.map((i) => i.id).sort();
    expect(await ids('text=CHA')).toEqual(['first']);
    expect(await ids('text=seco')).toEqual(['second']);
    expect(await ids('status=Failed')).toEqual(['second']);
    expect(await ids('status=Running&kind=orchestration')).toEqual(['third']);
    expect(await ids('status=Running,Failed&kind=orchestration')).toEqual(['second', 'third']);
    expect(await ids('kind=entity')).toEqual(['@counter@e1']);
    expect(await ids('createdFrom=2026-01-05T09:30:00Z&kind=orchestration')).toEqual(['entities', 'third']);
    expect(await ids('createdTo=2026-01-05T09:30:00Z')).toEqual(['first', 'second']);
    const counts = await get(h, '/admin/counts');
    expect(counts).toEqual({
      byStatus: { Completed: 2, Failed: 1, Running: 1 },
      orchestrations: 4,
      entities: 1,
      complete: true,
    });
    const entities = await get<EntityPage>(h, '/admin/entities?text=cou');
    expect(entities.items.map((e) => [e.id, e.exists, e.stateChars])).toEqual([['@counter@e1', true, 1]]);
  });

  test('go by id, each once, where there are too many to be sorted', () => {
    const store = new MemoryStore();
    const all = SORTED_MAX + 25;
    for (let i = 0; i < all; i++) store.putEntity(newEntity(`@e@${String(i).padStart(6, '0')}`, i));
    const any = { kind: null, text: '', statuses: new Set<string>(), createdFrom: -Infinity, createdTo: Infinity };
    const seen: string[] = [];
    let token: string | null = null;
    for (let pages = 0; pages === 0 || (token !== null && pages < 50); pages++) {
      const page = listInstances(store, any, 500, token, 'created');
      expect(page.order).toBe('id');
      seen.push(...page.items.map((i) => i.id));
      token = page.next;
    }
    expect([seen.length, new Set(seen).size]).toEqual([all, all]);
    expect(counts(store)).toMatchObject({ entities: SORTED_MAX, complete: false });
    const rare = listInstances(store, { ...any, text: `@e@${String(all - 1).padStart(6, '0')}` }, 50, null, 'created');
    expect(rare.items.map((i) => i.createdAt)).toEqual([all - 1]);
  });

  test('show no data until it is asked for', async () => {
    const h = await host();
    await begin(h, 'chainInput', { secret: 'Meier' }, 'x');
    await h.runUntilIdle();
    for (const path of ['', '/x', '/x/timeline', '/x/events']) {
      expect((await send(h, 'GET', `/admin/instances${path}`)).text).not.toContain('Meier');
    }
    expect(await get(h, '/admin/instances/x/input')).toEqual({ secret: 'Meier' });
    expect((await send(h, 'GET', '/admin/instances/x/output')).text).toContain('Meier');
    expect((await send(h, 'GET', '/admin/instances/x/events/1')).text).toContain('Meier');
    expect((await send(h, 'GET', '/admin/instances/nobody')).status).toBe(404);
    expect((await send(h, 'POST', '/admin/instances/x')).status).toBe(405);
  });
});

test('a timeline has a span for each thing that took time, and marks for what came', async () => {
  const h = await host();
  await begin(h, 'retryOk');
  await begin(h, 'race', { ms: 90 * 24 * HOUR });
  await begin(h, 'entities', 'k');
  await begin(h, 'parent');
  await h.advanceBy(HOUR);
  await raise(h, 'race', 'Approval', 1);
  await h.runUntilIdle();
  const spans = async (id: string) => {
    const t = await get<Timeline>(h, `/admin/instances/${id}/timeline`);
    return t.spans.map((s) => [s.kind, s.name, s.state, s.to === null ? null : s.to - s.from]);
  };
  expect(await spans('retryOk')).toEqual([
    ['activity', 'flaky', 'failed', 0],
    ['timer', 'timer', 'completed', 5000],
    ['activity', 'flaky', 'failed', 0],
    ['timer', 'timer', 'completed', 10_000],
    ['activity', 'flaky', 'completed', 0],
  ]);
  expect(await spans('entities')).toEqual([
    ['signal', 'add', 'sent', 0],
    ['entity', 'addGet', 'completed', 0],
    ['entity', 'throwText', 'failed', 0],
    ['entity', 'get', 'completed', 0],
  ]);
  expect((await spans('parent')).map((s) => s[0])).toEqual(['sub', 'sub']);
  const race = await get<Timeline>(h, '/admin/instances/race/timeline');
  expect(race.spans.map((s) => [s.kind, s.state])).toEqual([['timer', 'unheard']]);
  expect(race.marks.map((m) => [m.kind, m.name, m.at - race.from])).toEqual([['event', 'Approval', HOUR]]);
  expect(race.ended).toBe(true);
});

test('ten thousand events come in pages, quickly', async () => {
  const h = await host();
  await begin(h, 'fanOut', 5000, 'big');
  await h.runUntilIdle();
  const started = performance.now();
  const t = await get<Timeline>(h, '/admin/instances/big/timeline?top=100');
  expect(performance.now() - started).toBeLessThan(10_000);
  expect([t.spans.length, t.spansTotal]).toEqual([100, 5000]);
  const page = await get<{ items: unknown[]; total: number }>(h, '/admin/instances/big/events?after=10000&top=50');
  expect(page.total).toBeGreaterThan(10_000);
  expect(page.items.length).toBe(page.total - 10_000);
  expect((await send(h, 'GET', `${MANAGEMENT}/instances/big`)).status).toBe(200);
});
