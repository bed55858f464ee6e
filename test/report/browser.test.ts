/**
 * The page in Chromium at phone and desktop width: no sideways scroll, one drawing of every chart seen, nothing asked
 * of the network. Skipped where Chromium is absent, unless REQUIRE_ALL is set.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { renderReport } from '../../report/html';
import { buildReport, buildWorklist } from './fixture';

const CHROMIUM = '/usr/bin/chromium';
const present = existsSync(CHROMIUM) || !!process.env.REQUIRE_ALL;
if (!present) console.warn(`skipped: no ${CHROMIUM}`);

/** Runs in the page; the compiler has no DOM types here. */
const MEASURE = `(() => {
  const seen = (e) => { const r = e.getBoundingClientRect(); return r.width > 200 && r.height > 40; };
  const figures = [...document.querySelectorAll('figure')];
  return {
    scrollWidth: document.documentElement.scrollWidth,
    figures: figures.length,
    drawn: figures.map((f) => [...f.querySelectorAll('svg.chart')].filter(seen).length),
    smallestText: Math.min(...[...document.querySelectorAll('svg.chart')].filter(seen).map((svg) =>
      12 * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width)),
  };
})()`;

interface Measured {
  readonly scrollWidth: number;
  readonly figures: number;
  readonly drawn: readonly number[];
  readonly smallestText: number;
}

(present ? describe : describe.skip)('report.html in Chromium', () => {
  let browser: Browser;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'report-'));
    writeFileSync(join(folder, 'report.html'), renderReport(buildReport(), buildWorklist(300)));
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  }, 30_000);
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([320, 375, 819, 820, 1280])(
    'at %i px',
    async (width) => {
      const page = await browser.newPage({ viewport: { width, height: 800 } });
      const asked: string[] = [];
      const said: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      page.on('console', (message) => said.push(message.text()));
      await page.goto(pathToFileURL(join(folder, 'report.html')).href);
      for (const open of [false, true]) {
        if (open) await page.evaluate(`document.querySelectorAll('details').forEach((d) => (d.open = true))`);
        const measured = (await page.evaluate(MEASURE)) as Measured;
        expect(measured.scrollWidth).toBe(width);
        expect(measured.figures).toBe(7);
        expect(measured.drawn).toEqual(Array(7).fill(1));
        expect(measured.smallestText).toBeGreaterThan(9);
      }
      expect(asked).toHaveLength(1);
      expect(said).toEqual([]);
      await page.close();
    },
    30_000,
  );
});
