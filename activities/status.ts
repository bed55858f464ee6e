/** The custom status: what a person watching a campaign wants to know, by counts only; far under 16 KB at any roster size. */
import { isoInZone } from '../domain/calendar';
import type { Campaign } from '../domain/policy';
import { pilotEndDate, weekOfDate } from '../domain/schedule';
import type { Books, Control, DayRow } from '../services/rows';

export interface CampaignStatus {
  readonly phase: 'WAITING' | 'PILOT' | 'ADAPTIVE' | 'ENDED';
  readonly week: number;
  readonly day: string;
  readonly paused: boolean;
  readonly admitted: number;
  readonly sent: number;
  readonly delivered: number;
  readonly undelivered: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly optedOut: number;
  readonly booked: number;
  /** Patients on today's agenda who have not been texted or refused yet. */
  readonly waiting: number;
  readonly throttle: {
    readonly budget: number;
    readonly left: number;
    readonly sent: number;
    readonly halvings: number;
    readonly callRate: number;
  } | null;
  readonly calls: { readonly offered: number; readonly capacity: number } | null;
  readonly nextWakeUp: string | null;
}

export interface StatusView {
  readonly campaign: Campaign;
  readonly control: Control;
  readonly books: Books;
  readonly date: string;
  readonly day?: DayRow | null;
  readonly waiting?: number;
  readonly offered?: number;
  readonly nextWakeUpMs?: number | null;
}

export function statusOf(view: StatusView): CampaignStatus {
  const { campaign, control, books, date, day } = view;
  const { progress } = books;
  const open = day && day.openedAtMs !== null ? day : null;
  const throttle = open && {
    budget: open.throttle.budget,
    left: open.throttle.left,
    sent: open.throttle.sent,
    halvings: open.throttle.halvings,
    callRate: open.callRate,
  };
  return {
    phase: date < pilotEndDate(campaign) ? 'PILOT' : 'ADAPTIVE',
    week: weekOfDate(date, campaign),
    day: date,
    paused: control.paused,
    ...progress,
    waiting: view.waiting ?? 0,
    throttle,
    calls: day ? { offered: view.offered ?? 0, capacity: day.callCentre.capacityPerDay } : null,
    nextWakeUp: view.nextWakeUpMs ? isoInZone(view.nextWakeUpMs, campaign.timeZone) : null,
  };
}
