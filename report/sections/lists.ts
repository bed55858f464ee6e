/**
 * What a person has to look at: incidents by type, and the worklist. Both capped, so that the page stays small at any
 * roster size; the whole lists are in report.json and worklist.csv.
 */
import type { Incident, Report, WorklistRow } from '../../domain/report';
import { instant, labelOf, number, plural, WORKLIST_LABELS } from '../format';
import { html } from '../markup';
import type { Markup } from '../markup';
import { details, numeric, table, text } from '../table';

/** As the issue asks. */
export const WORKLIST_SHOWN_MAX = 200;
export const INCIDENTS_SHOWN_MAX = 50;
const INCIDENT_TYPES_SHOWN_MAX = 50;
/** A detail is a sentence; what is longer is cut here and whole in report.json. */
const DETAIL_LENGTH_MAX = 300;

export function incidentsSection({ incidents, policy }: Report): Markup {
  if (incidents.length === 0) return html`<p>No incident.</p>`;
  const byType = new Map<string, Incident[]>();
  for (const incident of incidents) byType.set(incident.type, [...(byType.get(incident.type) ?? []), incident]);
  const shown = incidents.slice(0, INCIDENTS_SHOWN_MAX);
  return html`${table({
    caption: `${plural(incidents.length, 'incident')} by type. Times in ${policy.timeZone}.`,
    columns: [text('Type'), numeric('Count'), text('First'), text('Last')],
    rows: [...byType]
      .slice(0, INCIDENT_TYPES_SHOWN_MAX)
      .map(([type, of]) => [
        html`<code>${cut(type)}</code>`,
        number(of.length),
        html`<span class="date">${instant(of[0]!.at)}</span>`,
        html`<span class="date">${instant(of[of.length - 1]!.at)}</span>`,
      ]),
  })}
  ${details(
    shown.length < incidents.length ? `The first ${shown.length} of ${number(incidents.length)}` : 'Every incident',
    table({
      caption: 'Incidents',
      captionHidden: true,
      tall: true,
      columns: [text('At'), text('Type'), text('Detail')],
      rows: shown.map(({ at, type, detail }) => [
        html`<span class="date">${instant(at)}</span>`,
        html`<code>${cut(type)}</code>`,
        cut(detail),
      ]),
    }),
    true,
  )}`;
}

function cut(detail: string): string {
  return detail.length <= DETAIL_LENGTH_MAX ? detail : `${detail.slice(0, DETAIL_LENGTH_MAX)}…`;
}

export function worklistSection(worklist: readonly WorklistRow[], zone: string): Markup {
  if (worklist.length === 0) return html`<p>Nobody is waiting for a person.</p>`;
  const counts = new Map<string, number>();
  for (const { reason } of worklist) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const shown = worklist.slice(0, WORKLIST_SHOWN_MAX);
  return html`<ul class="counts">
      ${[...counts].map(([reason, n]) => html`<li><strong>${number(n)}</strong> ${labelOf(WORKLIST_LABELS, reason)}</li>`)}
    </ul>
    ${table({
      caption:
        shown.length < worklist.length
          ? `The first ${shown.length} of ${number(worklist.length)} rows; all are in worklist.csv. Times in ${zone}.`
          : `${plural(worklist.length, 'row')}. Times in ${zone}.`,
      tall: true,
      columns: [text('Patient'), numeric('Tier'), text('Reason'), text('Since')],
      rows: shown.map((row) => [
        html`<code>${row.patientId}</code>`,
        `${row.tier}`,
        labelOf(WORKLIST_LABELS, row.reason),
        html`<span class="date">${instant(row.since)}</span>`,
      ]),
    })}`;
}
