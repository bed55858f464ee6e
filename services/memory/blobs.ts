/** Blobs in memory, for replays and tests. */
import type { Blobs } from '../blobs';

export function createMemoryBlobs(): Blobs {
  const blobs = new Map<string, string>();
  let operations = 0;
  return {
    async put(name, content) {
      operations += 1;
      blobs.set(name, content);
    },
    async get(name) {
      operations += 1;
      return blobs.get(name);
    },
    async list(prefix) {
      operations += 1;
      return [...blobs.keys()].filter((name) => name.startsWith(prefix)).sort();
    },
    operations: () => operations,
  };
}
