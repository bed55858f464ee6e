/**
 * The campaign's outputs as files (formats.md, "Out"), written to blobs under `outputs/<campaignId>/`. The counts of the
 * host's own work (`runtime`) are zero here: only whoever runs the host knows them.
 */
import { isoInZone, localDate, localTime, startOfDate } from '../domain/calendar';
import { statusOf as consentStatusOf } from '../domain/consent';
import { evaluate } from '../domain/evaluation';
import type { Outreach } from '../domain/outreach';
import type { BookingFact, Incident, PatientOutcome, Report, WorklistRow } from '../domain/report';
import { startsAtMs, weekOf } from '../domain/schedule';
import { writeCsv } from '../services/csv';
import { EVERYWHERE, type LedgerRow, type PersonRow, type Progress } from '../services/rows';
import type { Services } from '../services/services';
import { allRows, type Row } from '../services/tables';
import type { CampaignContext } from './context';
import { forEveryone } from './docs';
import { getPeople } from './people';
import { attendedWithin, outcomeOf, progressOf, textedOf, type TextCount } from './outcomes';
import { daysReport, weeksReport } from './periods';

export interface Ended extends CampaignContext {
  readonly endState: 'COMPLETED' | 'CANCELLED';
  readonly endedAtMs: number;
}

/** A ledger row with what its receipts said. */
export type SettledRow = Omit<LedgerRow, 'status'> & {
  readonly status: LedgerRow['status'] | 'DELIVERED' | 'UNDELIVERED';
};

/** Everything the outputs are made of, read once. */
export interface Gathered extends Ended {
  /** In the order of the output. */
  readonly ledger: readonly SettledRow[];
  readonly outreach: readonly Outreach[];
  readonly people: ReadonlyMap<string, PersonRow>;
  readonly texted: ReadonlyMap<string, TextCount>;
}

const LEDGER_COLUMNS =
  'messageId,campaignId,patientId,tier,category,phase,kind,week,wave,touch,plannedFor,decidedAt,sentAt,localTime,timeZone,consentStatus,consentSource,consentAt,status,reason,segments'.split(
    ',',
  );
const PATIENT_COLUMNS =
  'patientId,tier,category,score,band,rank,wave,touchesSent,preference,booked,attended,outcome'.split(',');
const WORKLIST_COLUMNS = ['patientId', 'tier', 'reason', 'since'];
const QUARANTINE_COLUMNS = ['source', 'line', 'patientId', 'field', 'reason'];

/** Returns the prefix of the blobs written, and the counts of what they say. */
export async function writeOutputs(services: Services, ended: Ended): Promise<{ prefix: string; progress: Progress }> {
  const { campaignId } = ended.campaign;
  const gathered = await gather(services, ended);
  const worklist = await worklistRows(services, gathered);
  const patients = patientRows(gathered);
  const prefix = `outputs/${campaignId}/`;
  const put = (name: string, content: string) => services.blobs.put(prefix + name, content);
  await put(
    'ledger.csv',
    writeCsv(
      LEDGER_COLUMNS,
      gathered.ledger.map((row) => ledgerLine(row, ended)),
    ),
  );
  await put('patients.csv', writeCsv(PATIENT_COLUMNS, patients));
  await put('worklist.csv', writeCsv(WORKLIST_COLUMNS, worklist));
  await put('quarantine.csv', writeCsv(QUARANTINE_COLUMNS, await quarantineRows(services, campaignId)));
  await put('audit.jsonl', await auditLines(services, ended));
  await put('report.json', `${JSON.stringify(await reportOf(services, gathered, patients), null, 2)}\n`);
  return { prefix, progress: progressOf(gathered.ledger, gathered.outreach) };
}

