/** What holds of the file whatever the report: same bytes, nothing unescaped, nothing fetched, small, and accessible. */
import type { Incident, Report, WorklistRow } from '../../domain/report';
import { renderReport } from '../../report/html';
import { buildReport, buildWorklist } from './fixture';

const HOSTILE = `<script>alert("x")</script>'&`;
const report = buildReport();
const page = renderReport(report, buildWorklist());

/** Every count of `pattern` in `text`. */
const count = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].length;

it('gives the same bytes for the same report, whatever was drawn before', () => {
  renderReport(buildReport({ weeks: 3 }), []);
  expect(renderReport(buildReport(), buildWorklist())).toBe(page);
});

it('shows the figures of the report', () => {
  const { overall } = report.evaluation;
  expect(page).toContain(`<dt>Booked</dt>\n<dd>${overall.booked.n}</dd>`);
  expect(page).toContain(`<dt>Attended</dt>\n<dd>${overall.attended.n}</dd>`);
  expect(page).toContain('<h1>pilot-2026</h1>');
  expect(page).toContain('PREFERENCES_FILE_MISSING');
});

it('escapes every text that came in', () => {
  const incident: Incident = { at: HOSTILE, type: HOSTILE, detail: HOSTILE };
  const row = { patientId: HOSTILE, tier: 1, reason: HOSTILE, since: HOSTILE } as unknown as WorklistRow;
  const hostile: Report = {
    ...report,
    campaignId: HOSTILE,
    startedAt: HOSTILE,
    policy: { ...report.policy, practice: { ...report.policy.practice, name: HOSTILE, bookingUrl: HOSTILE } },
    days: report.days.map((day) => ({ ...day, preferences: HOSTILE as never })),
    incidents: [incident],
  };
  const text = renderReport(hostile, [row]);
  expect(text).not.toMatch(/<script/i);
  expect(text).not.toContain(`"x"`);
  expect(count(text, /&lt;script&gt;alert\(&quot;x&quot;\)/g)).toBeGreaterThan(8);
});

it('refers to nothing outside itself', () => {
  expect(page).not.toMatch(/https?:|\/\/[a-z]|\bsrc=|<link|<script|@import|url\((?!#)|data:/i);
  expect(count(page, /href="(?!#)/g)).toBe(0);
});

it('has no id twice, and every link and clip path has its target', () => {
  const ids = [...page.matchAll(/\bid="([^"]+)"/g)].map((match) => match[1]!);
  expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
  const targets = [...page.matchAll(/(?:href="#|url\(#|aria-labelledby=")([^")]+)/g)].map((match) => match[1]!);
  expect(targets.filter((target) => !ids.includes(target))).toEqual([]);
});

it('gives every figure a caption, two drawings with a text alternative, and the numbers', () => {
  const figures = page.match(/<figure[^]*?<\/figure>/g)!;
  expect(figures).toHaveLength(7);
  for (const figure of figures) {
    expect(figure).toMatch(/<figcaption><strong>[^<]{10,}/);
    expect(count(figure, /<svg\s+class="chart (wide|narrow)"\s+role="img"\s+aria-label="[^"]{30,}"/g)).toBe(2);
    expect(count(figure, /<desc>[^<]{10,}<\/desc>/g)).toBe(2);
    expect(figure).toContain('<summary>Show the numbers</summary>');
  }
});

it('takes no colour but by name, so that dark pages and print follow', () => {
  const drawings = page.match(/<svg[^]*?<\/svg>/g)!.join('');
  expect(drawings.match(/(?<!,)#[0-9a-f]{6}|zr\d|ecmeta/g)?.filter((colour) => colour !== '#000000') ?? []).toEqual([]);
});

it('shows 200 rows of a worklist of 100,000 and the count, in 2 MB', () => {
  const long = renderReport(buildReport({ weeks: 52, postPilotWeeks: 52 }), buildWorklist(100_000));
  expect(long).toContain('The first 200 of 100,000 rows');
  expect(Buffer.byteLength(long)).toBeLessThan(2_000_000);
  expect(count(long, /<code>P\d+<\/code>/g)).toBe(200);
});

it('stands on a campaign that was cancelled before anything happened', () => {
  const empty = buildReport({ patients: 0 });
  const nothing = { ...empty, endState: 'CANCELLED', weeks: [], days: [], incidents: [], outcomes: {} } as Report;
  const text = renderReport(nothing, []);
  expect(text).toContain('Cancelled');
  expect(text).not.toMatch(/NaN|undefined|Infinity|\bnull\b/);
});

it('caps incidents at fifty rows', () => {
  const incidents = Array.from({ length: 80 }, (_, i) => ({
    at: `2026-01-05T09:00:${i}`,
    type: 'A',
    detail: `n${i}-`,
  }));
  const text = renderReport({ ...report, incidents }, []);
  expect(text).toContain('The first 50 of 80');
  expect(text).toContain('n49-');
  expect(text).not.toContain('n50-');
});

it('writes no value that is not a number', () => {
  expect(page).not.toMatch(/NaN|undefined|Infinity/);
});
