/**
 * Durations as people and host.json write them, in milliseconds: numbers, '90m' and '1d 2h', ISO 8601 ('P1DT2H'), and
 * .NET time spans ('00:05:00', '3.00:00:00'). Leaves out months and years, whose length depends on the date.
 */

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const EXPECTED = "milliseconds, '90m', '7d', '1h 30m', an ISO 8601 duration such as 'P7DT1H' or a time span '00:05:00'";

/** Milliseconds of a duration, at least 0. Throws, naming what came and what was expected. */
export function durationMs(value: number | string): number {
  const ms = typeof value === 'number' ? value : textMs(value.trim());
  if (ms === null || !Number.isFinite(ms) || ms < 0) {
    throw new Error(`The duration ${JSON.stringify(value)} cannot be read. Expected: ${EXPECTED}.`);
  }
  return ms;
}

function textMs(text: string): number | null {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  return shortMs(text) ?? isoMs(text) ?? timeSpanMs(text);
}

function shortMs(text: string): number | null {
  if (!/^(\d+(\.\d+)?\s*(ms|[smhdw])\s*)+$/.test(text)) return null;
  let total = 0;
  for (const [, count, , unit] of text.matchAll(/(\d+(\.\d+)?)\s*(ms|[smhdw])/g)) {
    total += Number(count) * (UNITS[unit as string] as number);
  }
  return total;
}

function isoMs(text: string): number | null {
  const number = '(\\d+(?:\\.\\d+)?)';
  const part = (unit: string): string => `(?:${number}${unit})?`;
  const found = new RegExp(`^P(?=.)${part('W')}${part('D')}(?:T(?=.)${part('H')}${part('M')}${part('S')})?$`, 'i').exec(
    text,
  );
  if (!found) return null;
  const sizes = ['w', 'd', 'h', 'm', 's'];
  return sizes.reduce((sum, unit, i) => sum + Number(found[i + 1] ?? 0) * (UNITS[unit] as number), 0);
}

/** A .NET time span `[d.]hh:mm:ss[.fff]` or `hh:mm`; 24 hours and more in the first place are days, as .NET reads them. */
export function timeSpanMs(text: string): number | null {
  const found = /^(?:(\d+)\.)?(\d{1,8}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?$/.exec(text.trim());
  if (!found) return null;
  const [, days, first, second, third, fraction] = found;
  const [a, b, c] = [Number(first), Number(second), Number(third ?? 0)];
  if (days === undefined && a > 23) return b > 23 || c > 59 ? null : ((a * 24 + b) * 60 + c) * 60_000;
  if (a > 23 || b > 59 || c > 59) return null;
  const fractionMs = Math.round(Number(`0.${fraction ?? 0}`) * 1000);
  return (((Number(days ?? 0) * 24 + a) * 60 + b) * 60 + c) * 1000 + fractionMs;
}
