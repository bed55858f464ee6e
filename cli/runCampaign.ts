/**
 * Runs one campaign in the local emulator from roster to report: PUT and POST over loopback HTTP, a day of virtual time
 * after the other, progress read from the Durable status API. Pilot and replay differ only in who plays the outside.
 */
import type { CampaignStatus } from '../activities/status';
import { addDays, isoInZone, MINUTE_MS, startOfDate } from '../domain/calendar';
import type { Campaign } from '../domain/policy';
import { BadInput, type Problem } from '../domain/problem';
import type { Runtime } from '../domain/report';
import { endsAtMs, pilotEndDate, startsAtMs } from '../domain/schedule';
import type { Host } from 'durable-emulator';
import { adaptiveInstanceId } from '../orchestrators/names';
import type { Harvest, OutsideOptions } from '../simulator/outside';

/** The host is ready this long before the campaign starts, to take the roster in peace. */
const HEAD_START_MS = MINUTE_MS;

export interface RunRequest {
  /** Coming up since before the campaign was read (host.ts). */
  readonly host: Promise<Host>;
  readonly campaign: Campaign;
  /** Called while the host comes up, so that making or reading a roster costs no time of its own. */
  readonly roster: () => Promise<string>;
  readonly outside: OutsideOptions;
  /** Virtual days between two looks at the status: 1 for a display, 7 for a line a week. */
  readonly stepDays: number;
  /** Called after each step, and once at the end. */
  readonly onStep: (status: CampaignStatus) => void;
  /** How long after its end the campaign may take to write its outputs, virtual ms. Default a minute. */
  readonly graceMs?: number;
  /** Called once the host is at work in its own thread: room for work that is due only later. */
  readonly whileRunning?: () => void;
}

export interface RunResult extends Harvest {
  readonly rosterCsv: string;
  readonly runtime: Runtime;
  readonly endState: string;
}

/** A simulated run as the files of a recording, without recording.json: what went in, responses included. */
export function recordedFiles(campaign: Campaign, result: RunResult): Record<string, string> {
  return {
    'campaign.json': `${JSON.stringify(campaign, null, 2)}\n`,
    'roster.csv': result.rosterCsv,
    'inputs.jsonl': result.inputs,
    ...Object.fromEntries(Object.entries(result.files).map(([name, content]) => [`preferences/${name}`, content])),
  };
}

/** Throws `BadInput` when the app refuses roster or campaign, `Error` when the run fails. */
export async function runCampaign(request: RunRequest): Promise<RunResult> {
  const { campaign } = request;
  const rosterCsv = await request.roster();
  // Touched while the host still comes up: the platform loads its HTTP client at the first use.
  void globalThis.Request;
  const host = await request.host;
  await host.call('play', request.outside);
  await host.advanceTo(new Date(startsAtMs(campaign) - HEAD_START_MS));
  await putRoster(host, campaign, rosterCsv);
  await host.call('begin', rosterCsv);
  const statusUrl = await start(host, campaign);
  const endState = await live(host, request, statusUrl);
  const harvest = (await host.call('harvest')) as Harvest;
  return { ...harvest, rosterCsv, endState, runtime: await runtimeOf(host, harvest) };
}

async function putRoster(host: Host, campaign: Campaign, rosterCsv: string): Promise<void> {
  const response = await fetch(`${host.url}/api/campaigns/${campaign.campaignId}/roster`, {
    method: 'PUT',
    headers: { 'content-type': 'text/csv' },
    body: rosterCsv,
  });
  if (response.status !== 200) throw await refusal(response);
}

/** Returns the address of the campaign in the Durable status API. */
async function start(host: Host, campaign: Campaign): Promise<string> {
  const response = await fetch(`${host.url}/api/campaigns/${campaign.campaignId}/start`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(campaign),
  });
  if (response.status !== 202) throw await refusal(response);
  return ((await response.json()) as { statusQueryGetUri: string }).statusQueryGetUri;
}

async function refusal(response: Response): Promise<Error> {
  const body = (await response.json().catch(() => ({}))) as { title?: string; errors?: Problem[] };
  if (response.status >= 400 && response.status < 500)
    return new BadInput(body.title ?? `refused with ${response.status}`, body.errors ?? []);
  return new Error(`${response.url} answered ${response.status}`);
}

interface DurableStatus {
  readonly runtimeStatus: string;
  readonly customStatus: CampaignStatus | null;
  readonly output: unknown;
}

async function live(host: Host, request: RunRequest, statusUrl: string): Promise<string> {
  const { campaign, onStep, stepDays } = request;
  const endMs = endsAtMs(campaign);
  const adaptiveUrl = statusUrl.replace(
    `/${campaign.campaignId}?`,
    `/${encodeURIComponent(adaptiveInstanceId(campaign.campaignId))}?`,
  );
  for (let day = stepDays; ; day += stepDays) {
    // To the eve of midnight: what midnight brings belongs to the next day. Past the end the campaign writes its outputs.
    const eveMs = startOfDate(addDays(campaign.startsOn, day), campaign.timeZone) - 1;
    const living = host.advanceTo(new Date(eveMs < endMs ? eveMs : endMs + (request.graceMs ?? MINUTE_MS)));
    if (day === stepDays) request.whileRunning?.();
    await living;
    const status = await statusOf(statusUrl);
    if (status.runtimeStatus !== 'Running' && status.runtimeStatus !== 'Pending') return ended(status, onStep);
    // While the adaptive weeks run, their orchestration knows better than the campaign that waits for them.
    const adaptive =
      eveMs >= startOfDate(pilotEndDate(campaign), campaign.timeZone) ? await statusOf(adaptiveUrl) : null;
    const progress = adaptive?.customStatus ?? status.customStatus;
    if (progress) onStep(progress);
    if (eveMs >= endMs)
      throw new Error(
        `campaign ${campaign.campaignId} is still ${status.runtimeStatus} after its end, ${isoInZone(endMs, campaign.timeZone)}`,
      );
  }
}

function ended(status: DurableStatus, onStep: RunRequest['onStep']): string {
  if (status.runtimeStatus !== 'Completed')
    throw new Error(`the campaign ended as ${status.runtimeStatus}: ${JSON.stringify(status.output).slice(0, 2000)}`);
  if (status.customStatus) onStep(status.customStatus);
  return (status.output as { endState: string }).endState;
}

async function statusOf(url: string): Promise<DurableStatus> {
  const response = await fetch(`${url}&showInput=false`);
  if (response.status !== 200 && response.status !== 202)
    throw new Error(`${new URL(url).pathname} answered ${response.status}`);
  return (await response.json()) as DurableStatus;
}

/** Counts of the host's work: rows written to histories and messages are storage operations too, as on Azure. */
async function runtimeOf(host: Host, harvest: Harvest): Promise<Runtime> {
  const stats = await host.stats();
  const app =
    (JSON.parse(harvest.outputs['report.json'] ?? '{}') as { runtime?: Runtime }).runtime?.storageOperations ?? 0;
  return {
    instances: stats.instances,
    historyEvents: stats.historyEvents,
    replays: stats.replays,
    storageOperations: app + stats.messages + stats.commits,
  };
}
