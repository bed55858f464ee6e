/**
 * Starts a campaign once: everyone ranked as of `startsOn`, what is already known of them copied in, then the
 * orchestration. Leaves out waiting for `startsOn`, which is the orchestrator's first step.
 */
import { localDate, MINUTE_MS } from '../domain/calendar';
import type { Outreach } from '../domain/outreach';
import { policyOf, readCampaign, type Campaign } from '../domain/policy';
import { BadInput, quote } from '../domain/problem';
import { lateDates, type RosterPatient } from '../domain/roster';
import { startsAtMs } from '../domain/schedule';
import { UNTAUGHT } from '../domain/throttle';
import { rankAll, standingOf, TIER_WEIGHTS_VERSION } from '../domain/tiers';
import {
  bucketName,
  bucketOf,
  EVERYWHERE,
  numberKeyOf,
  ONLY,
  outreachPk,
  type Books,
  type CampaignState,
  type PersonRow,
  type RosterInfo,
} from '../services/rows';
import type { Services } from '../services/services';
import { allRows, replaceRow, upsertAll } from '../services/tables';
import { waitingStatus } from './beginCampaign';
import { forgetContext, readContext } from './context';
import { knownOf } from './feed';
import { audit } from './journal';
import { quarantineLate } from './lateRows';
import { getPeople } from './people';
import type { CampaignStatus } from './status';

export type StartResult = 'STARTED' | 'EXISTS' | 'NO_ROSTER';

/** `start`: starts the orchestration, which shows the given status; `mayRun`: asked when it failed. Throws `BadInput`; nothing has changed then. */
export async function startCampaign(
  services: Services,
  campaignId: string,
  json: unknown,
  nowMs: number,
  start: (status: CampaignStatus) => Promise<void>,
  mayRun: () => Promise<boolean> = async () => true,
): Promise<StartResult> {
  const before = await services.store.states.get(EVERYWHERE, campaignId);
  if (before && !isCutOff(before, nowMs)) return 'EXISTS';
  const campaign = parseFor(campaignId, json, services, nowMs);
  if (!(await services.store.rosters.get(campaignId, ONLY))) return 'NO_ROSTER';
  // From here on the roster is closed: what is read below is what the campaign runs with.
  const state: CampaignState = { status: 'WAITING', listener: campaignId, endedAtMs: null, preparingSinceMs: nowMs };
  const row = { pk: EVERYWHERE, rk: campaignId, value: state, before };
  if (!(await replaceRow(services.store.states, row))) return 'EXISTS';
  forgetContext(services, campaignId);
  try {
    await prepareAll(services, campaign, nowMs);
  } catch (error) {
    forgetContext(services, campaignId);
    await services.store.states.delete(EVERYWHERE, campaignId);
    throw error;
  }
  try {
    await start(waitingStatus(await readContext(services, campaignId)));
  } catch (error) {
    forgetContext(services, campaignId);
    // It may run nevertheless, with the answer lost: the row stays, and gives way only to a start that finds no instance.
    if (!(await mayRun().catch(() => true))) await services.store.states.delete(EVERYWHERE, campaignId);
    else
      await services.store.states.update(EVERYWHERE, campaignId, (now) => ({ ...(now ?? state), preparingSinceMs: 0 }));
    throw error;
  }
  await services.store.states.update(EVERYWHERE, campaignId, (now) => {
    const { preparingSinceMs, ...prepared } = now ?? state;
    void preparingSinceMs;
    return prepared;
  });
  await dropRoster(services, campaignId);
  await services.bus.publish([{ type: 'campaign.started', atMs: nowMs, campaignId, patientIds: [] }]);
  return 'STARTED';
}

/** Longer than a start takes, even of 100,000 patients. */
const PREPARING_MAX_MS = 5 * MINUTE_MS;

/** The process died between closing the roster and starting the orchestration (the caller knows that there is none). */
function isCutOff({ status, preparingSinceMs }: CampaignState, nowMs: number): boolean {
  return status === 'WAITING' && preparingSinceMs !== undefined && nowMs - preparingSinceMs > PREPARING_MAX_MS;
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
  const { campaign, problems } = readCampaign(json, services.settings.practice);
  const named = (json as { campaignId?: unknown } | null)?.campaignId;
  if (typeof named === 'string' && named !== campaignId)
    problems.push({ field: 'campaignId', value: quote(named), expected: `${campaignId}, as in the address` });
  if (campaign.startsOn !== '' && startsAtMs(campaign) < nowMs)
    problems.push({ field: 'startsOn', value: campaign.startsOn, expected: 'a date whose 00:00 is not past' });
  if (problems.length > 0) throw new BadInput('campaign.json is not valid', problems);
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
  const startMs = startsAtMs(campaign);
  const outreach = usable.map((patient, i): Outreach => {
    const { score, band, tier } = standings[i]!;
    const { patientId, category, missedAppointments12m, clinicId, timeZone, language, firstName, phone } = patient;
    return {
      ...knownSoFar(people.get(patientId), timeZone, startMs),
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
  await quarantineLate(services, campaign, info, roster);
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
  startMs: number,
): Pick<Outreach, 'preference' | 'booked' | 'noMobile' | 'texts'> {
  if (!person) return { preference: null, booked: false, noMobile: false, texts: [] };
  return {
    ...knownOf(person, startMs),
    texts: person.pastTexts.map(({ atMs }) => ({ atMs, date: localDate(atMs, timeZone) })),
  };
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
