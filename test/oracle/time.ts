/**
 * Calendar arithmetic in IANA zones for the oracle: local date and time of an instant, first instant of a local date
 * (which need not be 00:00 where clocks jump at midnight), and ISO text. Dates are `YYYY-MM-DD` strings, instants
 * milliseconds since 1970. Built on Intl alone.
 */
const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const formatters = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, Map<number, number>>();

export function isZone(zone: string): boolean {
  try {
    formatterOf(zone);
    return zone !== '';
  } catch {
    return false;
  }
}

function formatterOf(zone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(zone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formatters.set(zone, formatter);
  }
  return formatter;
}

/** Offset of the zone from UTC in milliseconds at an instant; offsets change only on quarter hours of UTC. */
export function offsetAt(zone: string, instant: number): number {
  const quarter = Math.floor(instant / QUARTER);
  let known = offsets.get(zone);
  if (!known) offsets.set(zone, (known = new Map()));
  let offset = known.get(quarter);
  if (offset === undefined) {
    const at = quarter * QUARTER;
    const part = Object.fromEntries(
      formatterOf(zone)
        .formatToParts(at)
        .map((p) => [p.type, Number(p.value)]),
    ) as Record<string, number>;
    offset =
      Date.UTC(part['year']!, part['month']! - 1, part['day'], part['hour'], part['minute'], part['second']) - at;
    known.set(quarter, offset);
  }
  return offset;
}

export interface Local {
  date: string;
  time: string;
  minutes: number;
}

export function localOf(zone: string, instant: number): Local {
  const text = new Date(instant + offsetAt(zone, instant)).toISOString();
  const time = text.slice(11, 16);
  return { date: text.slice(0, 10), time, minutes: minutesOf(time) };
}

export function dateOf(zone: string, instant: number): string {
  return localOf(zone, instant).date;
}

/** `HH:MM` as minutes after midnight. */
export function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
}

const starts = new Map<string, number>();

/** The first instant of a local date: 00:00, or later where that hour does not exist. */
export function startOfDate(zone: string, date: string): number {
  const key = `${zone} ${date}`;
  let start = starts.get(key);
  if (start === undefined) {
    const utc = Date.parse(`${date}T00:00:00Z`);
    start = utc - offsetAt(zone, utc) - 3 * HOUR;
    while (dateOf(zone, start) < date) start += QUARTER;
    starts.set(key, start);
  }
  return start;
}

const instants = new Map<string, number>();

/** The first instant of the date at which its clock shows `time` or more (where clocks jump over it, the jump). */
export function instantOf(zone: string, date: string, time: string): number {
  const key = `${zone} ${date} ${time}`;
  let instant = instants.get(key);
  if (instant === undefined) instants.set(key, (instant = findInstant(zone, date, time)));
  return instant;
}

function findInstant(zone: string, date: string, time: string): number {
  const start = startOfDate(zone, date);
  const utc = Date.parse(`${date}T${time}:00Z`);
  const guesses = [utc - offsetAt(zone, start), utc - offsetAt(zone, start + DAY)].sort((a, b) => a - b);
  const exact = guesses.find((guess) => localOf(zone, guess).time === time && dateOf(zone, guess) === date);
  if (exact !== undefined) return exact;
  let instant = start;
  while (dateOf(zone, instant) === date && localOf(zone, instant).minutes < minutesOf(time)) instant += QUARTER;
  return instant;
}

const later = new Map<string, string>();

export function addDays(date: string, days: number): string {
  const key = `${date} ${days}`;
  let found = later.get(key);
  if (found === undefined)
    later.set(key, (found = new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10)));
  return found;
}

export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY);
}

export function weekdayOf(date: string): string {
  return ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'][new Date(`${date}T00:00:00Z`).getUTCDay()] as string;
}

export function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const parsed = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(parsed) && new Date(parsed).toISOString().slice(0, 10) === text;
}

const INSTANT = /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-](0\d|1[0-4]):[0-5]\d)$/;

/** Milliseconds of an ISO 8601 instant with an offset; undefined when it is none. */
export function parseInstant(text: string): number | undefined {
  const match = INSTANT.exec(text);
  if (!match || !isDate(match[1] as string)) return undefined;
  const instant = Date.parse(text);
  return Number.isNaN(instant) ? undefined : instant;
}

/** Instant as text in the zone's offset, whole seconds. */
export function isoOf(zone: string, instant: number): string {
  const offset = offsetAt(zone, instant) / MINUTE;
  const size = Math.abs(offset);
  const pad = (n: number): string => String(n).padStart(2, '0');
  const local = new Date(instant + offset * MINUTE).toISOString().slice(0, 19);
  return `${local}${offset < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}
