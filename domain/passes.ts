/**
 * The passes of one open day: when they happen and whom each one takes (design.md, "A week"; formats.md, rules 4, 7-10).
 * Follow-ups first, nearest to expiry first; then first touches in rank order; then adaptive texts by priority. Each zone
 * is spread evenly over the passes that its window has left today, then the throttle cuts the list.
 */
import { addDays, HOUR_MS, instantOf, localDate, minutesOfDay } from './calendar';
import type { KnownPreference } from './consent';
import { SPACING_DAYS, type SentText } from './outreach';
import { reasonToWait } from './patient';
import type { CallCentre, Policy } from './policy';
import type { RefusalReason } from './report';
import { isSendDay, type SendDayRule } from './sendDays';
import { floorLeft, type DayThrottle } from './throttle';
import type { Tier } from './tiers';

/** Between two passes: short enough to spread the calls over the day, long enough to keep the day cheap. */
export const PASS_INTERVAL_MS = 3 * HOUR_MS;

/** Someone who may be texted today. Kept in pages for the length of a day. */
export interface AgendaEntry {
  readonly patientId: string;
  readonly bucket: string;
  readonly rank: number;
  readonly tier: Tier;
  readonly timeZone: string;
  readonly phase: 'PILOT' | 'ADAPTIVE';
  readonly touch: number;
  /** Local date from which it may go. */
  readonly due: string;
  readonly expiresAtMs: number;
  /** Of adaptive entries: higher goes first. 0 in the pilot. */
  readonly priority: number;
  readonly texts: readonly SentText[];
  readonly reason: RefusalReason | null;
  /** As known at the last pass: evidence for the gate. */
  readonly preference: KnownPreference;
  readonly bookingAtMs?: number;
  /** Week of admission; null for the never admitted of the adaptive phase. */
  readonly wave: number | null;
}

/** The organisation's day: `[openedAtMs, endMs)`. `extra`: instants of a resume or a policy change. */
export interface OpenDay {
  readonly openedAtMs: number;
  readonly endMs: number;
  readonly extra: readonly number[];
  /** A point of the pass grid: the window's opening in the organisation's zone. */
  readonly gridMs: number;
}

type Span = readonly [fromMs: number, toMs: number];

/** When each zone may be texted today: its window on each of its own send days, up to the end of the open day. */
export function zoneSpans(zone: string, day: OpenDay, policy: Pick<Policy, 'sendWindow'>, rule: SendDayRule): Span[] {
  const spans: Span[] = [];
  const { from, to } = policy.sendWindow;
  const last = localDate(day.endMs - 1, zone);
  for (let date = localDate(day.openedAtMs, zone); date <= last; date = addDays(date, 1)) {
    if (!isSendDay(date, rule)) continue;
    const span = [instantOf(date, minutesOfDay(from), zone), instantOf(date, minutesOfDay(to), zone)] as const;
    if (span[1] > day.openedAtMs && span[0] < day.endMs) spans.push([span[0], Math.min(span[1], day.endMs)]);
  }
  return spans;
}

/**
 * Pass instants of the day, ascending: a common grid from the organisation's own opening, so that zones share passes; the
 * opening of a zone that the grid would touch less than twice; the day's opening inside a window; the extras.
 */
export function passInstants(spans: Iterable<readonly Span[]>, day: OpenDay): number[] {
  const instants = new Set<number>();
  for (const zone of spans)
    for (const [fromMs, toMs] of zone) {
      const first = Math.max(fromMs, day.openedAtMs);
      const grid = gridBetween(first, toMs, day.gridMs);
      if (grid.length < GRID_PASSES_MIN) instants.add(first);
      for (const at of [...grid, day.openedAtMs, ...day.extra]) if (at >= first && at < toMs) instants.add(at);
    }
  return [...instants].sort((a, b) => a - b);
}

/** Fewer passes than this on the grid, and a zone gets one at its opening too. */
const GRID_PASSES_MIN = 2;

function gridBetween(fromMs: number, untilMs: number, gridMs: number): number[] {
  const points: number[] = [];
  const first = gridMs + Math.ceil((fromMs - gridMs) / PASS_INTERVAL_MS) * PASS_INTERVAL_MS;
  for (let at = first; at < untilMs; at += PASS_INTERVAL_MS) points.push(at);
  return points;
}

/** Zones whose window is open now on one of their own send days, each with its local date. */
export function openZones(nowMs: number, spans: ReadonlyMap<string, readonly Span[]>): Map<string, string> {
  const open = new Map<string, string>();
  for (const [zone, ofZone] of spans)
    if (ofZone.some(([from, to]) => nowMs >= from && nowMs < to)) open.set(zone, localDate(nowMs, zone));
  return open;
}

/** May this entry be judged now: due, and its window open. `zones`: of `openZones`. */
export function isJudgeable(entry: AgendaEntry, zones: ReadonlyMap<string, string>): boolean {
  const date = zones.get(entry.timeZone);
  return date !== undefined && date >= entry.due;
}

