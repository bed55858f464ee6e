/** Instants and durations as text. All instants are on the host's clock and shown in UTC, as histories have them. */

/** `2026-01-05 09:00:00`, with milliseconds where there are any. */
export function instantText(ms: number): string {
  const iso = new Date(ms).toISOString();
  const text = iso.slice(0, 19).replace('T', ' ');
  return iso.slice(19, 23) === '.000' ? text : text + iso.slice(19, 23);
}

const UNITS: readonly [string, number][] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
  ['ms', 1],
];

/** The two largest units: `3 d 4 h`, `1.2 s`, `0 ms`. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${Number((ms / 1000).toFixed(ms < 10_000 ? 1 : 0))} s`;
  const first = UNITS.findIndex(([, size]) => ms >= size);
  const [unit, size] = UNITS[first] as [string, number];
  const [smaller, smallerSize] = UNITS[first + 1] as [string, number];
  const rest = Math.floor((ms % size) / smallerSize);
  return `${Math.floor(ms / size)} ${unit}${rest > 0 ? ` ${rest} ${smaller}` : ''}`;
}

/** Value of a datetime-local field, which is taken to be UTC, as ISO text; empty stays empty. */
export const fieldToIso = (value: string): string => (value === '' ? '' : new Date(`${value}Z`).toISOString());

export const isoToField = (iso: string): string => iso.slice(0, 19);

export const sizeText = (chars: number): string =>
  chars < 1024
    ? `${chars} B`
    : chars < 1024 * 1024
      ? `${(chars / 1024).toFixed(1)} KB`
      : `${(chars / 1048576).toFixed(1)} MB`;