async function gather(services: Services, ended: Ended): Promise<Gathered> {
  const { campaignId } = ended.campaign;
  const receipts = new Map<string, 'DELIVERED' | 'UNDELIVERED'>();
  for await (const page of services.store.messages.pages({}))
    for (const { rk, value } of page)
      if (value.receipt && value.campaignId === campaignId) receipts.set(rk, value.receipt);
  const ledger: SettledRow[] = [];
  for await (const page of services.store.ledger.pages({ pkPrefix: `${campaignId}|` }))
    for (const { value } of page)
      // What was refused did not leave, whatever a receipt says.
      ledger.push(
        value.status === 'REFUSED' ? value : { ...value, status: receipts.get(value.messageId) ?? value.status },
      );
  ledger.sort(
    (a, b) =>
      a.decidedAtMs - b.decidedAtMs ||
      compareText(a.patientId, b.patientId) ||
      compareText(a.wave, b.wave) ||
      a.touch - b.touch,
  );
  const outreach: Outreach[] = [];
  await forEveryone(services, campaignId, (one) => void outreach.push(one));
  outreach.sort((a, b) => a.rank - b.rank);
  const people = await getPeople(services, new Set(outreach.map((one) => one.patientId)));
  return { ...ended, ledger, outreach, people, texted: textedOf(ledger) };
}

function ledgerLine(row: SettledRow, { campaign }: Ended) {
  const iso = (atMs: number | null | undefined) => (atMs == null ? '' : isoInZone(atMs, campaign.timeZone));
  return {
    ...row,
    week: weekOf(row.decidedAtMs, campaign),
    plannedFor: row.plannedFor ?? '',
    decidedAt: iso(row.decidedAtMs),
    sentAt: iso(row.sentAtMs),
    localTime: row.sentAtMs === null ? '' : localTime(row.sentAtMs, row.timeZone),
    consentStatus: consentStatusOf(row.consent),
    consentSource: row.consent?.source ?? '',
    consentAt: iso(row.consent?.effectiveAtMs),
    status: row.status === 'RESERVED' ? 'UNKNOWN' : row.status,
    reason: row.reason ?? '',
  };
}

function patientRows(gathered: Gathered): PatientOutcome[] {
  const span = { startMs: startsAtMs(gathered.campaign), endedAtMs: gathered.endedAtMs };
  return gathered.outreach.map((one) => {
    const person = gathered.people.get(one.patientId);
    const { patientId, tier, category, score, band, rank, wave } = one;
    return {
      ...{ patientId, tier, category, score, band, rank, wave },
      touchesSent: gathered.texted.get(patientId)?.sent ?? 0,
      preference: consentStatusOf(one.preference),
      booked: one.booked,
      attended: attendedWithin(person, span),
      outcome: outcomeOf(one, person, gathered.texted.get(patientId), span),
    };
  });
}

async function worklistRows(services: Services, gathered: Gathered): Promise<WorklistRow[]> {
  const { campaign, outreach, ledger, endedAtMs } = gathered;
  const iso = (atMs: number) => isoInZone(atMs, campaign.timeZone);
  const inbox = (await allRows(services.store.inbox, { pk: campaign.campaignId }))
    .map(({ value }) => value)
    .filter((row) => row.atMs <= endedAtMs);
  const rows: WorklistRow[] = [
    ...outreach.flatMap(({ patientId, tier, handedSince }) =>
      handedSince === null
        ? []
        : [
            {
              patientId,
              tier,
              reason: 'CRITICAL_NO_RESPONSE' as const,
              since: iso(startOfDate(handedSince, campaign.timeZone)),
            },
          ],
    ),
    ...inbox.map(({ patientId, tier, atMs }) => ({ patientId, tier, reason: 'INBOX' as const, since: iso(atMs) })),
    ...ledger
      .filter((row) => row.status === 'RESERVED' || row.status === 'UNKNOWN')
      .map(({ patientId, tier, decidedAtMs }) => ({
        patientId,
        tier,
        reason: 'SEND_UNKNOWN' as const,
        since: iso(decidedAtMs),
      })),
  ];
  const at = new Map(rows.map((row) => [row.since, Date.parse(row.since)]));
  return rows.sort(
    (a, b) =>
      at.get(a.since)! - at.get(b.since)! || compareText(a.patientId, b.patientId) || compareText(a.reason, b.reason),
  );
}