/**
 * A last look at each zone an hour before its hours end, where the grid makes none later than `nowMs` that late: whoever
 * still waits then (a preference that came at noon, a cap that has run out) is decided today, not on the next send day.
 */
export function lastLook(
  entries: readonly AgendaEntry[],
  nowMs: number,
  spans: ReadonlyMap<string, readonly Span[]>,
): number | null {
  const looks: number[] = [];
  for (const zone of new Set(entries.map(({ timeZone }) => timeZone)))
    for (const [, toMs] of spans.get(zone) ?? []) if (toMs - LAST_LOOK_MS > nowMs) looks.push(toMs - LAST_LOOK_MS);
  return nextPass(
    entries,
    looks.sort((a, b) => a - b),
    spans,
  );
}

const LAST_LOOK_MS = HOUR_MS;

/** The first of `instants` at which one of the entries can be judged; null: none today. */
export function nextPass(
  entries: readonly AgendaEntry[],
  instants: readonly number[],
  spans: ReadonlyMap<string, readonly Span[]>,
): number | null {
  // Of each zone only the earliest due date matters.
  const dueByZone = new Map<string, string>();
  for (const { timeZone, due } of entries) if (due < (dueByZone.get(timeZone) ?? '~')) dueByZone.set(timeZone, due);
  const zones = [...dueByZone];
  const open = (at: number) =>
    zones.some(
      ([zone, due]) =>
        localDate(at, zone) >= due && (spans.get(zone) ?? []).some(([from, to]) => at >= from && at < to),
    );
  return instants.find(open) ?? null;
}

export interface PassView {
  readonly nowMs: number;
  readonly policy: Policy;
  /** As of the day's opening. */
  readonly callCentre: CallCentre;
  readonly throttle: DayThrottle;
  readonly adaptiveLeft: number;
  /** Pass instants from now on. */
  readonly instants: readonly number[];
  readonly spans: ReadonlyMap<string, readonly Span[]>;
}

/** Whom this pass takes, of entries that are judgeable and have no reason against them. */
export function choose(entries: readonly AgendaEntry[], view: PassView): AgendaEntry[] {
  const ready = entries.filter(
    (entry) => reasonToWait(entry.texts, questionOf(entry, view), localDate(view.nowMs, entry.timeZone)) === null,
  );
  const adaptive = ready
    .filter((entry) => entry.phase === 'ADAPTIVE' && entry.touch < view.policy.adaptive.touchesMax)
    .sort(byUrgency)
    .slice(0, Math.max(0, view.adaptiveLeft));
  const pool = [...ready.filter((entry) => entry.phase === 'PILOT'), ...adaptive];
  return cutByThrottle(spreadOverZones(pool, view).sort(byUrgency), view);
}

export function spacingOf(entry: Pick<AgendaEntry, 'phase'>, policy: Policy): number {
  return entry.phase === 'ADAPTIVE' ? Math.max(SPACING_DAYS, policy.adaptive.minDaysBetween) : SPACING_DAYS;
}

function questionOf(entry: AgendaEntry, view: PassView) {
  const { nowMs, policy } = view;
  return {
    nowMs,
    timeZone: entry.timeZone,
    sendWindow: policy.sendWindow,
    caps: policy.caps,
    spacingDays: spacingOf(entry, policy),
  };
}

function spreadOverZones(pool: readonly AgendaEntry[], view: PassView): AgendaEntry[] {
  const byZone = new Map<string, AgendaEntry[]>();
  for (const entry of pool) {
    const zone = byZone.get(entry.timeZone);
    if (zone) zone.push(entry);
    else byZone.set(entry.timeZone, [entry]);
  }
  return [...byZone].flatMap(([zone, entries]) => {
    const spans = view.spans.get(zone) ?? [];
    const passesLeft = view.instants.filter((at) => spans.some(([from, to]) => at >= from && at < to)).length;
    return entries.sort(byUrgency).slice(0, Math.ceil(entries.length / Math.max(1, passesLeft)));
  });
}

/** What is left goes in order of urgency; the floor opens only to a pass that finds nothing left. */
function cutByThrottle(sorted: readonly AgendaEntry[], view: PassView): AgendaEntry[] {
  if (view.throttle.left > 0) return sorted.slice(0, view.throttle.left);
  return sorted.filter((entry) => entry.tier === 1).slice(0, floorLeft(view.throttle, view.callCentre));
}

function byUrgency(a: AgendaEntry, b: AgendaEntry): number {
  return (
    urgencyClass(a) - urgencyClass(b) ||
    (urgencyClass(a) === 0 ? a.expiresAtMs - b.expiresAtMs : 0) ||
    b.priority - a.priority ||
    a.rank - b.rank
  );
}

function urgencyClass(entry: AgendaEntry): number {
  if (entry.phase === 'ADAPTIVE') return 2;
  return entry.touch > 0 ? 0 : 1;
}
