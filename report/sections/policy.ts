/** The policy as the campaign started, and what the run cost the Durable host. */
import type { Campaign } from '../../domain/policy';
import type { Report } from '../../domain/report';
import { number, percent, plural } from '../format';
import { html } from '../markup';
import type { Content, Markup } from '../markup';
import { numeric, table, text } from '../table';

/** More dates than this fill a page. */
const SKIP_DATES_SHOWN_MAX = 20;

export function policySection({ policy }: Report): Markup {
  return html`<p>As started; what was changed while it ran is in audit.jsonl.</p>
    ${table({ caption: 'Policy as started', captionHidden: true, columns: [text('Setting'), text('Value')], rows: policyRows(policy) })}`;
}

function policyRows(policy: Campaign): Content[][] {
  const { callCentre, caps, sendWindow, adaptive, practice, skipDates } = policy;
  const forecast = Object.entries(callCentre.baseForecast).map(([day, calls]) => `${day} ${number(calls)}`);
  const skipped =
    skipDates.slice(0, SKIP_DATES_SHOWN_MAX).join(', ') + (skipDates.length > SKIP_DATES_SHOWN_MAX ? ', …' : '');
  return [
    // Without the scheme: the report names no address that anything could fetch.
    ['Practice', `${practice.name}, ${practice.phone}, ${practice.bookingUrl.replace(/^https?:\/\//, '')}`],
    ['Starts on', `${policy.startsOn}, ${policy.timeZone}`],
    ['Pilot', `${plural(policy.weeks, 'week')}, ${percent(policy.weeklyThreshold)} of the eligible more each week`],
    [
      'Adaptive phase',
      `${plural(policy.postPilotWeeks, 'week')}, at most ${plural(adaptive.touchesMax, 'text')} a patient, ${plural(adaptive.minDaysBetween, 'day')} apart`,
    ],
    ['Send days', policy.sendDays.join(', ') + (skipped === '' ? '' : `; not on ${skipped}`)],
    ['Send window', `${sendWindow.from} to ${sendWindow.to}, by the patient's clock`],
    ['Touches', `day ${policy.touches.join(', ')} after the first`],
    ['Caps', `${number(caps.perDay)} a day, ${number(caps.perSevenDays)} in seven days`],
    [
      'Consent file',
      policy.requireFreshPreferences ? `a sound one each day by ${policy.preferencesDeadline}` : 'not required',
    ],
    [
      'Call centre',
      `${number(callCentre.capacityPerDay)} calls a day over ${plural(callCentre.hoursPerDay, 'hour')}; ${forecast.join(', ')} expected`,
    ],
    [
      'Throttle',
      `halves at over ${percent(callCentre.abandonmentMax)} abandoned or under ${percent(callCentre.serviceLevelMin)} answered in 30 s; ${number(callCentre.callsPerTextPrior, 2)} calls a text expected at first; floor ${plural(callCentre.floorPerDay, 'text')} a day`,
    ],
  ];
}

export function runtimeSection({ runtime, roster }: Report): Markup {
  const counts: [string, number][] = [
    ['Orchestration instances', runtime.instances],
    ['History events', runtime.historyEvents],
    ['Replays', runtime.replays],
    ['Storage operations', runtime.storageOperations],
  ];
  return html`<p>
      The roster had ${plural(roster.rows, 'row')}: ${number(roster.accepted)} accepted, ${number(roster.quarantined)}
      quarantined.
    </p>
    ${table({
      caption: 'Work of the Durable host',
      columns: [text('Count'), numeric('In all'), numeric('A patient')],
      rows: counts.map(([label, n]) => [label, number(n), roster.accepted === 0 ? '' : number(n / roster.accepted, 1)]),
    })}`;
}
