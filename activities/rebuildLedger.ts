/**
 * The ledger of one bucket, held against what entities and events prove. Whether a granted text left is told, in this
 * order, by its receipt, by its own row, by a reservation that stands, by the gateway. Then the rows are written, and the
 * message rows in which later receipts find their texts.
 */
import { adaptiveTextSent, touchSent, type Outreach } from '../domain/outreach';
import type { PatientState } from '../domain/patient';
import type { Campaign } from '../domain/policy';
import { answerWave, ledgerKey, type LedgerRow, type MessageRow } from '../services/rows';
import type { Services } from '../services/services';
import { insertMissing, replaceRow, type Row } from '../services/tables';
import { messageRow } from './ledger';
import type { Events } from './rebuildEvents';
import type { Findings } from './rebuildFindings';
import { answerRow, claimedRow, claimsOf, refusalRows, type Claim, type ProvenRow } from './rebuildRows';

export interface Case {
  readonly outreach: Outreach;
  /** Null: the entity does not exist. */
  readonly patient: PatientState | null;
}

/** `after`: the outreach row with every text that left. */
export interface RepairedCase extends Case {
  readonly after: Outreach;
}

export interface LedgerWork {
  readonly services: Services;
  readonly campaign: Campaign;
  readonly events: Events;
  readonly findings: Findings;
  readonly pk: string;
  /** False: only looks which texts left. */
  readonly write: boolean;
}

type Fate = 'SENT' | 'UNKNOWN' | 'RESERVED' | 'NEVER_SEEN';

/** An answer or a text of which it is asked whether it left. */
interface Asked {
  readonly messageId: string;
  readonly rk: string;
  /**
   * `outreach` says that it was sent. Of an answer, which its reply names also after it was taken back: its receipt is awaited,
   * which ends with that.
   */
  readonly isCounted: boolean;
  readonly atMs: number;
}

/** Ids in one question to the gateway. */
const LOOKUP_MAX = 100;

export async function rebuildLedger(
  work: LedgerWork,
  ledger: readonly Row<LedgerRow>[],
  cases: readonly Case[],
): Promise<RepairedCase[]> {
  const { campaign, events, findings } = work;
  const stored = new Map(ledger.map(({ rk, value }) => [rk, value]));
  const claims = cases.map(({ outreach, patient }) => claimsOf(campaign, outreach, patient));
  const fates = await fatesOf(
    work,
    stored,
    cases.flatMap((one, i) => asked(one, claims[i]!, events)),
  );
  const proven = new Map<string, ProvenRow>();
  const repaired = cases.map((one, i): RepairedCase => {
    const { outreach, patient } = one;
    if (claims[i]!.some(({ grant }) => !grant)) findings.note('a text is counted that the entity does not remember');
    const left = claims[i]!.filter(({ messageId }) => fates.get(messageId) !== 'NEVER_SEEN');
    const after = counted(campaign, outreach, left, fates, findings);
    const rows = left.map((claim) => withFate(claimedRow(campaign, after, claim, patient), fates));
    const sent = new Set(left.map(({ wave, touch }) => `${wave}|${touch}`));
    rows.push(...refusalRows(campaign, after, patient, events.held.get(outreach.patientId) ?? [], sent));
    for (const answer of events.answers.get(outreach.patientId) ?? [])
      if (fates.get(answer.answer.messageId) !== 'NEVER_SEEN')
        rows.push(
          withFate(answerRow(campaign, outreach, answer, events.lateAnswers.get(answer.answer.messageId)), fates),
        );
    for (const row of rows) proven.set(ledgerKey(outreach.patientId, row.row.wave, row.row.touch), row);
    return { ...one, after };
  });
  if (work.write)
    await writeLedger(work, stored, proven, new Map(cases.map(({ outreach }) => [outreach.patientId, outreach])));
  return repaired;
}

function asked({ outreach }: Case, claims: readonly Claim[], events: Events): Asked[] {
  const answers = events.answers.get(outreach.patientId) ?? [];
  return [
    ...claims.map(({ messageId, wave, touch, text, grant }) => ({
      messageId,
      rk: ledgerKey(outreach.patientId, wave, touch),
      isCounted: text !== undefined,
      atMs: (text ?? grant)!.atMs,
    })),
    ...answers.map(({ replyId, atMs, answer: { messageId } }) => ({
      messageId,
      rk: ledgerKey(outreach.patientId, answerWave(replyId), 0),
      isCounted: events.receipts.has(messageId),
      atMs,
    })),
  ];
}

