/**
 * Where something lies on a timeline: by time, or by steps, one step an episode of the orchestrator (a week of waiting
 * then does not squeeze what happened around it, and what happened at one instant stays in order). Pure.
 */
import type { Timeline } from './shapes.js';

export type Scale = 'time' | 'steps';

export interface Axis {
  scale: Scale;
  /** in percent of the lane; null is the end */
  place(at: { ms: number; step: number } | null): number;
  ticks: { ms: number; percent: number }[];
}

const TICKS = 5;
/** in percent, before the last tick */
const TICK_ROOM = 14;

export function axisOf(scale: Scale, t: Timeline): Axis {
  return scale === 'time' ? byTime(t.from, t.to) : bySteps(t, 0, 100);
}

function byTime(from: number, to: number): Axis {
  const length = to - from;
  const at = (ms: number): number => (length > 0 ? clamp(((ms - from) / length) * 100) : 0);
  const ticks = Array.from({ length: length >= TICKS ? TICKS : 1 }, (_, i) => from + (length * i) / (TICKS - 1));
  return {
    scale: 'time',
    place: (p) => at(p === null ? to : p.ms),
    ticks: ticks.map((ms) => ({ ms, percent: at(ms) })),
  };
}

/** Steps between two places of the lane. An instance that has not ended has one more, up to now. */
function bySteps(t: Timeline, start: number, end: number): Axis {
  const last = Math.max(1, t.episodesTotal - (t.ended ? 1 : 0));
  const at = (step: number): number => start + clamp((step / last) * 100) * ((end - start) / 100);
  const every = Math.max(1, Math.ceil(t.episodes.length / TICKS));
  const ticks = t.episodes
    .map((ms, step) => ({ ms, percent: at(step) }))
    .filter(({ percent }, i) => i % every === 0 && percent < end - TICK_ROOM);
  ticks.push({ ms: t.to, percent: end });
  return { scale: 'steps', place: (p) => (p === null ? end : at(p.step)), ticks };
}

/** A child's axis: the same in time; in steps, its own steps within its parent's bar. */
export function childAxis(parent: Axis, child: Timeline, start: number, end: number): Axis {
  return parent.scale === 'time' ? parent : bySteps(child, start, end);
}

const clamp = (percent: number): number => Math.min(100, Math.max(0, percent));

/** Steps read better when waiting outweighs everything else. */
export function betterScale(t: Timeline): Scale {
  const whole = t.to - t.from;
  const thin = t.spans.filter((s) => (s.to ?? t.to) - s.from < whole / 200 || whole === 0).length;
  return thin > t.spans.length / 2 && t.episodesTotal > 1 ? 'steps' : 'time';
}
