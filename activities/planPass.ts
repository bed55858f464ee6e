/**
 * One pass of an open day: brings the day up to date, refuses what must be refused, chooses whom to text and writes them
 * down in batches of at most 100 for the gate (formats.md, rules 4-10). Returns references, never the patients. Run
 * again for the same pass it returns what it planned then.
 */
import { addDays, HOUR_MS, localDate, startOfDate } from '../domain/calendar';
import { expireUntil, reasonAgainst, refuseTouch, type Outreach } from '../domain/outreach';
import { choose, isJudgeable, lastLook, nextPass, openZones, type AgendaEntry, type PassView } from '../domain/passes';
import type { Campaign } from '../domain/policy';
import { afterReturn } from '../domain/throttle';
import type { HeldText } from '../services/feedRows';
import { ServiceError } from '../services/errors';
import { fingerprint, type BatchRow, type DayRow } from '../services/rows';
import type { Services } from '../services/services';
import { replaceRow, upsertAll, type Row } from '../services/tables';
import { entryOf, readAgenda, writeAgenda } from './agenda';
import type { DayInput } from './beginDay';
import { listen, readContext, writeBooks, type CampaignContext } from './context';
import { addRefused, Changes, readOutreach } from './docs';
import { heldBetween } from './feed';
import { afterIntervals, foldPass, unsentOf } from './fold';
import { passTimes } from './passTimes';
import { asksOf, type BatchAsks } from './readBatch';
import { learnFeed } from './learnFeed';
import { statusOf, type CampaignStatus } from './status';
import { settle } from './settle';
import { intervalsBetween } from './takeIntervals';

/** Patients in a batch: one sub-orchestration gates and sends them (design.md, "Scale by construction"). */
export const BATCH_PATIENTS_MAX = 100;

/** After this long a pass that the throttle cut short is followed by another. */
const RECHECK_MS = HOUR_MS;

export interface PassInput extends DayInput {
  /** Of the day, from 1. */
  readonly pass: number;
}

export interface PassPlan {
  readonly ended: boolean;
  /** References for `sendBatch`. */
  readonly batches: readonly string[];
  /** The asks of the only batch, so that a small pass needs no child to read them. */
  readonly only: BatchAsks | null;
  /** The next pass that could text or refuse somebody; null: none today unless something wakes us. */
  readonly nextMs: number | null;
  /** Patients left on the agenda beside the batches. */
  readonly waiting: number;
  readonly made: boolean;
  readonly status: CampaignStatus;
}

interface Pass {
  readonly services: Services;
  readonly context: CampaignContext;
  readonly date: string;
  readonly nowMs: number;
  readonly spans: PassView['spans'];
  /** Zones whose window is open now, with their dates. */
  readonly zones: ReadonlyMap<string, string>;
  readonly instants: readonly number[];
  readonly changes: Changes;
}

export async function planPass(services: Services, input: PassInput): Promise<PassPlan> {
  const { campaignId, date, nowMs, listener, pass } = input;
  await listen(services, campaignId, listener);
  const [context, day] = await Promise.all([
    readContext(services, campaignId),
    services.store.days.get(campaignId, date),
  ]);
  const { campaign, control } = context;
  if (!day || day.openedAtMs === null) throw new Error(`campaign ${campaignId}: ${date} is not open`);
  const idle = (rest: Partial<PassPlan>): PassPlan => ({
    ended: false,
    batches: [],
    only: null,
    nextMs: null,
    waiting: 0,
    made: false,
    status: statusOf({ ...context, date, day, nextWakeUpMs: rest.nextMs ?? null }),
    ...rest,
  });
  if (control.cancelledAtMs !== null) return idle({ ended: true });
  if (day.passes >= pass) {
    const waiting = day.waiting ?? (await readAgenda(services, campaignId, date)).length;
    return idle({ batches: day.batches, nextMs: day.nextPassMs, waiting, made: true });
  }
  if (control.paused) return idle({});
  // The day is over: what came since, and whom it concerns, is for the next.
  if (localDate(nowMs, campaign.timeZone) > date) return idle({});
  const { spans, instants } = passTimes(context, date, day.openedAtMs);
  const due = day.nextPassMs !== null && nowMs >= day.nextPassMs;
  if (!due && !instants.some((at) => at > day.lastPassAtMs && at <= nowMs))
    return idle({ nextMs: earliest(day.nextPassMs, instants.find((at) => at > nowMs) ?? null) });
  const step: Pass = {
    services,
    context,
    date,
    nowMs,
    spans,
    zones: openZones(nowMs, spans),
    instants: instants.filter((at) => at > nowMs),
    changes: new Changes(campaign),
  };
  return make(step, day, pass);
}