async function fatesOf(
  { services, events, findings }: LedgerWork,
  stored: ReadonlyMap<string, LedgerRow>,
  all: readonly Asked[],
): Promise<Map<string, Fate>> {
  const fates = new Map<string, Fate>();
  const open: Asked[] = [];
  for (const one of all) {
    const { messageId } = one;
    const row = stored.get(one.rk);
    const own = row?.messageId === messageId ? row.status : undefined;
    if (events.receipts.get(messageId) || own === 'SENT') fates.set(messageId, 'SENT');
    else if (own === 'RESERVED' && events.reservations.get(messageId) === row!.reservation) fates.set(messageId, own);
    else open.push(one);
  }
  for (let at = 0; at < open.length; at += LOOKUP_MAX) {
    const some = open.slice(at, at + LOOKUP_MAX);
    const said = await services.sms.lookup(some.map(({ messageId }) => messageId));
    some.forEach((one, i) => {
      const { messageId, rk, isCounted, atMs } = one;
      const row = stored.get(rk);
      const own = row?.messageId === messageId && row.status === 'UNKNOWN' ? row.status : undefined;
      const isLikely = isCounted || events.receipts.has(messageId);
      if (said[i] === 'ACCEPTED') fates.set(messageId, 'SENT');
      else if (events.reservations.has(messageId)) fates.set(messageId, 'RESERVED');
      // Of a text that was held back the grant stands, and nothing else.
      else fates.set(messageId, own ?? (said[i] === 'UNKNOWN' && isLikely ? 'UNKNOWN' : 'NEVER_SEEN'));
      if (fates.get(messageId) === 'UNKNOWN' && own === undefined)
        findings.note('neither a receipt nor the gateway says whether a text left: UNKNOWN, for a person');
      if (isLikely && fates.get(messageId) === 'NEVER_SEEN' && !findings.isUnderWay(atMs))
        findings.note('texts are remembered as sent that the gateway never saw: no row is made of them');
    });
  }
  return fates;
}

/** A row that is in flight keeps its reservation: the sweeper finds it by that. */
function withFate(proven: ProvenRow, fates: ReadonlyMap<string, Fate>): ProvenRow {
  const status = fates.get(proven.row.messageId) as LedgerRow['status'];
  return { ...proven, row: { ...proven.row, status } };
}

/** `outreach` with the texts that left and that it does not count. */
function counted(
  campaign: Campaign,
  outreach: Outreach,
  left: readonly Claim[],
  fates: ReadonlyMap<string, Fate>,
  findings: Findings,
): Outreach {
  let after = outreach;
  for (const { phase, touch, grant, text, messageId } of left) {
    // Granted a moment ago, it is about to be counted by whoever sends it.
    if (text || !grant || fates.get(messageId) !== 'SENT' || findings.isUnderWay(grant.atMs)) continue;
    const sent = { atMs: grant.atMs, date: grant.date };
    if (phase === 'ADAPTIVE') after = inOrder(adaptiveTextSent(after, sent));
    else if (after.touches[touch]?.status === 'OPEN') after = inOrder(touchSent(after, touch, sent, campaign));
    else findings.note('a touch is remembered as refused and its text was sent: the text stands in the ledger');
  }
  return after;
}

function inOrder(outreach: Outreach): Outreach {
  return { ...outreach, texts: [...outreach.texts].sort((a, b) => a.atMs - b.atMs) };
}

