/**
 * Draws the report of a campaign in which next to nothing happened, and forgets it: whoever has a moment to spare before
 * the real one is due takes the slow first run of the page's code and of the charting library out of its way.
 */
import { addDays, isoInZone } from '../domain/calendar';
import { evaluate } from '../domain/evaluation';
import type { Campaign } from '../domain/policy';
import type { DayReport, PatientOutcome, Report, WeekReport } from '../domain/report';
import { endDate, startsAtMs } from '../domain/schedule';
import { renderReport } from './html';

const PATIENTS: readonly PatientOutcome[] = ([1, 2, 3] as const).map((tier) => ({
  ...{ patientId: `W${tier}`, tier, category: 'SERIOUS', score: 50, band: 5, rank: tier, wave: tier },
  ...{ touchesSent: 1, preference: 'OPT_IN', booked: false, attended: false, outcome: 'NO_RESPONSE' },
}));

export function warmUp(campaign: Campaign): void {
  const { campaignId, seed, startsOn, timeZone, callCentre } = campaign;
  const startedAt = isoInZone(startsAtMs(campaign), timeZone);
  const weeks = [1, 2].map((week): WeekReport => ({
    ...{ week, startsAt: startedAt, eligible: 3, capCumulative: week, wave: week, admittedCumulative: week },
    ...{ textedCumulative: week, booked: 0, optedOut: 0, carriedOver: 0 },
  }));
  const days = [0, 1, 2].map((day): DayReport => ({
    ...{ date: addDays(startsOn, day), preferences: 'TAKEN', forecastCalls: 10, callRate: 0.1, budget: 5, sent: 1 },
    ...{ refused: { BOOKED: 1 }, halvings: day, offered: 9, abandoned: 0 },
  }));
  const evaluation = evaluate({
    ...{ patients: PATIENTS, weeks, days, zone: timeZone, startsOn, endsOn: addDays(endDate(campaign), -1) },
    bookings: [{ patientId: 'W1', tier: 1, bookedAtMs: startsAtMs(campaign) + 1, channel: 'link' }],
    texted: new Set(['W1', 'W2', 'W3']),
    eligibleAtStart: new Set(['W1', 'W2', 'W3']),
    capacityPerDay: callCentre.capacityPerDay,
  });
  const report: Report = {
    ...{
      campaignId,
      seed,
      startedAt,
      endedAt: startedAt,
      endState: 'COMPLETED',
      policy: campaign,
      weeks,
      days,
      evaluation,
    },
    roster: { rows: 3, accepted: 3, quarantined: 0 },
    outcomes: { NO_RESPONSE: 3 },
    incidents: [{ at: startedAt, type: 'UNKNOWN_EVENT', detail: 'none' }],
    runtime: { instances: 0, historyEvents: 0, replays: 0, storageOperations: 0 },
  };
  renderReport(report, [{ patientId: 'W1', tier: 1, reason: 'INBOX', since: startedAt }]);
}