async function make(step: Pass, day: DayRow, pass: number): Promise<PassPlan> {
  const { services, context, date, nowMs, changes } = step;
  const { campaign, control } = context;
  const { campaignId } = campaign;
  const folded = await foldPass(services, campaign, day, context.books, nowMs);
  const [told, agenda] = await Promise.all([
    intervalsBetween(services, startOfDate(date, campaign.timeZone), nowMs + 1),
    readAgenda(services, campaignId, date),
  ]);
  const judged = afterIntervals(folded.day, told);
  await settle(services, campaignId, nowMs);
  const learned = await learnFeed(services, campaign, folded.books, nowMs, changes);
  const current = await givenBack(services, campaignId, judged, learned.held);
  const left = agenda.filter((entry) => !folded.done.has(entry.patientId));
  const entries = await judge(
    step,
    left.map((entry) => refreshed(entry, learned.patients.get(entry.patientId))),
  );
  const ready = entries.filter((entry) => isJudgeable(entry, step.zones) && entry.reason === null);
  const view: PassView = {
    nowMs,
    policy: context.policy,
    callCentre: day.callCentre,
    throttle: current.throttle,
    adaptiveLeft: current.adaptiveLeft,
    instants: [nowMs, ...step.instants],
    spans: step.spans,
  };
  const chosen = byBucket(choose(ready, view));
  const batches = await writeBatches(services, campaignId, passName(date, pass, chosen), chosen);
  const only = batches.length === 1 ? asksOf(chosen, context, date) : null;
  // The decided leave the agenda once their decisions stand: cut off before, they are decided again.
  await changes.write(services);
  const agendaPages = await writeAgenda(services, campaignId, date, entries, day.agendaPages);
  const books = { ...learned.books, progress: addRefused(learned.books.progress, changes.refused) };
  await writeBooks(services, context, books);
  // What the throttle held back is looked at again before the grid comes round: calls may have gone well by then.
  const held = chosen.length >= current.throttle.left && ready.length > chosen.length;
  const again = held ? nextPass(entries, [nowMs + RECHECK_MS], step.spans) : null;
  const taken = new Set(chosen);
  const look = lastLook(
    entries.filter((entry) => !taken.has(entry)),
    nowMs,
    step.spans,
  );
  const nextMs = earliest(earliest(again, look), nextPass(entries, step.instants, step.spans));
  const made = { passes: pass, lastPassAtMs: nowMs, nextPassMs: nextMs, batches, waiting: entries.length, agendaPages };
  const planned: DayRow = { ...current, ...made };
  // By another host that ran the same pass: what it planned holds.
  if (!(await replaceRow(services.store.days, { pk: campaignId, rk: date, value: planned, before: day })))
    throw new ServiceError('CONFLICT', `campaign ${campaignId}: somebody else planned a pass of ${date}`);
  const offered = told.reduce((sum, { interval }) => sum + interval.offered, 0);
  const status = statusOf({
    campaign,
    control,
    books,
    date,
    day: planned,
    waiting: entries.length,
    offered,
    nextWakeUpMs: nextMs,
  });
  return { ended: false, batches, only, nextMs, waiting: entries.length, made: true, status };
}

/**
 * The day's texts that its batches counted and that were held back leave room for others. Where `told` has any, all of the
 * day are counted, less those given back before: one may be told of twice, and a look cut off after it had learnt of them.
 */
