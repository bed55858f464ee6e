/** What became of each patient: the first in the order of formats.md that holds at the end. */
import { statusOf } from '../domain/consent';
import type { Outreach } from '../domain/outreach';
import type { Outcome } from '../domain/report';
import type { PersonRow, Progress } from '../services/rows';
import type { SettledRow } from './outputs';

export interface TextCount {
  readonly sent: number;
  readonly undelivered: number;
}

/** Texts (answers are none) by patient; only patients with at least one. */
export function textedOf(ledger: readonly SettledRow[]): Map<string, TextCount> {
  const counts = new Map<string, TextCount>();
  for (const row of ledger) {
    if (row.sentAtMs === null || row.phase === 'REPLY') continue;
    const { sent, undelivered } = counts.get(row.patientId) ?? { sent: 0, undelivered: 0 };
    counts.set(row.patientId, { sent: sent + 1, undelivered: undelivered + Number(row.status === 'UNDELIVERED') });
  }
  return counts;
}

/** The counts of the status, from what they count: those kept on the way miss what a crash cut off. */
export function progressOf(ledger: readonly SettledRow[], outreach: readonly Outreach[]): Progress {
  const texts = ledger.filter((row) => row.phase !== 'REPLY' && row.sentAtMs !== null);
  const refused: Progress['refused'] = {};
  for (const { reason } of ledger) if (reason !== null) refused[reason] = (refused[reason] ?? 0) + 1;
  return {
    admitted: outreach.filter(({ wave }) => wave !== null).length,
    sent: texts.length,
    delivered: texts.filter(({ status }) => status === 'DELIVERED').length,
    undelivered: texts.filter(({ status }) => status === 'UNDELIVERED').length,
    refused,
    optedOut: outreach.filter(({ preference }) => preference?.status === 'OPT_OUT').length,
    booked: outreach.filter(({ booked }) => booked).length,
  };
}

/** `[startMs, endedAtMs]`: of the campaign. */
export interface Span {
  readonly startMs: number;
  readonly endedAtMs: number;
}

/** People go on being told of after the end, which may be worked on late. */
export function attendedWithin(person: PersonRow | undefined, { startMs, endedAtMs }: Span): boolean {
  const isWithin = (atMs: number | null | undefined) => atMs != null && atMs >= startMs && atMs <= endedAtMs;
  const visits = Object.values(person?.appointments ?? {}).filter(({ status }) => status === 'ATTENDED');
  return isWithin(person?.attendedAtMs) || visits.some(({ changedAtMs }) => isWithin(changedAtMs));
}

/** `outreach`: as of the end. */
export function outcomeOf(
  outreach: Outreach,
  person: PersonRow | undefined,
  texts: TextCount | undefined,
  span: Span,
): Outcome {
  const appointments = Object.values(person?.appointments ?? {});
  const { booked } = outreach;
  const preference = statusOf(outreach.preference);
  if (attendedWithin(person, span)) return 'ATTENDED';
  if (!booked && appointments.some((a) => a.status === 'MISSED')) return 'MISSED';
  if (booked) return 'BOOKED';
  if (preference === 'OPT_OUT') return 'OPTED_OUT';
  if (preference === 'UNKNOWN') return 'NO_CONSENT';
  if (texts && texts.undelivered === texts.sent) return 'UNREACHABLE';
  if (outreach.handedSince !== null) return 'HANDED_TO_CALL';
  return texts ? 'NO_RESPONSE' : 'NOT_REACHED';
}
