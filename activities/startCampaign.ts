/**
 * Starts a campaign once: everyone ranked as of `startsOn`, what is already known of them copied in, then the
 * orchestration. Leaves out waiting for `startsOn`, which is the orchestrator's first step.
 */
import { localDate } from '../domain/calendar';
import type { Outreach } from '../domain/outreach';
import { parseCampaign, policyOf, type Campaign } from '../domain/policy';
import { BadInput, quote, type Problem } from '../domain/problem';
import { lateDates, type RosterPatient } from '../domain/roster';
import { startsAtMs } from '../domain/schedule';
import { UNTAUGHT } from '../domain/throttle';
import { rankAll, standingOf, TIER_WEIGHTS_VERSION } from '../domain/tiers';
import { readCsv } from '../services/csv';
import {
  bucketName,
  bucketOf,
  EVERYWHERE,
  numberKeyOf,
  ONLY,
  outreachPk,
  type Books,
  type PersonRow,
  type QuarantineRow,
  type RosterInfo,
} from '../services/rows';
import type { Services } from '../services/services';
import { allRows, RowExists, upsertAll } from '../services/tables';
import { knownOf } from './feed';
import { audit, quarantine } from './journal';
import { getPeople } from './people';
import { ROSTER_FILE, withdraw } from './takeRoster';

export type StartResult = 'STARTED' | 'EXISTS' | 'NO_ROSTER';

/** `start`: starts the orchestration. Throws `BadInput`; nothing has changed then. */
export async function startCampaign(
  services: Services,
  campaignId: string,
  json: unknown,
  nowMs: number,
  start: () => Promise<void>,
): Promise<StartResult> {
  const campaign = parseFor(campaignId, json, services, nowMs);
  if (await services.store.states.get(EVERYWHERE, campaignId)) return 'EXISTS';
  if (!(await services.store.rosters.get(campaignId, ONLY))) return 'NO_ROSTER';
  // From here on the roster is closed: what is read below is what the campaign runs with.
  try {
    await services.store.states.insert({
      pk: EVERYWHERE,
      rk: campaignId,
      value: { status: 'WAITING', listener: campaignId, endedAtMs: null },
    });
  } catch (error) {
    if (error instanceof RowExists) return 'EXISTS';
    throw error;
  }
  try {
    await prepareAll(services, campaign, nowMs);
    await start();
  } catch (error) {
    await services.store.states.delete(EVERYWHERE, campaignId);
    throw error;
  }
  await dropRoster(services, campaignId);
  return 'STARTED';
}

/** The roster lives on in the campaign's own rows. */
async function dropRoster(services: Services, campaignId: string): Promise<void> {
  const info = await services.store.rosters.get(campaignId, ONLY);
  for (let bucket = 0; bucket < (info?.buckets ?? 0); bucket += 1)
    await services.store.roster.deletePartition(outreachPk(campaignId, bucketName(bucket)));
}

/** Throws `BadInput` when no patient is usable as of `startsOn`; nothing has changed then. */
async function prepareAll(services: Services, campaign: Campaign, nowMs: number): Promise<void> {
  const { campaignId } = campaign;
  const info = await services.store.rosters.get(campaignId, ONLY);
  const roster = (await allRows(services.store.roster, { pkPrefix: `${campaignId}|` })).map(({ value }) => value);
  const usable = roster.filter((patient) => lateDates(patient, campaign.startsOn).length === 0);
  if (!info || usable.length === 0)
    throw new BadInput('the roster cannot be used', [
      { field: 'rows', value: '0 usable', expected: 'a patient whose dates do not lie after startsOn' },
    ]);
  await prepare(services, campaign, info, roster, usable);
  await audit(services, campaignId, {
    atMs: nowMs,
    actor: 'system',
    action: 'campaign.started',
    target: campaignId,
    detail: `tier weights ${TIER_WEIGHTS_VERSION}`,
  });
}

function parseFor(campaignId: string, json: unknown, services: Services, nowMs: number): Campaign {
  const problems: Problem[] = [];
  let campaign: Campaign | null = null;
  try {
    campaign = parseCampaign(json, services.settings.practice);
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    problems.push(...error.problems);
  }
  const named = (json as { campaignId?: unknown } | null)?.campaignId;
  if (typeof named === 'string' && named !== campaignId)
    problems.push({ field: 'campaignId', value: quote(named), expected: `${campaignId}, as in the address` });
  if (campaign && startsAtMs(campaign) < nowMs)
    problems.push({ field: 'startsOn', value: campaign.startsOn, expected: 'a date whose 00:00 is not past' });
  if (problems.length > 0 || !campaign) throw new BadInput('campaign.json is not valid', problems);
  return campaign;
}

