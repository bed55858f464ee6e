/** The asks of one batch for the gate: at most 100 patients, by id, with the evidence known at planning. */
import { messageIdOf } from '../domain/messages';
import { spacingOf, type AgendaEntry } from '../domain/passes';
import type { Ask } from '../domain/patient';
import type { Services } from '../services/services';
import { readContext, type CampaignContext } from './context';

export interface BatchInput {
  readonly campaignId: string;
  readonly date: string;
  readonly batch: string;
}

export interface BatchAsks {
  /** What all asks share. */
  readonly common: Pick<Ask, 'sendWindow' | 'caps'>;
  readonly asks: readonly (Pick<Ask, 'messageId' | 'timeZone' | 'spacingDays' | 'evidence'> & {
    readonly patientId: string;
  })[];
}

export async function readBatch(services: Services, input: BatchInput): Promise<BatchAsks> {
  const { campaignId, date, batch } = input;
  const row = await services.store.batches.get(campaignId, batch);
  if (!row) throw new Error(`campaign ${campaignId}: batch ${batch} is missing`);
  return asksOf(row.asks, await readContext(services, campaignId), date);
}

export function asksOf(
  entries: readonly AgendaEntry[],
  { campaign, policy }: CampaignContext,
  date: string,
): BatchAsks {
  return {
    common: { sendWindow: policy.sendWindow, caps: policy.caps },
    asks: entries.map((entry) => ({
      patientId: entry.patientId,
      messageId: messageIdOf(campaign.campaignId, entry.patientId, waveOf(entry, date), entry.touch),
      timeZone: entry.timeZone,
      spacingDays: spacingOf(entry, policy),
      evidence: { preference: entry.preference, booked: false, bookingAtMs: entry.bookingAtMs, noMobile: false },
    })),
  };
}

/** `wave` of the ledger: the week of admission, or `A<date>` in the adaptive phase. */
export function waveOf(entry: Pick<AgendaEntry, 'phase' | 'wave'>, date: string): string {
  return entry.phase === 'ADAPTIVE' ? `A${date}` : String(entry.wave);
}
