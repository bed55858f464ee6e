/**
 * Roster rows whose dates turn out to lie after `startsOn`, which is known only when the campaign starts: they are
 * quarantined then, and no longer part of it. Rows that were quarantined before for something else are looked at too, since
 * every problem of a row is listed.
 */
import { isDate } from '../domain/calendar';
import type { Campaign } from '../domain/policy';
import { isId, lateDates, type RosterPatient } from '../domain/roster';
import { readCsv } from '../services/csv';
import { ROSTER_FILE } from '../services/rosterFile';
import type { QuarantineRow, RosterInfo } from '../services/rows';
import type { Services } from '../services/services';
import { quarantine } from './journal';
import { withdraw } from './takeRoster';

/** `roster`: the rows accepted so far. */
export async function quarantineLate(
  services: Services,
  campaign: Campaign,
  info: RosterInfo,
  roster: readonly RosterPatient[],
): Promise<void> {
  const { campaignId, startsOn } = campaign;
  const late = roster.filter((patient) => lateDates(patient, startsOn).length > 0);
  if (late.length === 0 && info.latestOfBad <= startsOn) return;
  const csv = (await services.blobs.get(`rosters/${campaignId}.csv`)) ?? '';
  await quarantine(services, campaignId, lateRows(csv, startsOn, info.datesUpTo));
  await withdraw(services, campaignId, new Set(late.map((patient) => patient.patientId)));
}

/** What lies after `datesUpTo` was quarantined when the roster came. */
function lateRows(text: string, startsOn: string, datesUpTo: string): QuarantineRow[] {
  const csv = readCsv(text);
  if ('error' in csv) return [];
  const at = (column: string) => csv.header.indexOf(column);
  const [idAt, birthDateAt, lastPcpVisitAt] = [at('patientId'), at('birthDate'), at('lastPcpVisit')];
  const dateIn = (field = '') => (isDate(field) && field <= datesUpTo ? field : '');
  return csv.records.flatMap(({ line, fields }) => {
    if (fields.length !== csv.header.length) return [];
    const dates = { birthDate: dateIn(fields[birthDateAt]), lastPcpVisit: dateIn(fields[lastPcpVisitAt]) };
    const patientId = isId(fields[idAt] ?? '') ? fields[idAt]! : '';
    return lateDates(dates, startsOn).map((problem) => ({ source: ROSTER_FILE, line, patientId, ...problem }));
  });
}
