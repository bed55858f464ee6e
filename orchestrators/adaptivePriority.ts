/**
 * After the pilot: each day everyone still unbooked is ranked anew and the top of the list texted within the throttle,
 * until postPilotWeeks have passed or the campaign is cancelled. Pilot follow-ups still open run on. Ranking: domain/adaptive.ts.
 */
import type { OrchestrationHandler } from 'durable-functions';
import { liveOneTurn, type Place } from './day';

export const adaptivePriority: OrchestrationHandler = function* (context) {
  const place = context.df.getInput<Place>()!;
  // 1. Live a turn: the day re-ranks when it opens.
  const next = yield* liveOneTurn(context, place);
  // 2. Sleep is over: a new generation, or the end.
  if (next) context.df.continueAsNew(next);
};
