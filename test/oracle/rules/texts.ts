/**
 * Every PILOT and ADAPTIVE text against rules 3, 4, 5, 7 and 9: consent known at that instant, hours and calendars, an
 * open day, caps, pauses, bookings, dead numbers.
 */
import type { Context } from '../context';
import { cappedBy, closedBecause } from '../judge';
import type { Report } from '../violations';

const RULE_OF_REASON: Record<string, string> = { BOOKED: '7', OPTED_OUT: '3', NO_CONSENT: '3', NO_MOBILE: '8' };

export function checkTexts(context: Context, report: Report): void {
  const { world } = context;
  for (const row of world.texts) {
    const patient = world.patients.get(row.patientId);
    const sentAt = row.sentAt as number;
    if (!patient) continue;
    const say = (rule: string, why: string): void =>
      report(
        rule,
        `${row.phase} text ${row.patientId} wave ${row.wave} touch ${row.touch} at ${new Date(sentAt).toISOString()}: ${why}`,
      );
    if (sentAt >= world.end) say('7', 'at or after the end of the campaign');
    const closed = closedBecause(context, patient, sentAt);
    if (closed) say(closed.rule, closed.why);
    const reason = world.reasonAgainst(patient, sentAt);
    if (reason) say(RULE_OF_REASON[reason] as string, `sent although ${reason}`);
    const capped = cappedBy(context, patient, sentAt, row);
    if (capped) say('5', capped);
  }
}
