/** What a run says when it is over: for a person, or as one JSON object on stdout. Counts and paths only. */
import path from 'node:path';
import type { Report, WorklistRow } from '../domain/report';

export interface Summary {
  readonly campaignId: string;
  readonly endState: string;
  readonly out: string;
  readonly report: string;
  readonly patients: number;
  readonly admitted: number;
  readonly texts: number;
  readonly outcomes: Report['outcomes'];
  readonly worklist: number;
  readonly incidents: number;
  readonly runtime: Report['runtime'];
}

export function summaryOf(report: Report, worklist: readonly WorklistRow[], out: string): Summary {
  return {
    campaignId: report.campaignId,
    endState: report.endState,
    out,
    report: path.join(out, 'report.html'),
    patients: report.roster.accepted,
    admitted: report.weeks.at(-1)?.admittedCumulative ?? 0,
    texts: report.days.reduce((sum, day) => sum + day.sent, 0),
    outcomes: report.outcomes,
    worklist: worklist.length,
    incidents: report.incidents.length,
    runtime: report.runtime,
  };
}

export function summaryText(summary: Summary): string {
  const outcomes = Object.entries(summary.outcomes)
    .map(([outcome, n]) => `${outcome.toLowerCase().replaceAll('_', ' ')} ${n}`)
    .join(', ');
  return [
    `${summary.campaignId} ${summary.endState.toLowerCase()}: ${summary.patients} patients, ${summary.admitted} admitted, ${summary.texts} texts`,
    `  outcomes   ${outcomes}`,
    `  for people ${summary.worklist} on the worklist, ${summary.incidents} incidents`,
    `  report     ${summary.report}`,
    '',
  ].join('\n');
}
