/**
 * Ledger rows one by one and the key of rule 6: ids, columns that follow from each other, the recipient's local time,
 * the campaign week, and the consent columns of rule 3.
 */
import { createHash } from 'node:crypto';
import type { Context } from '../context';
import type { Preference, PreferenceLog } from '../preferences';
import type { LedgerRow } from '../readOutput';
import { dateOf, daysBetween, localOf } from '../time';
import type { Report } from '../violations';

const KINDS: Record<string, string[]> = {
  ADAPTIVE: ['ADAPTIVE'],
  REPLY: ['STOP_CONFIRM', 'HELP', 'OPT_IN_CONFIRM', 'BOOKING_OFFER'],
};

export function messageIdOf(campaignId: string, patientId: string, wave: string, touch: number): string {
  return createHash('sha256').update(`${campaignId}|${patientId}|${wave}|${touch}`, 'utf8').digest('hex').slice(0, 32);
}

export function checkRows(context: Context, report: Report): void {
  const keys = new Set<string>();
  for (const row of context.output.ledger) {
    const key = `${row.campaignId}|${row.patientId}|${row.wave}|${row.touch}`;
    if (keys.has(key)) report('6', `two ledger rows for ${key}`);
    keys.add(key);
    checkRow(context, row, (rule, why) => report(rule, `ledger.csv line ${row.line} (${key}): ${why}`));
  }
}

function checkRow(context: Context, row: LedgerRow, report: Report): void {
  const { world, output } = context;
  const { campaign, zone } = world;
  const patient = world.patients.get(row.patientId);
  const listed = output.patients.get(row.patientId);
  if (!patient || !listed) return report('8', 'the patient is not an accepted one');
  if (row.campaignId !== campaign.campaignId) report('format', `campaignId ${row.campaignId}`);
  const id = messageIdOf(row.campaignId, row.patientId, row.wave, row.touch);
  if (row.messageId !== id) report('6', `messageId ${row.messageId}, expected ${id}`);
  if (row.tier !== listed['tier']) report('2', `tier ${row.tier}, patients.csv says ${listed['tier']}`);
  if (row.category !== patient.category) report('format', `category ${row.category}`);
  if (row.timeZone !== patient.timeZone) report('format', `timeZone ${row.timeZone}`);
  const kinds = KINDS[row.phase] ?? [row.touch === 0 ? 'INVITE' : 'FOLLOW_UP'];
  if (!kinds.includes(row.kind)) report('format', `kind ${row.kind} in phase ${row.phase}, touch ${row.touch}`);
  if (Number.isNaN(row.decidedAt)) return;
  const weeks = campaign.weeks + campaign.postPilotWeeks;
  const week = Math.floor(daysBetween(campaign.startsOn, dateOf(zone, row.decidedAt)) / 7) + 1;
  if (row.week !== String(Math.min(week, weeks)))
    report('format', `week ${row.week}, expected ${Math.min(week, weeks)}`);
  if (row.decidedAt < world.start || row.decidedAt > world.end) report('7', 'decided outside the campaign');
  if (row.sentAt === undefined) checkUnsent(row, report);
  else checkSent(context, row, row.sentAt, report);
  checkConsentColumns(context, row, report);
}

function checkUnsent(row: LedgerRow, report: Report): void {
  if (row.status !== 'REFUSED') report('format', `status ${row.status} without a sentAt`);
  if (row.reason === '') report('8', 'refused without a reason');
  if (row.localTime !== '') report('format', `localTime ${row.localTime} of a row that was not sent`);
  if (!['', '0', '1'].includes(row.segments)) report('format', `segments ${row.segments} of a row that was not sent`);
}

function checkSent(context: Context, row: LedgerRow, sentAt: number, report: Report): void {
  const { world } = context;
  if (row.status === 'REFUSED') report('format', 'REFUSED with a sentAt');
  if (row.reason !== '') report('format', `reason ${row.reason} of a row that was sent`);
  if (row.decidedAt > sentAt || sentAt - row.decidedAt > 60_000)
    report('format', 'decidedAt is not the moment of sending');
  const local = localOf(row.timeZone, sentAt);
  if (row.localTime !== local.time) report('4', `localTime ${row.localTime}, expected ${local.time}`);
  const isText = row.phase !== 'REPLY';
  if (isText ? row.segments !== '1' : Number(row.segments) < 1) report('format', `segments ${row.segments}`);
  const dates = [local.date, dateOf(world.zone, sentAt)];
  if (row.phase !== 'PILOT' && ![...dates, ...(isText ? [] : [''])].includes(row.plannedFor)) {
    report('format', `plannedFor ${row.plannedFor} of a row sent on ${local.date}`);
  }
  const receipts = world.receipts.get(row.messageId) ?? new Set<string>();
  const allowed = receipts.size > 0 ? [...receipts] : ['SENT'];
  if (row.status !== 'REFUSED' && !allowed.includes(row.status) && row.status !== 'UNKNOWN') {
    report('8', `status ${row.status}, by the receipts ${allowed.join(' or ')}`);
  }
}

function checkConsentColumns(context: Context, row: LedgerRow, report: Report): void {
  const { world } = context;
  const known = world.preferences(row.patientId);
  const wrong = wrongConsent(row, known.at(row.sentAt ?? row.decidedAt));
  if (wrong.length === 0) return;
  // An answer that was held up may state what was known when it was ordered.
  const repliedAt = world.answers.find(({ replyId }) => row.wave === `R${replyId}`)?.at;
  const { phone } = world.patients.get(row.patientId) ?? {};
  const isShared = phone !== undefined && world.byPhone.get(phone)!.length > 1;
  if (row.phase === 'REPLY' && repliedAt !== undefined && isOfReply(row, repliedAt, known, isShared)) return;
  for (const why of wrong) report('3', why);
}

/**
 * Two replies of one instant are handled one after the other: the answer to the first knows nothing of the second. A STOP
 * and a START know at least of themselves, and a START perhaps not of the STOP that came after it. On a shared number a START
 * may opt in another patient than the one whom its confirmation is booked to, of whom nothing new is known then.
 */
function isOfReply(row: LedgerRow, at: number, known: PreferenceLog, isShared: boolean): boolean {
  const fits = (preference: Preference): boolean => wrongConsent(row, preference).length === 0;
  if (fits(known.at(at))) return true;
  if (row.kind === 'STOP_CONFIRM') return false;
  if (row.kind !== 'OPT_IN_CONFIRM') return fits(known.at(at - 1));
  if (isShared && fits(known.at(at - 1))) return true;
  return known.at(at).effectiveAt === at && fits({ status: 'OPT_IN', effectiveAt: at, sources: ['REPLY'] });
}

/** What the consent columns say that `known` does not. */
function wrongConsent(row: LedgerRow, known: Preference): string[] {
  if (row.consentStatus !== known.status) return [`consentStatus ${row.consentStatus}, known then ${known.status}`];
  if (known.status === 'UNKNOWN')
    return row.consentSource !== '' || row.consentAt !== undefined ? ['consent columns of UNKNOWN are not empty'] : [];
  const wrong: string[] = [];
  if (!known.sources.includes(row.consentSource))
    wrong.push(`consentSource ${row.consentSource}, expected ${known.sources.join(' or ')}`);
  const whole = Math.floor(known.effectiveAt / 1000) * 1000;
  if (row.consentAt !== whole)
    wrong.push(
      `consentAt ${row.consentAt && new Date(row.consentAt).toISOString()}, expected ${new Date(whole).toISOString()}`,
    );
  return wrong;
}
