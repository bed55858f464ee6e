/** Requests side by side: enough to hide a round trip, never an unbounded number. */

/** Point reads and small scans under way at once. */
export const READS_AT_ONCE = 16;

/**
 * Does `work` for each item, at most `max` at a time, and resolves to what came of them, in their order. When one fails no
 * further is begun, those under way are waited for, and the first failure is thrown: nothing is left in flight.
 */
export async function sideBySide<I, R>(items: readonly I[], max: number, work: (item: I) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  const queue = items.entries();
  let failure: { readonly error: unknown } | null = null;
  const worker = async (): Promise<void> => {
    for (const [i, item] of queue) {
      if (failure) return;
      try {
        results[i] = await work(item);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(max, items.length) }, worker));
  if (failure) throw (failure as { readonly error: unknown }).error;
  return results;
}
