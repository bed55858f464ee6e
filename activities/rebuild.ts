/**
 * Rebuilds what was damaged or lost of one campaign from its entities and events: ledger rows, and the projections that
 * stand beside the entities. Bucket by bucket while the campaign goes on, and as often as one likes: a missing row is
 * inserted, a wrong one is replaced if nobody changed it meanwhile, and one that nobody accounts for is told, not deleted.
 */
import { bucketName, ONLY, outreachPk } from '../services/rows';
import type { PatientState } from '../domain/patient';
import type { Outreach } from '../domain/outreach';
import type { Services } from '../services/services';
import { allRows } from '../services/tables';
import { audit } from './journal';
import { Findings, type RebuildReport } from './rebuildFindings';
import { gatherEvents } from './rebuildEvents';
import { rebuildLedger, type Case } from './rebuildLedger';
import { rebuildNumbers, rebuildPeople } from './rebuildPeople';

export const PARTS = ['ledger', 'people', 'all'] as const;

export interface RebuildRequest {
  readonly campaignId: string;
  readonly what: (typeof PARTS)[number];
  /** Nothing is written. */
  readonly dryRun: boolean;
  /** The first bucket; absent: 0. */
  readonly from?: number;
}

/** Reads the entity of a patient; null: there is none. */
export type ReadPatient = (patientId: string) => Promise<PatientState | null>;

/** Buckets (of about 100 patients) of one call: well under the 230 s that Azure gives an answer. */
const BUCKETS_PER_CALL = 20;
/** Entities read at once. */
const READS_AT_ONCE = 16;

/** Null: no such campaign. `next` of the report: more buckets are left, from that one on. */
export async function rebuild(
  services: Services,
  readPatient: ReadPatient,
  request: RebuildRequest,
): Promise<RebuildReport | null> {
  const { campaignId, what, dryRun, from = 0 } = request;
  const campaign = await services.store.definitions.get(campaignId, ONLY);
  const roster = await services.store.rosters.get(campaignId, ONLY);
  if (!campaign || !roster) return null;
  const nowMs = services.clock.now();
  const findings = new Findings(dryRun, nowMs);
  const events = await gatherEvents(services, campaignId);
  const until = Math.min(roster.buckets, from + BUCKETS_PER_CALL);
  for (let bucket = from; bucket < until; bucket += 1) {
    const pk = outreachPk(campaignId, bucketName(bucket));
    // The ledger first: what it shows was granted before, so that the entity, read later, knows of it.
    const ledger = await allRows(services.store.ledger, { pk });
    const cases = await readCases(services, readPatient, pk);
    const repaired = await rebuildLedger(
      { services, campaign, events, findings, pk, write: what !== 'people' },
      ledger,
      cases,
    );
    if (what === 'ledger') continue;
    await rebuildPeople(services, campaign, events, findings, repaired);
    await rebuildNumbers(services, findings, repaired);
  }
  if (from === 0 && what !== 'ledger') await tellLost(services, campaignId, roster.accepted, findings);
  const report = findings.report(until < roster.buckets ? until : null);
  if (!dryRun)
    await audit(services, campaignId, {
      atMs: nowMs,
      actor: 'system',
      action: 'ledger.rebuilt',
      target: campaignId,
      detail: `${what}, buckets ${from} to ${until - 1}: checked ${report.checked}, inserted ${report.inserted}, replaced ${report.replaced.length}, unaccounted ${report.unaccounted.length}`,
    });
  return report;
}

async function readCases(services: Services, readPatient: ReadPatient, pk: string): Promise<Case[]> {
  const people = (await allRows(services.store.outreach, { pk })).map(({ value }) => value);
  const cases: Case[] = [];
  const queue = people.values();
  const work = async (): Promise<void> => {
    for (const outreach of queue) cases.push({ outreach, patient: await readPatient(outreach.patientId) });
  };
  await Promise.all(Array.from({ length: READS_AT_ONCE }, work));
  return cases.sort((a, b) => byId(a.outreach, b.outreach));
}

const byId = (a: Outreach, b: Outreach) => (a.patientId < b.patientId ? -1 : 1);

/** Rows of `outreach` hold what only the campaign knew (rank, wave): lost, they do not come back from anywhere. */
async function tellLost(services: Services, campaignId: string, accepted: number, findings: Findings): Promise<void> {
  let found = 0;
  for await (const page of services.store.outreach.pages({ pkPrefix: `${campaignId}|` })) found += page.length;
  if (found < accepted)
    findings.note(`${accepted - found} of ${accepted} rows of outreach are lost: nothing remembers rank and wave`);
}