async function writeLedger(
  { services, events, findings, pk }: LedgerWork,
  stored: ReadonlyMap<string, LedgerRow>,
  proven: ReadonlyMap<string, ProvenRow>,
  patients: ReadonlyMap<string, Outreach>,
): Promise<void> {
  const missing: Row<LedgerRow>[] = [];
  const wrong: { row: Row<LedgerRow>; before: LedgerRow; fields: readonly string[] }[] = [];
  findings.checkedRows(new Set([...stored.keys(), ...proven.keys()]).size);
  for (const [rk, one] of proven) {
    const before = stored.get(rk);
    const fields = before ? wrongFields(before, one) : [];
    if (before && fields.length > 0) wrong.push({ row: { pk, rk, value: merged(before, one) }, before, fields });
    else if (!before) {
      if (one.unknown.includes('decidedAtMs')) {
        findings.note('refusals of the first release do not remember when: their rows are not made again');
        continue;
      }
      if (one.unknown.includes('consent')) findings.note('nobody remembers the consent of a row that is made again');
      const reservation = one.row.status === 'RESERVED' ? await standing(services, events, one.row) : null;
      if (one.row.status !== 'RESERVED' || reservation !== null)
        missing.push({ pk, rk, value: { ...one.row, reservation } });
    }
  }
  for (const [rk, row] of stored)
    if (!proven.has(rk) && !findings.isUnderWay(row.decidedAtMs)) findings.unaccountedRow('ledger', rk);
  tally(findings, [...proven.values()]);
  if (findings.dryRun) findings.insertedRows(missing.length);
  else findings.insertedRows(missing.length - (await insertMissing(services.store.ledger, missing)).length);
  for (const { row, before, fields } of wrong)
    if (findings.dryRun || (await replaceRow(services.store.ledger, { ...row, before })))
      findings.replacedRow('ledger', row.rk, fields);
    else findings.note('a row changed while it was looked at and was left alone: run the command again');
  await keepReceiptsFindable(services, events, findings, proven, patients);
}

/** The reservation of a text as it stands now; null: it was settled meanwhile. */
async function standing(services: Services, events: Events, row: LedgerRow): Promise<string | null> {
  const rk = events.reservations.get(row.messageId);
  return rk !== undefined && (await services.store.reservations.get(row.campaignId, rk)) ? rk : null;
}

function wrongFields(stored: LedgerRow, { row, unknown, isInstant }: ProvenRow): string[] {
  const fields = (Object.keys(row) as (keyof LedgerRow)[]).filter(
    (field) => !unknown.includes(field) && canonical(stored[field]) !== canonical(row[field]),
  );
  const isSameInstant =
    stored.sentAtMs === stored.decidedAtMs && row.sentAtMs !== null && isInstant(stored.decidedAtMs);
  return isSameInstant ? fields.filter((field) => field !== 'sentAtMs' && field !== 'decidedAtMs') : fields;
}

/** Where nobody knows better, what the row itself says. */
function merged(stored: LedgerRow, { row, unknown }: ProvenRow): LedgerRow {
  const own = unknown.filter((field) => stored[field] !== undefined).map((field) => [field, stored[field]]);
  const whole = { ...row, ...(Object.fromEntries(own) as Partial<LedgerRow>) };
  // No event tells of a recall, and what is recalled must not leave.
  return whole.status === 'RESERVED' && stored.recalled ? { ...whole, recalled: stored.recalled } : whole;
}

/** The same whatever the order of fields. */
export function canonical(value: unknown): string {
  if (value === null || typeof value !== 'object') return String(JSON.stringify(value));
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, one]) => `${name}:${canonical(one)}`)
    .join(',')}}`;
}

function tally(findings: Findings, rows: readonly ProvenRow[]): void {
  const sent = rows.filter(({ row }) => row.sentAtMs !== null && row.phase !== 'REPLY').length;
  findings.sum(sent, rows.filter(({ row }) => row.status === 'REFUSED').length);
}

async function keepReceiptsFindable(
  services: Services,
  events: Events,
  findings: Findings,
  proven: ReadonlyMap<string, ProvenRow>,
  patients: ReadonlyMap<string, Outreach>,
): Promise<void> {
  const lost: Row<MessageRow>[] = [];
  for (const { row } of proven.values()) {
    if (row.sentAtMs === null || events.receipts.has(row.messageId)) continue;
    const one = messageRow(row, patients.get(row.patientId)!);
    // Looked at anew: it may have been sent since the events were read.
    if (!(await services.store.messages.get(one.pk, one.rk))) lost.push(one);
  }
  if (lost.length === 0) return;
  findings.note('rows of messages are made again without the receipts that they may have had', lost.length);
  findings.insertedRows(lost.length);
  if (!findings.dryRun) await insertMissing(services.store.messages, lost);
}
