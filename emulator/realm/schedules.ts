/**
 * When a timer function runs: an NCRONTAB expression of six fields (with seconds) or five, or a time span between runs.
 * Both day fields must fit, as in NCRONTAB. Source: Azure Functions timer trigger reference.
 */
import { timeSpanMs } from './durations';

export interface Schedule {
  /** the first run after an instant, or null when there is none */
  next(afterMs: number): number | null;
  /** runs more often than once a minute: the real host keeps no status then */
  isShort: boolean;
}

const FIELDS = /^[\d\s*,/\-a-zA-Z]+$/;
const MINUTE_MS = 60_000;

/** Throws for a text that is neither, saying why. */
export async function scheduleOf(text: string, zone: string, fromMs: number): Promise<Schedule> {
  const span = timeSpanMs(text);
  if (span !== null) {
    if (span <= 0) throw new Error('the time span is not longer than nothing');
    return { next: (afterMs) => afterMs + span, isShort: span < MINUTE_MS };
  }
  const count = text.trim().split(/\s+/).length;
  if (count !== 5 && count !== 6) throw new Error(`it has ${count} fields, expected are six, or five without seconds`);
  if (!FIELDS.test(text)) throw new Error('only digits, names, and * , - / may be used');
  const { Cron } = await import('croner');
  const cron = new Cron(text.trim(), { timezone: zone, paused: true, domAndDow: true });
  const next = (afterMs: number): number | null => cron.nextRun(new Date(afterMs))?.getTime() ?? null;
  const first = next(fromMs);
  const second = first === null ? null : next(first);
  return { next, isShort: second !== null && second - fromMs < MINUTE_MS };
}