async function prepare(
  services: Services,
  campaign: Campaign,
  info: RosterInfo,
  roster: readonly RosterPatient[],
  usable: readonly RosterPatient[],
): Promise<void> {
  const { campaignId } = campaign;
  const standings = usable.map((patient) => standingOf(patient, campaign.startsOn));
  const ranks = rankAll(standings, campaign.seed);
  const people = await getPeople(services, new Set(usable.map((patient) => patient.patientId)));
  const outreach = usable.map((patient, i): Outreach => {
    const { score, band, tier } = standings[i]!;
    const { patientId, category, missedAppointments12m, clinicId, timeZone, language, firstName, phone } = patient;
    return {
      ...knownSoFar(people.get(patientId), timeZone),
      ...{
        patientId,
        category,
        missedAppointments12m,
        clinicId,
        timeZone,
        language,
        firstName,
        phone,
        score,
        band,
        tier,
      },
      bucket: bucketOf(patientId, info.buckets),
      rank: ranks.get(patientId)!,
      numberKey: numberKeyOf(phone, services.settings.phonePepper),
      wave: null,
      touches: [],
      plannedFor: null,
      open: null,
      adaptiveSent: 0,
      handedSince: null,
    };
  });
  await upsertAll(
    services.store.outreach,
    outreach.map((value) => ({ pk: outreachPk(campaignId, value.bucket), rk: value.patientId, value })),
  );
  await quarantineLate(services, campaign, roster);
  const quarantined = info.rows - usable.length;
  await services.store.rosters.upsert({
    pk: campaignId,
    rk: ONLY,
    value: { ...info, accepted: usable.length, quarantined },
  });
  await services.store.definitions.upsert({ pk: campaignId, rk: ONLY, value: campaign });
  await services.store.controls.upsert({
    pk: campaignId,
    rk: ONLY,
    value: { paused: false, cancelledAtMs: null, policy: policyOf(campaign), nudges: [] },
  });
  await services.store.books.upsert({ pk: campaignId, rk: ONLY, value: firstBooks(outreach) });
}

function knownSoFar(
  person: PersonRow | undefined,
  timeZone: string,
): Pick<Outreach, 'preference' | 'booked' | 'noMobile' | 'texts'> {
  if (!person) return { preference: null, booked: false, noMobile: false, texts: [] };
  return { ...knownOf(person), texts: person.pastTexts.map(({ atMs }) => ({ atMs, date: localDate(atMs, timeZone) })) };
}

function firstBooks(outreach: readonly Outreach[]): Books {
  const optedOut = outreach.filter((o) => o.preference?.status === 'OPT_OUT').length;
  const booked = outreach.filter((o) => o.booked).length;
  return {
    feedCursor: '',
    callRate: UNTAUGHT,
    taughtThrough: '',
    handedThrough: '',
    progress: { admitted: 0, sent: 0, delivered: 0, undelivered: 0, refused: {}, optedOut, booked },
  };
}

/** Rows whose dates turn out to lie after `startsOn`: no longer part of the campaign. */
async function quarantineLate(services: Services, campaign: Campaign, roster: readonly RosterPatient[]): Promise<void> {
  const late = roster.filter((patient) => lateDates(patient, campaign.startsOn).length > 0);
  if (late.length === 0) return;
  const lines = await linesOf(services, campaign.campaignId, new Set(late.map((patient) => patient.patientId)));
  const rows: QuarantineRow[] = late.flatMap((patient) =>
    lateDates(patient, campaign.startsOn).map((problem) => ({
      source: ROSTER_FILE,
      line: lines.get(patient.patientId) ?? 0,
      patientId: patient.patientId,
      ...problem,
    })),
  );
  await quarantine(services, campaign.campaignId, rows);
  await withdraw(services, campaign.campaignId, new Set(late.map((patient) => patient.patientId)));
}

async function linesOf(services: Services, campaignId: string, ids: ReadonlySet<string>): Promise<Map<string, number>> {
  const csv = readCsv((await services.blobs.get(`rosters/${campaignId}.csv`)) ?? '');
  if ('error' in csv) return new Map();
  const at = csv.header.indexOf('patientId');
  return new Map(
    csv.records.filter(({ fields }) => ids.has(fields[at] ?? '')).map(({ line, fields }) => [fields[at]!, line]),
  );
}
