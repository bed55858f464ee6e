/**
 * The vendor of preferences: when each day's file comes and what is in it (formats.md, "In: preferences"). One file a
 * send day, the first full, later ones with what changed since the extract before; some late, some twice, some cut and
 * corrected, about one day in twenty after the deadline, but never two such days in a week nor one in a week of fewer than
 * three send days, so that every week can open. Depends on the seed alone: no text and no reply changes a file.
 */
import { stringify } from 'csv-stringify/sync';
import { daysBetween, instantOf, isoInZone, minutesOfDay } from '../domain/calendar';
import type { Campaign } from '../domain/policy';
import { rates } from './assumptions';
import { firstConsent, laterConsents, type Consent } from './consents';
import { oddRows } from './oddRows';
import type { Person } from './people';
import { chance, luckKey, type LuckKey } from './random';
import { campaignDays } from './schedule';

export interface Delivery {
  readonly atMs: number;
  readonly file: string;
}

interface FilePlan {
  readonly date: string;
  readonly index: number;
  readonly cut: boolean;
}

type DayKind = 'normal' | 'late' | 'missed' | 'duplicated' | 'cut';

const HEADER = ['patientId', 'phone', 'action', 'effectiveAt', 'source'] as const;
/** The vendor closes its books at 05:00 of the day, however late the file comes. */
const EXTRACT_MINUTES = 5 * 60;
const LATE_FROM_MINUTES = 7 * 60 + 30;
const MISSED_WEEK_DAYS_MIN = 3;

export class Vendor {
  readonly deliveries: readonly Delivery[];
  private readonly luck: LuckKey;
  private readonly days: readonly string[];
  private readonly plans = new Map<string, FilePlan>();
  private readonly first: readonly Consent[];
  private readonly later: readonly Consent[];
  private cached: { date: string; rows: string[][] } | undefined;

  constructor(
    private readonly campaign: Campaign,
    private readonly people: readonly Person[],
    seed: number,
  ) {
    const { sendDays, startMs, endMs } = campaignDays(campaign);
    this.luck = luckKey(seed, 'vendor');
    this.days = sendDays;
    this.first = people.flatMap((person) => firstConsent(person, startMs) ?? []);
    this.later = people
      .flatMap((person) => laterConsents(person, startMs, endMs))
      .sort((a, b) => a.effectiveAtMs - b.effectiveAtMs || (a.person.id < b.person.id ? -1 : 1));
    this.deliveries = this.plan();
  }

  /** The text of a delivered file. Throws for a name that is not in `deliveries`. */
  content(file: string): string {
    const plan = this.plans.get(file);
    if (!plan) throw new RangeError(`vendor: no file ${file}`);
    const rows = this.rowsOf(plan);
    if (!plan.cut) return stringify([[...HEADER], ...rows, ['TRAILER', String(rows.length)]]);
    const kept = rows.slice(0, Math.floor(rows.length * 0.6));
    return stringify([[...HEADER], ...kept, ['TRAILER', String(rows.length + 1)]]);
  }

  private plan(): Delivery[] {
    const missedWeeks = new Set<number>();
    return this.days.flatMap((date, index) => {
      const kind = this.kindOf(date, index, missedWeeks);
      const at = (minutes: number) => instantOf(date, minutes, this.campaign.timeZone);
      const first = this.minutesOf(kind, index);
      const again = first + 15 + Math.floor(40 * chance(this.luck, 'again', index));
      const file = `preferences-${date}.csv`;
      const second = `preferences-${date}.2.csv`;
      this.plans.set(file, { date, index, cut: kind === 'cut' });
      if (kind !== 'duplicated' && kind !== 'cut') return [{ atMs: at(first), file }];
      this.plans.set(second, { date, index, cut: false });
      return [
        { atMs: at(first), file },
        { atMs: at(again), file: second },
      ];
    });
  }

  /** The first day is always sound: a campaign that cannot start shows nothing. */
  private kindOf(date: string, index: number, missedWeeks: Set<number>): DayKind {
    const deadline = minutesOfDay(this.campaign.preferencesDeadline);
    const week = this.weekOf(date);
    const inWeek = this.days.filter((day) => this.weekOf(day) === week).length;
    const mayMiss = deadline <= 22 * 60 && inWeek >= MISSED_WEEK_DAYS_MIN && !missedWeeks.has(week);
    const u = chance(this.luck, 'kind of day', index);
    const { dayMissed, dayLate, dayDuplicated, dayCut } = rates;
    if (index === 0) return 'normal';
    if (u < dayMissed) {
      if (mayMiss) missedWeeks.add(week);
      return mayMiss ? 'missed' : 'normal';
    }
    if (deadline < LATE_FROM_MINUTES) return 'normal';
    if (u < dayMissed + dayLate) return 'late';
    if (u < dayMissed + dayLate + dayDuplicated) return 'duplicated';
    return u < dayMissed + dayLate + dayDuplicated + dayCut ? 'cut' : 'normal';
  }

  /** Minutes after midnight at which the first file of the day comes. */
  private minutesOf(kind: DayKind, index: number): number {
    const u = chance(this.luck, 'minute', index);
    const deadline = minutesOfDay(this.campaign.preferencesDeadline);
    if (kind === 'late') return LATE_FROM_MINUTES + Math.floor(u * (deadline - LATE_FROM_MINUTES + 1));
    if (kind === 'missed') return Math.min(23 * 60 + 30, deadline + 5 + Math.floor(u * 180));
    return Math.min(330 + Math.floor(60 * u), deadline);
  }

  private weekOf(date: string): number {
    return Math.floor(daysBetween(this.campaign.startsOn, date) / 7);
  }

  private extractMs(index: number): number {
    return instantOf(
      this.days[index]!,
      Math.min(EXTRACT_MINUTES, this.minutesOf('normal', index)),
      this.campaign.timeZone,
    );
  }

  /** Kept for the day, because a duplicate and a correction hold the same rows. */
  private rowsOf({ date, index }: FilePlan): string[][] {
    if (this.cached?.date === date) return this.cached.rows;
    const until = this.extractMs(index);
    const since = index === 0 ? -Infinity : this.extractMs(index - 1);
    const changed = this.later.filter((c) => c.effectiveAtMs > since && c.effectiveAtMs <= until);
    const consents = index === 0 ? [...this.first, ...changed] : [...this.resent(index), ...changed];
    const rows = consents.map((c) => this.rowOf(c));
    rows.push(...oddRows(this.luck, index, this.people, (ms) => isoInZone(ms, this.campaign.timeZone), until));
    this.cached = { date, rows };
    return rows;
  }

  /** Rows that were sent before, as they were: stale where the patient has changed since. */
  private resent(index: number): Consent[] {
    const count = Math.ceil(this.people.length * rates.resentRows);
    const draws = Array.from({ length: count }, (_, n) =>
      Math.floor(chance(this.luck, `resent ${index}`, n) * this.first.length),
    );
    return [...new Set(draws)].flatMap((i) => this.first[i] ?? []);
  }

  /** The vendor writes local time; the desks of the clinics write UTC. */
  private rowOf({ person, action, effectiveAtMs, source }: Consent): string[] {
    const local = source !== 'clinic-desk';
    const at = local
      ? isoInZone(effectiveAtMs, this.campaign.timeZone)
      : new Date(effectiveAtMs).toISOString().replace('.000Z', 'Z');
    return [person.id, person.line.phone, action, at, source];
  }
}
