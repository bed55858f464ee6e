/** Fills a host with instances, a batch at a time, as no client would start a million at once. */
import type { Host } from '../index';
import { FILL_BATCH } from './settings';

/** Starts `count` instances and waits until nothing is left to do. */
export async function fill(host: Host, orchestrator: string, count: number): Promise<void> {
  for (let from = 0; from < count; from += FILL_BATCH) {
    const batch = Array.from({ length: Math.min(FILL_BATCH, count - from) }, (_, i) => from + i);
    await Promise.all(
      batch.map((n) => host.client.startNew(orchestrator, { instanceId: `${orchestrator}-${n}`, input: n })),
    );
    await host.idle();
  }
}