async function givenBack(
  services: Services,
  campaignId: string,
  day: DayRow,
  told: readonly HeldText[],
): Promise<DayRow> {
  const fromMs = day.openedAtMs!;
  if (!told.some(({ orderedAtMs }) => orderedAtMs >= fromMs)) return day;
  const { returned = 0 } = day.throttle;
  const held = await heldBetween(services, campaignId, fromMs, Infinity);
  const back = await unsentOf(services, campaignId, day.date, held);
  const adaptive = back.filter(({ phase }) => phase === 'ADAPTIVE').length;
  // An earlier release gave it back and did not write that down.
  const { adaptiveReturned = Math.min(adaptive, returned) } = day;
  return {
    ...day,
    throttle: afterReturn(day.throttle, Math.max(0, back.length - returned)),
    adaptiveLeft: day.adaptiveLeft + Math.max(0, adaptive - adaptiveReturned),
    adaptiveReturned: Math.max(adaptive, adaptiveReturned),
  };
}

/** What was learnt of a patient, on the agenda. */
function refreshed(entry: AgendaEntry, news: Outreach | undefined): AgendaEntry {
  return news
    ? { ...entry, reason: reasonAgainst(news), preference: news.preference, bookingAtMs: news.bookingAtMs }
    : entry;
}

/** Decides what must be decided now; returns who stays on the agenda. */
async function judge(step: Pass, entries: readonly AgendaEntry[]): Promise<AgendaEntry[]> {
  const { services, context, nowMs, zones, changes } = step;
  const { campaign } = context;
  const isDecided = (entry: AgendaEntry) =>
    entry.expiresAtMs <= nowMs || (entry.reason !== null && (entry.phase === 'ADAPTIVE' || isJudgeable(entry, zones)));
  const decided = entries.filter(isDecided);
  if (decided.length === 0) return [...entries];
  const stored = await readOutreach(
    services,
    campaign.campaignId,
    new Map(decided.map((entry) => [entry.patientId, entry.bucket])),
  );
  changes.basedOn(stored);
  return entries.flatMap((entry): AgendaEntry[] => {
    if (!isDecided(entry)) return [entry];
    // An adaptive text is no promise: nothing is recorded when its reason went away.
    if (entry.phase === 'ADAPTIVE') return [];
    const outreach = stored.get(entry.patientId);
    return outreach ? decide(step, changes.current(outreach), campaign) : [];
  });
}

function decide(step: Pass, outreach: Outreach, campaign: Campaign): AgendaEntry[] {
  const { nowMs, zones, changes, context, date } = step;
  const settled = expireUntil(outreach, nowMs, campaign);
  changes.decide(outreach, settled.outreach, settled.decisions);
  const entry = entryOf(settled.outreach, nowMs);
  const lastMs = startOfDate(addDays(date, 1), context.campaign.timeZone) - 1;
  if (!entry || entry.due > localDate(lastMs, entry.timeZone)) return [];
  if (entry.reason === null || !isJudgeable(entry, zones)) return [entry];
  const refused = refuseTouch(
    settled.outreach,
    { touch: entry.touch, reason: entry.reason, decidedAtMs: nowMs },
    campaign,
  );
  changes.decide(settled.outreach, refused.outreach, refused.decisions);
  return [];
}

/** After whom it asks, too: of two hosts that plan a pass at once neither changes what the other asked. */
function passName(date: string, pass: number, chosen: readonly AgendaEntry[]): string {
  return `${date}-${String(pass).padStart(3, '0')}-${fingerprint(JSON.stringify(chosen))}`;
}

async function writeBatches(
  services: Services,
  campaignId: string,
  prefix: string,
  chosen: readonly AgendaEntry[],
): Promise<string[]> {
  const rows: Row<BatchRow>[] = [];
  for (let at = 0; at < chosen.length; at += BATCH_PATIENTS_MAX) {
    const asks = chosen.slice(at, at + BATCH_PATIENTS_MAX);
    const rk = `${prefix}-${String(rows.length + 1).padStart(4, '0')}`;
    rows.push({ pk: campaignId, rk, value: { asks, outcome: null } });
  }
  await upsertAll(services.store.batches, rows);
  return rows.map(({ rk }) => rk);
}

/** Patients of one partition together, so that their rows are written together. */
function byBucket(chosen: readonly AgendaEntry[]): AgendaEntry[] {
  return [...chosen].sort((a, b) => (a.bucket < b.bucket ? -1 : a.bucket > b.bucket ? 1 : a.rank - b.rank));
}

function earliest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}
