/**
 * What the ledger says of a touch, brought into the patient's own row: a text is counted, a refusal is taken over. For who
 * orders texts (sendTexts.ts) and for who finds a batch that was cut off before it could count its own (fold.ts).
 */
import { localDate } from '../domain/calendar';
import {
  adaptiveTextRefused,
  adaptiveTextSent,
  refuseTouch,
  textHeld,
  touchSent,
  type Outreach,
  type SentText,
} from '../domain/outreach';
import { messageIdOf } from '../domain/messages';
import type { AgendaEntry } from '../domain/passes';
import type { Campaign } from '../domain/policy';
import {
  ledgerKey,
  outreachPk,
  timeOf,
  type BatchOutcome,
  type BatchRow,
  type LedgerRow,
  type WithdrawnGrant,
} from '../services/rows';
import type { Services } from '../services/services';
import { getAll } from '../services/tables';
import { Changes, readOutreach } from './docs';
import { waveOf } from './readBatch';

/** A patient who was asked for, with the touch that the asker meant. */
export interface Asked {
  readonly entry: AgendaEntry;
  /** The patient as stored. */
  readonly outreach: Outreach;
}

/** Counts the text of `row`, which is no refusal, once. Returns when it was ordered: by that the news of it names it. */
export function countText(campaign: Campaign, { entry, outreach }: Asked, row: LedgerRow, changes: Changes): number {
  const atMs = row.sentAtMs ?? row.decidedAtMs;
  const orderedAtMs = row.reservation === null ? atMs : timeOf(row.reservation);
  // An order made anew since leaves at another instant, by which the news of it names it.
  if (counted(entry, outreach)?.atMs !== atMs) {
    const before = uncounted(campaign, entry, outreach);
    const order = orderedAtMs === atMs ? {} : { orderedAtMs };
    const text: SentText = { atMs, date: localDate(atMs, outreach.timeZone), ...order };
    changes.put(
      entry.phase === 'ADAPTIVE' ? adaptiveTextSent(before, text) : touchSent(before, entry.touch, text, campaign),
    );
  }
  return orderedAtMs;
}

/** The text of this touch that an earlier run counted before it was cut off, perhaps by an order that was made anew since. */
function counted({ phase, touch }: AgendaEntry, outreach: Outreach): SentText | undefined {
  if (phase === 'ADAPTIVE') return outreach.adaptiveSent > touch ? outreach.texts.at(-1) : undefined;
  const state = outreach.touches[touch];
  return state?.status === 'SENT' ? outreach.texts.find(({ date }) => date === state.date) : undefined;
}

/** The patient without that text. */
function uncounted(campaign: Campaign, entry: AgendaEntry, outreach: Outreach): Outreach {
  const text = counted(entry, outreach);
  const { phase, touch } = entry;
  return text ? textHeld(outreach, { phase, touch, atMs: text.orderedAtMs ?? text.atMs }, campaign) : outreach;
}

/**
 * Takes over the refusal in `row`, which the patient's row does not know of: whoever wrote it was cut off in between, or it
 * counts the text by an order that was made anew since. What the patient's row does know of otherwise stays.
 */
export function takeRefusal(campaign: Campaign, asked: Asked, row: LedgerRow, changes: Changes): void {
  const { entry } = asked;
  const { wave, touch, decidedAtMs, consent: preference } = row;
  const reason = row.reason!;
  const outreach = uncounted(campaign, entry, asked.outreach);
  if (entry.phase === 'ADAPTIVE') {
    changes.put(adaptiveTextRefused(outreach, { wave, touch, reason, decidedAtMs, preference }));
    changes.count([reason]);
  } else if (outreach.open?.touch === touch) {
    const known = { ...outreach, preference };
    const refused = refuseTouch(known, { touch, reason, decidedAtMs }, campaign);
    changes.decide(known, { ...refused.outreach, preference: outreach.preference }, refused.decisions);
  }
}

/**
 * What became of a batch that never ran to its end: some of its texts may have been ordered, and some of its patients
 * refused, with nobody left to count them. Who has no ledger row waits; what the gate granted without a text is
 * withdrawn. Run again it counts nothing twice.
 */
export async function concludeBatch(
  services: Services,
  campaign: Campaign,
  date: string,
  { asks }: BatchRow,
): Promise<BatchOutcome> {
  const { campaignId } = campaign;
  const changes = new Changes(campaign);
  const [patients, rows] = await Promise.all([
    readOutreach(services, campaignId, new Map(asks.map((entry) => [entry.patientId, entry.bucket]))),
    getAll(
      services.store.ledger,
      asks.map((entry) => ({
        pk: outreachPk(campaignId, entry.bucket),
        rk: ledgerKey(entry.patientId, waveOf(entry, date), entry.touch),
      })),
    ),
  ]);
  changes.basedOn(patients);
  const ordered: Record<string, number> = {};
  const waiting: string[] = [];
  const withdrawn: WithdrawnGrant[] = [];
  let adaptiveSent = 0;
  for (const [i, entry] of asks.entries()) {
    const row = rows[i];
    const { patientId, touch } = entry;
    const outreach = patients.get(patientId);
    if (!row || row.status === 'REFUSED')
      withdrawn.push({ patientId, messageId: messageIdOf(campaignId, patientId, waveOf(entry, date), touch) });
    if (!row || !outreach) waiting.push(patientId);
    else if (row.status === 'REFUSED') takeRefusal(campaign, { entry, outreach }, row, changes);
    else {
      ordered[patientId] = countText(campaign, { entry, outreach }, row, changes);
      adaptiveSent += Number(entry.phase === 'ADAPTIVE');
    }
  }
  await changes.write(services);
  return { sent: Object.keys(ordered).length, adaptiveSent, ordered, refused: changes.refused, waiting, withdrawn };
}
