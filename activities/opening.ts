/**
 * When and under which policy a send day opens (formats.md, rules 9, 10): as of the instants at which something could open
 * or lose it, in order, each with the policy of then. Looked at late, a day opens as it would have opened in time.
 */
import { addDays, endOfSecond, startOfDate } from '../domain/calendar';
import type { Policy } from '../domain/policy';
import { deadlineMs } from '../domain/schedule';
import type { Control, FileRow } from '../services/rows';
import type { CampaignContext } from './context';

export interface DayFate {
  readonly state: 'OPEN' | 'MISSED' | 'WAIT';
  /** Of opening, or of losing the day, or the deadline that is waited for. */
  readonly atMs: number;
  /** Of then; while it waits, of now. */
  readonly policy: Policy;
}

/** `files`: of this date, those that are still being taken in left out. */
export function fateOf(files: readonly FileRow[], context: CampaignContext, date: string, nowMs: number): DayFate {
  const { campaign, control } = context;
  const startMs = startOfDate(date, campaign.timeZone);
  const endMs = startOfDate(addDays(date, 1), campaign.timeZone);
  const came = files.filter(({ sound }) => sound).map(({ receivedAtMs }) => Math.max(receivedAtMs, startMs));
  const changed = (control.replaced ?? []).map(({ untilMs }) => untilMs);
  const told = [startMs, ...came, ...changed.filter((atMs) => atMs > startMs && atMs < endMs)];
  const deadlineOf = (policy: Policy) => Math.max(startMs, deadlineMs(date, policy.preferencesDeadline, campaign));
  const deadlines = told.map((atMs) => deadlineOf(policyAt(control, atMs)));
  const moments = [...new Set([...told, ...deadlines])].filter((atMs) => atMs <= nowMs).sort((a, b) => a - b);
  for (const atMs of moments) {
    const policy = policyAt(control, atMs);
    if (!policy.requireFreshPreferences) return { state: 'OPEN', atMs, policy };
    const untilMs = deadlineOf(policy);
    const file = came.find((receivedAtMs) => receivedAtMs <= endOfSecond(atMs) && isInTime(receivedAtMs, untilMs));
    if (file !== undefined) return { state: 'OPEN', atMs: file, policy };
    if (atMs >= untilMs) return { state: 'MISSED', atMs, policy };
  }
  const policy = policyAt(control, nowMs);
  return { state: 'WAIT', atMs: deadlineOf(policy), policy };
}

/** Instants are published in whole seconds (formats.md): a file of the deadline's second came at the deadline. */
export function isInTime(receivedAtMs: number, untilMs: number): boolean {
  return receivedAtMs <= endOfSecond(untilMs);
}

/** The policy in force at `atMs`; a change of that very second counts. */
export function policyAt({ replaced = [], policy }: Control, atMs: number): Policy {
  return replaced.find(({ untilMs }) => untilMs > endOfSecond(atMs))?.policy ?? policy;
}
