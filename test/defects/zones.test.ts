/**
 * Defects of comparable systems (end of domain-rules.md), time zones: two zones in one state, Arizona without daylight
 * saving, a 09:00-17:00 window on the days the clocks change. Local times are checked by Intl, not by the product's code.
 */
import { optedIn, runRecording, textsOf, type Row } from '../app/harness';

const ZONES: [string, string][] = [
  ['America/New_York', 'NY'],
  ['America/Chicago', 'IL'],
  ['America/Denver', 'CO'],
  ['America/Phoenix', 'AZ'],
  ['Pacific/Honolulu', 'HI'],
  ['America/Indiana/Indianapolis', 'IN'],
  ['America/Indiana/Knox', 'IN'],
];
/** Four patients a zone, so that a zone has more than one pass. */
const patients = ZONES.flatMap(([timeZone, state]) => Array.from({ length: 4 }, () => ({ timeZone, state })));

function localClock(row: Row): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: row['timeZone']!,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return format.format(new Date(row['sentAt']!));
}

describe.each([
  ['2026-03-08', 'the clocks go forward'],
  ['2026-11-01', 'the clocks go back'],
])('on %s, when %s', (startsOn) => {
  let texts: Row[];
  beforeAll(async () => {
    const run = await runRecording({
      campaign: {
        startsOn,
        sendDays: ['sun'],
        sendWindow: { from: '09:00', to: '17:00' },
        callCentre: { capacityPerDay: 1000, floorPerDay: 5, baseForecast: { sun: 0 } },
      },
      patients,
      initial: optedIn(...patients.map((_, i) => `P${i + 1}`)),
    });
    texts = textsOf(run);
  });

  it('everyone is texted on that day, once', () => {
    expect(texts).toHaveLength(patients.length);
    expect(new Set(texts.map((row) => row['patientId'])).size).toBe(patients.length);
  });

  it('nobody before 09:00 nor from 17:00 on, by the clock on their own wall', () => {
    for (const row of texts) {
      const clock = localClock(row);
      expect([row['timeZone'], row['sentAt'], row['localTime']]).toEqual([row['timeZone'], row['sentAt'], clock]);
      expect(clock >= '09:00' && clock < '17:00').toBe(true);
    }
  });

  it('each half of Indiana keeps its own clock: Indianapolis an hour ahead of Knox', () => {
    const of = (zone: string) => texts.filter((row) => row['timeZone'] === zone);
    const hoursAhead = (row: Row) => Number(row['localTime']!.slice(0, 2)) - Number(row['sentAt']!.slice(11, 13));
    expect([...new Set(of('America/Indiana/Indianapolis').map(hoursAhead))]).toEqual([1]);
    expect([...new Set(of('America/Indiana/Knox').map(hoursAhead))]).toEqual([0]);
  });

  it('Arizona keeps its standard time: UTC-7', () => {
    for (const row of texts.filter((one) => one['timeZone'] === 'America/Phoenix')) {
      const utc = new Date(row['sentAt']!).getUTCHours();
      expect(Number(row['localTime']!.slice(0, 2))).toBe((utc + 17) % 24);
    }
  });
});
