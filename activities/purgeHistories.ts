/** Purges the histories of batches whose week is over (issue 3, "Histories stay short"); a setting turns it off. */
import type { DurableClient } from 'durable-functions';
import { nodeNames } from '../domain/fanOut';
import type { Services } from '../services/services';
import { allRows } from '../services/tables';

/** Purges at once: each is a request to the host. */
const PARALLEL = 16;

export interface PurgeInput {
  readonly campaignId: string;
  /** Batches of dates before this one. */
  readonly beforeDate: string;
}

/** Instance id of a batch or a node of the fan-out. */
export function batchInstanceId(campaignId: string, name: string): string {
  return `${campaignId}:${name}`;
}

export async function purgeHistories(services: Services, client: DurableClient, input: PurgeInput): Promise<void> {
  if (!services.settings.purgeHistories) return;
  const { campaignId, beforeDate } = input;
  const batches = (await allRows(services.store.batches, { pk: campaignId, rkBefore: beforeDate })).map(({ rk }) => rk);
  // A pass of one batch ran inside the campaign itself and left no history of its own.
  const names = [...byPass(batches).values()]
    .filter((ofPass) => ofPass.length > 1)
    .flatMap((ofPass) => [...ofPass, ...nodeNames(ofPass)]);
  for (let at = 0; at < names.length; at += PARALLEL)
    await Promise.all(
      names.slice(at, at + PARALLEL).map((name) => client.purgeInstanceHistory(batchInstanceId(campaignId, name))),
    );
  for (const batch of batches) await services.store.batches.delete(campaignId, batch);
}

function byPass(batches: readonly string[]): Map<string, string[]> {
  const passes = new Map<string, string[]>();
  for (const batch of batches) {
    const pass = batch.slice(0, batch.lastIndexOf('-'));
    passes.set(pass, [...(passes.get(pass) ?? []), batch]);
  }
  return passes;
}
