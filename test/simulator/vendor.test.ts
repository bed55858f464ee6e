/** The vendor's files: what comes when, and what is in it. */
import { parse } from 'csv-parse/sync';
import { DAY_MS, instantOf, localDate, MINUTE_MS, minutesOfDay } from '../../domain/calendar';
import type { Campaign } from '../../domain/policy';
import { peopleOf } from '../../simulator/people';
import { createRosterCsv } from '../../simulator/roster';
import { campaignDays } from '../../simulator/schedule';
import { Vendor } from '../../simulator/vendor';
import { campaignOf, STARTS_ON } from './fakeCampaign';

const rosters = new Map(
  [40, 4000].map((patients) => [patients, createRosterCsv({ patients, seed: 1, startsOn: STARTS_ON })]),
);
const vendorOf = (campaign: Campaign, seed: number, patients: 40 | 4000 = 40) =>
  new Vendor(campaign, peopleOf(rosters.get(patients)!, seed, STARTS_ON), seed);
const rowsIn = (content: string) => parse(content, { relax_column_count: true }) as string[][];
const isSound = (content: string) => {
  const rows = rowsIn(content);
  const last = rows.at(-1)!;
  return last[0] === 'TRAILER' && Number(last[1]) === rows.length - 2;
};
const SEEDS = Array.from({ length: 30 }, (_, i) => i + 1);

/** Whether a sound file of `date` comes by the deadline. */
function opens(vendor: Vendor, campaign: Campaign, date: string): boolean {
  const deadlineMs = instantOf(date, minutesOfDay(campaign.preferencesDeadline), campaign.timeZone);
  return vendor.deliveries.some(
    (d) => d.file.includes(date) && d.atMs <= deadlineMs && isSound(vendor.content(d.file)),
  );
}

test('each send day gets a file of its date on that date, and no other day does', () => {
  const campaign = campaignOf({ skipDates: ['2026-01-19'] });
  for (const seed of SEEDS) {
    const vendor = vendorOf(campaign, seed);
    const dates = vendor.deliveries.map(({ file }) => /(\d{4}-\d\d-\d\d)/.exec(file)![1]!);
    expect([...new Set(dates)]).toEqual(campaignDays(campaign).sendDays);
    expect(dates).not.toContain('2026-01-19');
    vendor.deliveries.forEach(({ atMs }, i) => expect(localDate(atMs, campaign.timeZone)).toBe(dates[i]));
    expect(new Set(vendor.deliveries.map(({ file }) => file)).size).toBe(dates.length);
  }
});

test('about one day in 20 does not open, the first day does, and so does some day of every week', () => {
  const campaign = campaignOf();
  let closed = 0;
  for (const seed of SEEDS) {
    const vendor = vendorOf(campaign, seed);
    const open = campaignDays(campaign).sendDays.map((date) => opens(vendor, campaign, date));
    closed += open.filter((is) => !is).length;
    expect(open[0]).toBe(true);
    for (let week = 0; week < 9; week += 1)
      expect(open.slice(5 * week, 5 * week + 5).filter((is) => !is).length).toBeLessThanOrEqual(1);
  }
  expect(closed / (SEEDS.length * 45)).toBeGreaterThan(0.025);
  expect(closed / (SEEDS.length * 45)).toBeLessThan(0.075);
});

test('where a week has one send day, every one opens', () => {
  const campaign = campaignOf({ sendDays: ['mon'] });
  for (const seed of SEEDS) {
    const vendor = vendorOf(campaign, seed);
    expect(campaignDays(campaign).sendDays.filter((date) => !opens(vendor, campaign, date))).toEqual([]);
  }
});

test.each(['00:00', '06:00', '23:59'])(
  'with a deadline at %s at most one day a week does not open',
  (preferencesDeadline) => {
    const campaign = campaignOf({ preferencesDeadline });
    for (const seed of SEEDS.slice(0, 10)) {
      const vendor = vendorOf(campaign, seed);
      const open = campaignDays(campaign).sendDays.map((date) => opens(vendor, campaign, date));
      for (let week = 0; week < 9; week += 1)
        expect(open.slice(5 * week, 5 * week + 5).filter((is) => !is).length).toBeLessThanOrEqual(1);
    }
  },
);

test('a refused file is corrected within the hour by the next one, and a duplicate has the same bytes', () => {
  let cut = 0;
  let duplicated = 0;
  for (const seed of SEEDS) {
    const vendor = vendorOf(campaignOf(), seed);
    for (const { file, atMs } of vendor.deliveries) {
      const second = vendor.deliveries.find((d) => d.file === file.replace('.csv', '.2.csv'));
      if (!isSound(vendor.content(file))) {
        cut += 1;
        expect(isSound(vendor.content(second!.file))).toBe(true);
        expect(second!.atMs - atMs).toBeLessThanOrEqual(60 * MINUTE_MS);
      } else if (second) {
        duplicated += 1;
        expect(vendor.content(second.file)).toBe(vendor.content(file));
      }
      if (second) expect(second.atMs).toBeGreaterThan(atMs);
    }
  }
  expect(cut).toBeGreaterThan(25);
  expect(duplicated).toBeGreaterThan(25);
});

test('the first file is full: about 80 % in, 8 % out, 12 % without a row; later ones are small', () => {
  const vendor = vendorOf(campaignOf(), 1, 4000);
  const [first, second] = vendor.deliveries;
  const rows = rowsIn(vendor.content(first!.file));
  const share = (action: string) => rows.filter((row) => row[2] === action).length / 4000;
  expect(Math.abs(share('OPT_IN') - 0.8)).toBeLessThan(0.02);
  expect(Math.abs(share('OPT_OUT') - 0.08)).toBeLessThan(0.015);
  expect(rowsIn(vendor.content(second!.file)).length).toBeLessThan(100);
});

test('no row but a deliberately odd one takes effect after its file came, and changes reach the very next file', () => {
  const vendor = vendorOf(campaignOf(), 3, 4000);
  const { startMs } = campaignDays(campaignOf());
  const changes = new Map<string, number>();
  let late = 0;
  let total = 0;
  for (const { file, atMs } of vendor.deliveries)
    for (const row of rowsIn(vendor.content(file)).slice(1, -1)) {
      total += 1;
      if (Date.parse(row[3]!) > atMs) late += 1;
      const change = row.join();
      if (Date.parse(row[3]!) >= startMs && !changes.has(change)) changes.set(change, atMs - Date.parse(row[3]!));
    }
  expect(late).toBeGreaterThan(0);
  expect(late / total).toBeLessThan(0.005);
  expect(changes.size).toBeGreaterThan(100);
  expect(Math.max(...changes.values())).toBeLessThan(4 * DAY_MS);
});

test('files depend on the seed alone', () => {
  const all = (seed: number) =>
    vendorOf(campaignOf(), seed).deliveries.map((d) => [d, vendorOf(campaignOf(), seed).content(d.file)]);
  expect(all(5)).toEqual(all(5));
  expect(all(6)).not.toEqual(all(5));
});

test('there is no file of any other name', () => {
  expect(() => vendorOf(campaignOf(), 1).content('preferences-2026-01-10.csv')).toThrow(
    'no file preferences-2026-01-10.csv',
  );
});
