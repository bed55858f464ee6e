/** An open day whose call spells are judged, on services whose clock the intervals move. */
import { afterIntervals } from '../../activities/fold';
import { arriving, intervalsBetween } from '../../activities/takeIntervals';
import type { CallInterval } from '../../domain/input';
import { parseCampaign } from '../../domain/policy';
import { openThrottle } from '../../domain/throttle';
import { createMemoryServices } from '../../services/memory/services';
import type { DayRow } from '../../services/rows';
import { january } from './harness';

const ms = (time: string) => Date.parse(january(5, time));
const { callCentre } = parseCampaign({ campaignId: 'c', startsOn: '2026-01-05' });

export function spells() {
  let nowMs = ms('08:00');
  const services = { ...createMemoryServices(), clock: { now: () => nowMs } };
  /** A spell of its own, of the instant `at`, that arrives at `told` and is not stored yet. */
  const arrived = (told: string, at: string, answeredWithin30s: number) => {
    nowMs = ms(told);
    const interval: CallInterval = {
      ...{ type: 'call.interval', at: january(5, at), from: january(5, '09:00'), to: january(5, '09:30') },
      ...{ offered: 30, answered: 30, answeredWithin30s, abandoned: 0, abandonedWithin10s: 0 },
    };
    return arriving(services, [interval]);
  };
  const day = {
    ...({ openedAtMs: ms('08:00'), callCentre, intervalCursor: '' } as DayRow),
    throttle: { ...openThrottle(100), left: 40 },
  };
  const judge = async (row: DayRow, until: string) =>
    afterIntervals(row, await intervalsBetween(services, ms('00:00'), ms(until) + 1));
  return { services, arrived, judge, day };
}