async function quarantineRows(services: Services, campaignId: string) {
  const own = await allRows(services.store.quarantine, { pk: campaignId });
  const shared = await allRows(services.store.quarantine, { pk: EVERYWHERE });
  return [...own, ...shared].map(({ value }) => value);
}

async function auditLines(services: Services, ended: Ended): Promise<string> {
  const { campaign } = ended;
  const own = await allRows(services.store.audit, { pk: campaign.campaignId });
  const shared = (await allRows(services.store.audit, { pk: EVERYWHERE })).filter(
    ({ value }) => value.atMs >= startsAtMs(campaign) && value.atMs <= ended.endedAtMs,
  );
  return inOrder([...own, ...shared])
    .map(
      ({ atMs, actor, action, target, detail }) =>
        `${JSON.stringify({ at: isoInZone(atMs, campaign.timeZone), actor, action, target, detail })}\n`,
    )
    .join('');
}

async function incidents(services: Services, ended: Ended): Promise<Incident[]> {
  const { campaign } = ended;
  const own = await allRows(services.store.incidents, { pk: campaign.campaignId });
  const shared = (await allRows(services.store.incidents, { pk: EVERYWHERE })).filter(
    ({ value }) => value.atMs >= startsAtMs(campaign) && value.atMs <= ended.endedAtMs,
  );
  return inOrder([...own, ...shared]).map(({ atMs, type, detail }) => ({
    at: isoInZone(atMs, campaign.timeZone),
    type,
    detail,
  }));
}

async function reportOf(services: Services, gathered: Gathered, patients: readonly PatientOutcome[]): Promise<Report> {
  const { campaign, endState, endedAtMs, roster, outreach } = gathered;
  const weeks = await weeksReport(services, gathered);
  const days = await daysReport(services, gathered);
  const outcomes: Report['outcomes'] = {};
  for (const { outcome } of patients) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  const evaluation = evaluate({
    patients,
    bookings: bookingFacts(gathered),
    weeks,
    days,
    texted: new Set(gathered.texted.keys()),
    eligibleAtStart: new Set(
      outreach.filter((one) => one.wave !== null || one.preference?.status === 'OPT_IN').map((one) => one.patientId),
    ),
    capacityPerDay: campaign.callCentre.capacityPerDay,
    zone: campaign.timeZone,
    startsOn: campaign.startsOn,
    endsOn: maxText(campaign.startsOn, localDate(endedAtMs - 1, campaign.timeZone)),
  });
  return {
    campaignId: campaign.campaignId,
    seed: campaign.seed,
    startedAt: isoInZone(startsAtMs(campaign), campaign.timeZone),
    endedAt: isoInZone(endedAtMs, campaign.timeZone),
    endState,
    policy: campaign,
    roster: { rows: roster.rows, accepted: roster.accepted, quarantined: roster.quarantined },
    weeks,
    days,
    outcomes,
    incidents: await incidents(services, gathered),
    evaluation,
    runtime: {
      instances: 0,
      historyEvents: 0,
      replays: 0,
      storageOperations: services.tables.operations() + services.blobs.operations(),
    },
  };
}

/** Bookings known between the campaign's start and its end. */
function bookingFacts(gathered: Gathered): BookingFact[] {
  const startMs = startsAtMs(gathered.campaign);
  return gathered.outreach
    .flatMap(({ patientId, tier }) =>
      (gathered.people.get(patientId)?.bookings ?? []).map(({ atMs, channel }) => ({
        patientId,
        tier,
        bookedAtMs: atMs,
        channel,
      })),
    )
    .filter(({ bookedAtMs }) => bookedAtMs >= startMs && bookedAtMs <= gathered.endedAtMs)
    .sort((a, b) => a.bookedAtMs - b.bookedAtMs || compareText(a.patientId, b.patientId));
}

/** Rows of several partitions in order of time: their row keys are time keys. */
function inOrder<T>(rows: readonly Row<T>[]): T[] {
  return [...rows].sort((a, b) => compareText(a.rk, b.rk)).map(({ value }) => value);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function maxText(a: string, b: string): string {
  return a > b ? a : b;
}
