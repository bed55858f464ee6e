/**
 * The page at /runtime/ui in Chromium: what a developer does with it, by mouse and by keyboard alone, at desktop and phone
 * width. No console message, no request that leaves the host. Skipped where Chromium is absent, unless REQUIRE_ALL is set.
 */
import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';
import type { Host } from '../types';
import { begin, host, send, status, stopAll } from './support';

const CHROMIUM = '/usr/bin/chromium';
const present = existsSync(CHROMIUM) || !!process.env.REQUIRE_ALL;
if (!present) console.warn(`skipped: no ${CHROMIUM}`);

const DAY = 86_400_000;

(present ? describe : describe.skip)('the page in Chromium', () => {
  let browser: Browser;
  let h: Host;
  let page: Page;
  const said: string[] = [];
  const asked: string[] = [];

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    h = await host();
    for (let i = 0; i < 60; i++) await begin(h, 'chain', undefined, `order-${String(i).padStart(2, '0')}`);
    await h.runUntilIdle();
    await h.advanceBy(1000);
    await begin(h, 'fail', undefined, 'failing');
    await begin(h, 'parentOfWaiting', undefined, 'family');
    await begin(h, 'retryOk', undefined, 'retried');
    await begin(h, 'waitOne', undefined, 'waiting');
    await begin(h, 'waitOne', undefined, 'doomed');
    await begin(h, 'sleep', { ms: 2 * DAY }, 'sleeper');
    await begin(h, 'chainInput', { patient: 'Meier' }, 'private');
    await begin(h, 'fanOut', 5000, 'big');
    await begin(h, 'entities', 'e1');
    await h.advanceBy(60_000);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await stopAll();
  });

  async function open(hash: string, width = 1280): Promise<void> {
    page = await browser.newPage({ viewport: { width, height: 850 } });
    page.on('console', (m) => said.push(m.text()));
    page.on('pageerror', (e) => said.push(e.message));
    page.on('request', (r) => asked.push(r.url()));
    await page.goto(`${h.url}/runtime/ui#/${hash}`);
    await page.waitForSelector('h1');
  }

  afterEach(async () => {
    await page?.close();
    expect(said.splice(0)).toEqual([]);
    const foreign = asked.splice(0).filter((url) => !url.startsWith(h.url));
    expect(foreign).toEqual([]);
  });

  const rows = (): Promise<string[]> => page.locator('table.list tbody td.id a').allInnerTexts();
  async function rowCount(wanted: (n: number) => boolean): Promise<void> {
    let n = 0;
    for (let i = 0; i < 100; i++) {
      n = await page.locator('tbody tr').count();
      if (wanted(n)) return;
      await page.waitForTimeout(50);
    }
    throw new Error(`the table has ${n} rows`);
  }
  const confirm = (name: string) => page.getByRole('dialog').getByRole('button', { name }).click();
  const badge = (name: string) => page.locator('main .badge', { hasText: name });
  const button = (name: string | RegExp) => page.getByRole('button', { name });

  test('lists, filters and pages', async () => {
    await open('instances');
    await page.waitForSelector('tbody tr');
    expect(await rows()).toHaveLength(50);
    await button('Next').click();
    await page.getByText('Page 2').waitFor();
    await rowCount((n) => n > 0 && n < 50);
    expect(await rows()).toContain('order-59');
    await button('Previous').click();
    await page.getByText('Page 1').waitFor();

    await button(/^Failed/).click();
    await rowCount((n) => n === 1);
    expect(await rows()).toEqual(['failing']);
    expect(page.url()).toContain('status=Failed');
    await button(/^All/).click();
    await page.getByLabel('Name or id starts with').fill('ORDER-1');
    await rowCount((n) => n === 10);
    await page.getByLabel('Kind').selectOption('entity');
    await page.getByText('No instance matches these filters.').waitFor();
    await page.getByLabel('Name or id starts with').fill('');
    await rowCount((n) => n === 1);
    expect(await rows()).toEqual(['@counter@e1']);
    await page.getByLabel('Created from (UTC)').fill('2026-01-05T09:01');
    await page.getByText('No instance matches these filters.').waitFor();
    await page.getByLabel('Created from (UTC)').fill('2026-01-05T09:00');
    await rowCount((n) => n === 1);
    // the address holds the filters: a reload shows the same
    await page.reload();
    await rowCount((n) => n === 1);
  }, 60_000);

  test('shows an instance: timeline, child in place, table, data on demand', async () => {
    await open('instance/retried');
    await button('activity flaky, failed, 0 ms').first().waitFor();
    const names = await page.evaluate(
      `[...document.querySelectorAll('.timeline button.what')].map((b) => b.ariaLabel)`,
    );
    expect(names).toEqual([
      'activity flaky, failed, 0 ms',
      'timer timer, fired, 5 s',
      'activity flaky, failed, 0 ms',
      'timer timer, fired, 10 s',
      'activity flaky, completed, 0 ms',
    ]);
    const boxes = (await page.evaluate(
      `[...document.querySelectorAll('.timeline .span')].map((b) => b.getBoundingClientRect()).map((r) => [r.left, r.right])`,
    )) as [number, number][];
    expect(boxes).toHaveLength(5);
    for (let i = 1; i < boxes.length; i++) expect(boxes[i]?.[0]).toBeGreaterThanOrEqual((boxes[i - 1]?.[1] ?? 0) - 6);
    await button('Table').click();
    expect(await page.locator('section tbody tr').count()).toBe(5);
    await button('Bars').click();

    await page.goto(`${h.url}/runtime/ui#/instance/family`);
    await button(/^sub-orchestration waitOne, still open/).click();
    await page.getByText('It scheduled nothing.').waitFor();
    await page.getByRole('link', { name: 'family-child' }).click();
    await page.getByRole('heading', { name: 'family-child' }).waitFor();

    await page.goto(`${h.url}/runtime/ui#/instance/private`);
    await page.getByRole('heading', { name: 'private' }).waitFor();
    await button(/^Show input/).waitFor();
    expect(await page.content()).not.toContain('Meier');
    await button(/^Show input/).click();
    await page.getByText('"patient": "Meier"').waitFor();
    await button(/^Show events/).click();
    await page.getByText('ExecutionStarted').waitFor();
  }, 60_000);

  test('stays quick with thousands of events, and shows more when asked', async () => {
    await open('instance/big');
    await button(/Show more \(4,900 left\)/).waitFor();
    expect(await page.locator('.timeline li').count()).toBe(100);
    await button(/Show more/).click();
    await button(/Show more \(4,400 left\)/).waitFor();
    await button(/^Show events/).click();
    await page.getByText(/Show more \(9,8\d\d left\)/).waitFor();
    const longest = (await page.evaluate(`new Promise((done) => {
      let last = performance.now(), worst = 0, n = 0;
      const frame = (t) => { worst = Math.max(worst, t - last); last = t; ++n < 60 ? requestAnimationFrame(frame) : done(worst); };
      requestAnimationFrame(frame);
    })`)) as number;
    expect(longest).toBeLessThan(5000);
  }, 60_000);

  test('raises an event and terminates', async () => {
    await open('instance/waiting');
    await button('Raise event…').click();
    await page.getByLabel('Name').fill('Go');
    await page.getByLabel('Data (JSON)').fill('{"ok":');
    await confirm('Raise');
    await page.getByText(/The data is no JSON/).waitFor();
    await page.getByLabel('Data (JSON)').fill('{"ok":true}');
    await confirm('Raise');
    await page.getByRole('status').getByText('Event Go raised.').waitFor();
    await badge('Completed').waitFor();
    expect((await status(h, 'waiting')).output).toEqual({ ok: true });

    await page.goto(`${h.url}/runtime/ui#/instance/doomed`);
    await button('Terminate…').click();
    await page.getByLabel(/^Reason/).fill('no longer wanted');
    await confirm('Terminate');
    await badge('Terminated').waitFor();
    expect((await status(h, 'doomed')).output).toBe('no longer wanted');
    await button('Purge…').click();
    await confirm('Purge');
    await page.getByRole('heading', { name: 'Instances' }).waitFor();
    expect((await send(h, 'GET', '/admin/instances/doomed')).status).toBe(404);
  }, 60_000);

  test('suspends, resumes, rewinds, restarts and starts', async () => {
    await begin(h, 'waitOne', undefined, 'paused');
    await h.runUntilIdle();
    await open('instance/paused');
    await button('Suspend…').click();
    await page.getByLabel(/^Reason/).fill('lunch');
    await confirm('Suspend');
    await badge('Suspended').waitFor();
    await button('Resume…').click();
    await confirm('Resume');
    await badge('Running').waitFor();

    await page.goto(`${h.url}/runtime/ui#/instance/failing`);
    const before = (await events('failing')).length;
    await button('Rewind…').click();
    await confirm('Rewind');
    await page.getByRole('status').getByText('Rewound: failing').waitFor();
    await h.runUntilIdle();
    expect((await events('failing')).length).toBeGreaterThan(before);

    await button('Restart…').click();
    await confirm('Restart');
    await page.getByRole('status').getByText('Restarted as').waitFor();
    await badge('Failed').waitFor();
    expect(page.url()).not.toContain('failing');

    await page.goto(`${h.url}/runtime/ui#/instances`);
    await button('Start…').click();
    await page.getByLabel('Orchestrator').selectOption('chainInput');
    await page.getByLabel('Instance id').fill('by hand/a');
    await page.getByLabel('Input (JSON)').fill('{"n":1}');
    await confirm('Start');
    await page.getByRole('dialog').getByText('cannot hold a slash').waitFor();
    await page.getByLabel('Instance id').fill('by hand?');
    await confirm('Start');
    await page.getByRole('heading', { name: 'by hand?' }).waitFor();
    await badge('Completed').waitFor();
  }, 60_000);

  const events = async (id: string): Promise<unknown[]> =>
    ((await send(h, 'GET', `/admin/instances/${id}/events?top=500`)).json as { items: unknown[] }).items;

  test('moves the clock', async () => {
    await open('clock');
    const before = (await h.now()).getTime();
    await page.getByLabel('Amount').fill('3');
    await page.getByLabel('Unit').selectOption('days');
    await button('Advance').first().click();
    await page
      .getByRole('status')
      .getByText(/The clock stands at 2026-01-08/)
      .waitFor();
    expect((await h.now()).getTime() - before).toBe(3 * DAY);
    expect((await status(h, 'sleeper')).runtimeStatus).toBe('Completed');
    await page.getByLabel('Instant (UTC)').fill('2026-02-01T08:30:00');
    await button('Advance to').click();
    await page
      .getByRole('status')
      .getByText(/stands at 2026-02-01 08:30:00 UTC/)
      .waitFor();
    await button('+1 h').click();
    await page
      .getByRole('status')
      .getByText(/stands at 2026-02-01 09:30:00 UTC/)
      .waitFor();
    await page.getByRole('radio', { name: /Auto/ }).click();
    await page
      .getByRole('status')
      .getByText(/\(auto\)/)
      .waitFor();
    await page.getByRole('radio', { name: /Manual/ }).click();
    await page
      .getByRole('status')
      .getByText(/\(manual\)/)
      .waitFor();
  }, 60_000);

  test('signals an entity and shows its state', async () => {
    await open('entities');
    await page.getByRole('link', { name: 'counter e1' }).click();
    await button('Signal…').click();
    await page.getByLabel('Operation').fill('add');
    await page.getByLabel('Input (JSON)').fill('35');
    await confirm('Signal');
    await page.getByRole('status').getByText('Signalled add to counter e1.').waitFor();
    await button(/^Show state 2 B/).click();
    await page.getByText('42', { exact: true }).waitFor();
  }, 60_000);

  test('does all this by keyboard alone', async () => {
    await begin(h, 'waitOne', undefined, 'typed');
    await h.runUntilIdle();
    await open('instances');
    await page.waitForSelector('tbody tr');
    const focused = (): Promise<string> =>
      page.evaluate(`(document.activeElement.innerText || document.activeElement.name || '').trim()`);
    const tabTo = async (text: string, most = 80): Promise<void> => {
      for (let i = 0; i < most; i++) {
        await page.keyboard.press('Tab');
        if ((await focused()) === text) return;
      }
      throw new Error(`${text} is not to be reached by Tab`);
    };
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('To the content');
    await page.keyboard.press('Enter');
    await tabTo('typed');
    const outline = await page.evaluate(`getComputedStyle(document.activeElement).outlineStyle`);
    expect(outline).toBe('solid');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'typed' }).waitFor();
    await tabTo('Raise event…');
    await page.keyboard.press('Enter');
    await page.waitForSelector('dialog[open]');
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { state: 'detached' });
    expect(await focused()).toBe('Raise event…');
    await page.keyboard.press('Enter');
    await page.waitForSelector('dialog[open]');
    await page.keyboard.type('Go');
    await page.keyboard.press('Enter');
    await badge('Completed').waitFor();
    expect((await status(h, 'typed')).runtimeStatus).toBe('Completed');
  }, 60_000);

  test.each([375, 1280])(
    'has no sideways scroll at %i px, in light and dark',
    async (width) => {
      await open('instances', width);
      for (const scheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme: scheme });
        for (const hash of [
          'instances',
          'instance/family',
          'instance/retried',
          'instance/private',
          'entities',
          'clock',
          'host',
        ]) {
          await page.goto(`${h.url}/runtime/ui#/${hash}`);
          await page.waitForTimeout(250);
          if (hash === 'instance/family') await page.locator('button.what').first().click();
          if (hash === 'instance/retried') await button(/^Show events/).click();
          await page.waitForTimeout(100);
          const at = (await page.evaluate('document.documentElement.scrollWidth')) as number;
          expect([hash, at]).toEqual([hash, width]);
          expect([hash, scheme, await faint()]).toEqual([hash, scheme, []]);
        }
      }
    },
    90_000,
  );

  /** Texts whose contrast with what is behind them is below WCAG AA (4.5, or 3 for large ones). */
  const faint = (): Promise<string[]> => page.evaluate(FAINT);
});

const FAINT = `(() => {
  const channel = (c) => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const parse = (c) => (c.match(/[\\d.]+/g) || []).map(Number);
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] > 0.5) return c;
    }
    return [255, 255, 255];
  };
  const out = new Set();
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    const style = getComputedStyle(e);
    if (!own || e.closest(':disabled, .hidden, option') || style.visibility === 'hidden') continue;
    const [a, b] = [luminance(parse(style.color)), luminance(behind(e))].sort((x, y) => y - x);
    const large = parseFloat(style.fontSize) >= 24;
    if ((a + 0.05) / (b + 0.05) < (large ? 3 : 4.5)) out.add(e.className + ': ' + e.textContent.slice(0, 30));
  }
  return [...out];
})()`;
