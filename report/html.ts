/**
 * `report.html`: one self-contained file, no scripts, nothing fetched (the page's own security policy forbids it), ids
 * and no other personal data. Says which sections there are and in what order; each is a file of `sections/`. The same
 * report gives the same bytes. At most 2 MB at any roster size: lists are capped in `sections/lists.ts`.
 */
import type { Report, WorklistRow } from '../domain/report';
import { html, trusted } from './markup';
import type { Content, Markup } from './markup';
import { bookingsSection } from './sections/bookings';
import { callsSection, daysSection } from './sections/calls';
import { effectSection } from './sections/effect';
import { headline } from './sections/headline';
import { incidentsSection, worklistSection } from './sections/lists';
import { outcomesSection } from './sections/outcomes';
import { policySection, runtimeSection } from './sections/policy';
import { refusalsSection } from './sections/refusals';
import { weeksSection } from './sections/weeks';
import { STYLE } from './style';

interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Content;
}

/** The whole file. `worklist` may be long: the first 200 rows are shown, and the count. */
export function renderReport(report: Report, worklist: readonly WorklistRow[]): string {
  const sections: Section[] = [
    { id: 'weeks', title: 'Texts against the cap', body: weeksSection(report) },
    { id: 'calls', title: 'Calls and the throttle', body: callsSection(report) },
    { id: 'bookings', title: 'Bookings over time', body: bookingsSection(report) },
    { id: 'outcomes', title: 'Outcomes by tier and wave', body: outcomesSection(report) },
    { id: 'effect', title: 'What the texts changed', body: effectSection(report) },
    { id: 'refusals', title: 'Refusals', body: refusalsSection(report) },
    { id: 'incidents', title: 'Incidents', body: incidentsSection(report) },
    { id: 'worklist', title: 'Worklist', body: worklistSection(worklist, report.policy.timeZone) },
    { id: 'days', title: 'Send days', body: daysSection(report) },
    { id: 'policy', title: 'Policy', body: policySection(report) },
    { id: 'runtime', title: 'Roster and runtime', body: runtimeSection(report) },
  ];
  return `<!doctype html>\n${page(report, worklist.length, sections)}\n`;
}

function page(report: Report, worklistRows: number, sections: readonly Section[]): Markup {
  return html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="robots" content="noindex" />
      <title>${report.campaignId}: campaign report</title>
      <style>
        ${trusted(STYLE)}
      </style>
    </head>
    <body>
      <main>
        ${headline(report, worklistRows)}
        <nav aria-label="Sections">
          <ul>
            ${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}
          </ul>
        </nav>
        ${sections.map(
          ({ id, title, body }) =>
            html`<section id="${id}" aria-labelledby="${id}-title">
              <h2 id="${id}-title">${title}</h2>
              ${body}
            </section> `,
        )}
        <footer>Made from report.json of this run. It names patients by id only.</footer>
      </main>
    </body>
  </html>`;
}
