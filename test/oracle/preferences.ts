/**
 * Consent of one patient over time: every statement known so far, the newest `effectiveAt` deciding and a tie going to
 * opt-out. Nothing known is UNKNOWN, which is not consent.
 */
import { Timeline } from './timeline';

export type Status = 'OPT_IN' | 'OPT_OUT' | 'UNKNOWN';

export interface Preference {
  status: Status;
  sources: string[];
  effectiveAt: number;
}

export const NOTHING_KNOWN: Preference = { status: 'UNKNOWN', sources: [], effectiveAt: -Infinity };

export class PreferenceLog {
  readonly timeline: Timeline<Preference> = new Timeline(NOTHING_KNOWN);
  readonly changedBy: { at: number; source: string; before: Status; after: Status }[] = [];

  /** Takes a statement in at `knownAt`; statements must come in the order in which they become known. */
  add(knownAt: number, status: Status, source: string, effectiveAt: number): void {
    const now = this.timeline.last;
    if (status === 'UNKNOWN' || effectiveAt < now.effectiveAt) return;
    let next: Preference = { status, sources: [source], effectiveAt };
    if (effectiveAt === now.effectiveAt) {
      if (now.status === 'OPT_OUT' && status === 'OPT_IN') return;
      if (now.status === status) next = { ...now, sources: [...new Set([...now.sources, source])] };
    }
    if (now.status !== status) this.changedBy.push({ at: knownAt, source, before: now.status, after: status });
    this.timeline.set(knownAt, next);
  }

  at(instant: number): Preference {
    return this.timeline.at(instant);
  }

  get last(): Preference {
    return this.timeline.last;
  }
}
