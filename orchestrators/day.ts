/**
 * One turn in the life of a running campaign: a date begins, its day opens, or a pass is made. Shared by the pilot
 * (campaign.ts) and the adaptive weeks (adaptivePriority.ts). Each turn ends in a sleep, and each sleep in a new
 * generation, so that histories stay a dozen events long whatever the roster and the number of weeks.
 */
import type { OrchestrationContext } from 'durable-functions';
import type { CampaignStatus } from '../activities/status';
import { call } from './call';
import { gateAndSend } from './sendBatch';
import { orLeaveWaiting, sendAll } from './sendBatches';
import { nowMs, sleepUntil, type Steps } from './sleep';

export interface Place {
  readonly campaignId: string;
  readonly phase: 'PILOT' | 'ADAPTIVE';
  /** Organisation's date. */
  readonly date: string;
  readonly step: 'BEGIN' | 'OPEN' | 'PASS';
  /** Passes already made on this date. */
  readonly passes: number;
  readonly tomorrow: string;
  readonly tomorrowMs: number;
  /** `tomorrowMs` as the status tells it; null until the date has begun. */
  readonly tomorrowAt: string | null;
  /** Shown from the start of a generation: a host shows none until one is set anew. */
  readonly status: CampaignStatus;
}

type Turn =
  | { readonly kind: 'GO_ON'; readonly place: Place }
  | { readonly kind: 'SLEEP'; readonly untilMs: number; readonly place: Place; readonly ifWoken: Place }
  | { readonly kind: 'OVER' };

/** Lives until the next sleep is over. Returns where to go on; null when the phase or the campaign is over. */
export function* liveOneTurn(context: OrchestrationContext, start: Place): Steps<Place | null> {
  let turn: Turn = { kind: 'GO_ON', place: start };
  while (turn.kind === 'GO_ON') {
    context.df.setCustomStatus(turn.place.status);
    turn = yield* takeStep(context, turn.place);
  }
  if (turn.kind === 'OVER') return null;
  context.df.setCustomStatus(turn.place.status);
  const woken = yield* sleepUntil(context, turn.untilMs);
  return woken ? turn.ifWoken : turn.place;
}

function* takeStep(context: OrchestrationContext, place: Place): Steps<Turn> {
  switch (place.step) {
    case 'BEGIN':
      return yield* begin(context, place);
    case 'OPEN':
      return yield* open(context, place);
    case 'PASS':
      return yield* pass(context, place);
    default:
      return place.step satisfies never;
  }
}

/** 1. A date begins: yesterday is closed; a week that is over gives its histories back. */
function* begin(context: OrchestrationContext, place: Place): Steps<Turn> {
  const day = yield* call(context, 'beginDay', inputOf(context, place));
  if (day.ended || day.phase !== place.phase) return over(context, day.status);
  if (day.weekBegins) yield* call(context, 'purgeHistories', { campaignId: place.campaignId, beforeDate: place.date });
  const { status, tomorrow, tomorrowMs } = day;
  const today: Place = { ...place, status, tomorrow, tomorrowMs, tomorrowAt: status.nextWakeUp };
  return day.sendDay ? { kind: 'GO_ON', place: { ...today, step: 'OPEN' } } : untilTomorrow(today);
}

/** 2. The day opens: its preference file races the deadline. */
function* open(context: OrchestrationContext, before: Place): Steps<Turn> {
  const opening = yield* call(context, 'openDay', inputOf(context, before));
  const place: Place = { ...before, status: opening.status };
  switch (opening.state) {
    case 'ENDED':
      return over(context, opening.status);
    case 'WAIT':
      return { kind: 'SLEEP', untilMs: opening.untilMs, place, ifWoken: place };
    case 'MISSED':
      return untilTomorrow(place);
    case 'OPEN': {
      const first: Place = { ...place, step: 'PASS' };
      if (opening.untilMs === null) return untilTomorrow(first);
      return opening.untilMs <= nowMs(context)
        ? { kind: 'GO_ON', place: first }
        : { kind: 'SLEEP', untilMs: opening.untilMs, place: first, ifWoken: first };
    }
    default:
      return opening satisfies never;
  }
}

/** 3. A pass: judge, choose, gate, send. */
function* pass(context: OrchestrationContext, place: Place): Steps<Turn> {
  const plan = yield* call(context, 'planPass', { ...inputOf(context, place), pass: place.passes + 1 });
  context.df.setCustomStatus(plan.status);
  if (plan.ended) return over(context, plan.status);
  const { campaignId, date } = place;
  const sending = plan.only
    ? gateAndSend(context, { campaignId, date, batch: plan.batches[0]! }, plan.only)
    : sendAll(context, { campaignId, date, batches: plan.batches });
  const result = yield* orLeaveWaiting(sending);
  const waiting = plan.waiting - result.sent - result.refused;
  const status = afterSending(plan.status, result.sent, waiting);
  const after: Place = { ...place, status, passes: place.passes + (plan.made ? 1 : 0) };
  const allDone = plan.made && waiting <= 0;
  if (plan.nextMs === null || allDone || plan.nextMs >= place.tomorrowMs) return untilTomorrow(after);
  return { kind: 'SLEEP', untilMs: plan.nextMs, place: after, ifWoken: after };
}

/** 4. Nothing more today, unless a control or a file comes. */
function untilTomorrow(place: Place): Turn {
  const here: Place = { ...place, status: { ...place.status, nextWakeUp: place.tomorrowAt } };
  const next: Place = { ...here, step: 'BEGIN', date: place.tomorrow, passes: 0 };
  return { kind: 'SLEEP', untilMs: place.tomorrowMs, place: next, ifWoken: here };
}

/** What the pass planned, and what came of it. */
function afterSending(planned: CampaignStatus, sent: number, waiting: number): CampaignStatus {
  const { throttle } = planned;
  return {
    ...planned,
    sent: planned.sent + sent,
    waiting,
    throttle: throttle && { ...throttle, sent: throttle.sent + sent, left: Math.max(0, throttle.left - sent) },
  };
}

function over(context: OrchestrationContext, status: CampaignStatus): Turn {
  context.df.setCustomStatus(status);
  return { kind: 'OVER' };
}

function inputOf(context: OrchestrationContext, place: Place) {
  return { campaignId: place.campaignId, date: place.date, nowMs: nowMs(context), listener: context.df.instanceId };
}
