/**
 * Dates, times of day and time zones. Instants are epoch milliseconds, dates `YYYY-MM-DD`, times of day `HH:MM`.
 * Every rule about "the patient's local date" or "the organisation's day" goes through here, so daylight saving is
 * decided once: a time that the clocks skip is the first instant after the gap, one that occurs twice is the earlier.
 * Leaves out: which days are send days (sendDays.ts).
 */
import { tzOffset } from '@date-fns/tz';
import { isValid } from 'date-fns/isValid';
import { parseISO } from 'date-fns/parseISO';

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
/** Zone transitions of this century fall on quarter hours of UTC, so an offset holds for a whole bucket. */
const OFFSET_BUCKET_MS = 15 * MINUTE_MS;

const offsets = new Map<string, Map<number, number>>();

/** Offset of `zone` from UTC at `atMs`, in ms east. Throws for an unknown zone. */
export function offsetMs(zone: string, atMs: number): number {
  let known = offsets.get(zone);
  if (!known) offsets.set(zone, (known = new Map()));
  const bucket = Math.floor(atMs / OFFSET_BUCKET_MS);
  let offset = known.get(bucket);
  if (offset === undefined) {
    offset = Math.round(tzOffset(zone, new Date(bucket * OFFSET_BUCKET_MS)) * MINUTE_MS);
    if (Number.isNaN(offset)) throw new RangeError(`unknown time zone ${zone}`);
    known.set(bucket, offset);
  }
  return offset;
}

export function isZone(text: string): boolean {
  if (!/^[A-Za-z]/.test(text)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}

/** Real dates seen so far: rosters and files repeat a few ten thousand of them. */
const realDates = new Set<string>();

export function isDate(text: string): boolean {
  if (realDates.has(text)) return true;
  const real = /^\d{4}-\d{2}-\d{2}$/.test(text) && isValid(parseISO(text));
  if (real) realDates.add(text);
  return real;
}

export function isTimeOfDay(text: string): boolean {
  return /^([01]\d|2[0-3]):[0-5]\d$/.test(text);
}

/** ISO 8601 with an offset; a wall time without one names no instant. */
export function isInstant(text: string): boolean {
  const match =
    /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/.exec(text);
  return match !== null && isDate(match[1]!) && !Number.isNaN(Date.parse(text));
}

/** Minutes since midnight of `HH:MM`. */
export function minutesOfDay(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
}

export function localDate(atMs: number, zone: string): string {
  return dateText(atMs + offsetMs(zone, atMs));
}

/** Local minutes since midnight, with fractions. */
export function localMinutes(atMs: number, zone: string): number {
  const local = atMs + offsetMs(zone, atMs);
  return (local - Math.floor(local / DAY_MS) * DAY_MS) / MINUTE_MS;
}

/** Local `HH:MM`, seconds cut. */
export function localTime(atMs: number, zone: string): string {
  return new Date(atMs + offsetMs(zone, atMs)).toISOString().slice(11, 16);
}

/** The instant of `minutes` after local midnight of `date` in `zone`; see the header for gaps and repeats. */
export function instantOf(date: string, minutes: number, zone: string): number {
  const wall = dateMs(date) + minutes * MINUTE_MS;
  const before = offsetMs(zone, wall - DAY_MS);
  const after = offsetMs(zone, wall + DAY_MS);
  const valid = [wall - before, wall - after].filter((at) => at + offsetMs(zone, at) === wall);
  if (valid.length > 0) return Math.min(...valid);
  return endOfGap(zone, wall - Math.max(before, after), wall - Math.min(before, after));
}

/** 00:00 of `date` in `zone` (the first instant of that date). */
export function startOfDate(date: string, zone: string): number {
  return instantOf(date, 0, zone);
}

export function addDays(date: string, count: number): string {
  return dateText(dateMs(date) + count * DAY_MS);
}

/** Whole dates from `from` to `to`; negative when `to` is earlier. */
export function daysBetween(from: string, to: string): number {
  return (dateMs(to) - dateMs(from)) / DAY_MS;
}

/** 0 Sunday … 6 Saturday. */
export function dayOfWeek(date: string): number {
  return (((dateMs(date) / DAY_MS + 4) % 7) + 7) % 7;
}

/** `YYYY-MM-DDTHH:MM:SS±HH:MM` in `zone`, the form of every instant in the output; milliseconds are cut. */
export function isoInZone(atMs: number, zone: string): string {
  const offset = offsetMs(zone, atMs);
  const sign = offset < 0 ? '-' : '+';
  const minutes = Math.abs(Math.round(offset / MINUTE_MS));
  const two = (n: number) => String(n).padStart(2, '0');
  const wall = new Date(atMs + offset).toISOString().slice(0, 19);
  return `${wall}${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** Texts of dates and the days they stand for, both kept: a campaign sees a few hundred dates millions of times. */
const texts = new Map<number, string>();
const days = new Map<string, number>();

function dateText(utcMs: number): string {
  const day = Math.floor(utcMs / DAY_MS);
  let text = texts.get(day);
  if (text === undefined) texts.set(day, (text = new Date(day * DAY_MS).toISOString().slice(0, 10)));
  return text;
}

/** 00:00 UTC of `YYYY-MM-DD`, epoch ms. */
function dateMs(date: string): number {
  let ms = days.get(date);
  if (ms === undefined) days.set(date, (ms = Date.parse(`${date}T00:00:00Z`)));
  return ms;
}

function endOfGap(zone: string, lowMs: number, highMs: number): number {
  const start = offsetMs(zone, lowMs - OFFSET_BUCKET_MS);
  for (let at = lowMs - OFFSET_BUCKET_MS; at <= highMs + OFFSET_BUCKET_MS; at += MINUTE_MS)
    if (offsetMs(zone, at) !== start) return at;
  return highMs;
}

/** The first millisecond of the second of `atMs`. Epoch ms. */
export function startOfSecond(atMs: number): number {
  return Math.floor(atMs / SECOND_MS) * SECOND_MS;
}

/** The last millisecond of the second of `atMs`: instants are published in whole seconds (formats.md). Epoch ms. */
export function endOfSecond(atMs: number): number {
  return startOfSecond(atMs) + SECOND_MS - 1;
}
