/**
 * How the report writes numbers, shares, dates and codes. No Intl: its wording differs between ICU versions, and the
 * report of one run is the same to the byte on every machine (formats.md, rule 12).
 */
import type { Outcome, Proportion, RefusalReason, WorklistRow } from '../domain/report';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
export const NONE = '–';

/** `1234.5` as `1,234.5`; with a real minus sign. */
export function number(value: number, decimals = 0): string {
  const [whole, fraction] = Math.abs(value).toFixed(decimals).split('.') as [string, string?];
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  const text = fraction === undefined ? grouped : `${grouped}.${fraction}`;
  return value < 0 && Number(value.toFixed(decimals)) !== 0 ? `−${text}` : text;
}

/** A share in [0, 1] as `12.3%`, a dash where there is none. */
export function percent(share: number | null, decimals = 1): string {
  return share === null ? NONE : `${number(share * 100, decimals)}%`;
}

export function share(n: number, of: number): string {
  return percent(of === 0 ? null : n / of);
}

/** The 95 % interval as `27.1–35.6`, in percent. */
export function range({ low, high }: Pick<Proportion, 'low' | 'high'>): string {
  return low === null || high === null ? '' : `${number(low * 100, 1)}–${number(high * 100, 1)}`;
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${number(n)} ${n === 1 ? one : many}`;
}

/** `2026-01-05` as `Jan 5`. What is no date stays as it is. */
export function shortDate(date: string): string {
  const parts = /^\d{4}-(\d{2})-(\d{2})/.exec(date);
  return parts ? `${MONTHS[Number(parts[1]) - 1] ?? parts[1]!} ${Number(parts[2])}` : date;
}

/** `Jan 5, 2026`. */
export function longDate(date: string): string {
  return /^\d{4}-\d{2}-\d{2}/.test(date) ? `${shortDate(date)}, ${date.slice(0, 4)}` : date;
}

export function weekday(date: string): string {
  return WEEKDAYS[new Date(`${date}T00:00:00Z`).getUTCDay()] ?? '';
}

/** The wall time of an instant as it was written, `2026-01-05 09:00`. */
export function instant(at: string): string {
  const parts = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})/.exec(at);
  return parts ? `${parts[1]} ${parts[2]}` : at;
}

export const OUTCOME_LABELS: Record<Outcome, string> = {
  ATTENDED: 'Attended a visit',
  MISSED: 'Missed the visit',
  BOOKED: 'Booked, visit to come',
  OPTED_OUT: 'Opted out',
  NO_CONSENT: 'No consent on file',
  UNREACHABLE: 'Texts undeliverable',
  HANDED_TO_CALL: 'Handed to a caller',
  NO_RESPONSE: 'No response',
  NOT_REACHED: 'Not reached',
};

export const REFUSAL_LABELS: Record<RefusalReason, string> = {
  BOOKED: 'Already booked',
  OPTED_OUT: 'Opted out',
  NO_CONSENT: 'No consent',
  NO_MOBILE: 'Not a mobile number',
  EXPIRED: 'Too late to send',
  CANCELLED: 'Campaign cancelled',
};

export const WORKLIST_LABELS: Record<WorklistRow['reason'], string> = {
  CRITICAL_NO_RESPONSE: 'Call: no response',
  INBOX: 'Answer: inbox',
  SEND_UNKNOWN: 'Check: perhaps sent',
};

export const TIER_NAMES: Record<1 | 2 | 3, string> = {
  1: 'Tier 1, critical',
  2: 'Tier 2, high',
  3: 'Tier 3, moderate',
};

export function waveName(wave: number | null | undefined): string {
  return wave === null || wave === undefined ? 'Never admitted' : `Wave ${wave}`;
}

/** A label for a code, the code itself where it is unknown to this version. */
export function labelOf(labels: Readonly<Record<string, string>>, code: string): string {
  return Object.hasOwn(labels, code) ? labels[code]! : code;
}
