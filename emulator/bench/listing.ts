/**
 * Pages of a long list of stored instances over HTTP, as a client follows them: `node listing.js COUNT`. The host is stopped
 * after it is filled and started again, so that nothing is in memory. Prints Listing as JSON.
 */
import assert from 'node:assert';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startHost } from '../index';
import { fill } from './fill';
import { median, percentile } from './sample';
import { APP, LISTED } from './settings';

export interface Pages {
  readonly pages: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly worstMs: number;
}

export interface Listing {
  readonly fillSeconds: number;
  readonly folderMb: number;
  /** start of the host on the full folder */
  readonly startSeconds: number;
  readonly all: Pages;
  /** by a status that all have */
  readonly completed: Pages;
  /** by a status that none has */
  readonly none: Pages;
}

const TOKEN = 'x-ms-continuation-token';
/** Of a filtered list; the unfiltered one is followed to its end. */
const FILTERED_PAGES = 200;

async function main([countText]: string[]): Promise<void> {
  const count = Number(countText);
  const data = mkdtempSync(path.join(os.tmpdir(), 'emulator-bench-'));
  try {
    const fillSeconds = await timed(async () => {
      const filling = await startHost({ app: APP, clock: 'manual', port: 0, data });
      await fill(filling, 'done', count);
      await filling.stop();
    });
    let host = null as Awaited<ReturnType<typeof startHost>> | null;
    const startSeconds = await timed(async () => {
      host = await startHost({ app: APP, clock: 'manual', port: 0, data });
    });
    const { url } = host!;
    const all = await follow(url, '', count / LISTED.pageSize + 1, count);
    const completed = await follow(url, '&runtimeStatus=Completed', FILTERED_PAGES);
    const none = await follow(url, '&runtimeStatus=Failed', FILTERED_PAGES, 0);
    await host!.stop();
    const listing: Listing = { fillSeconds, folderMb: folderMb(data), startSeconds, all, completed, none };
    process.stdout.write(JSON.stringify(listing));
  } finally {
    rmSync(data, { recursive: true });
  }
}

/** Follows a list for so many pages, each timed with the reading of its body; `expected`: its length to the end. */
async function follow(url: string, filter: string, pagesMax: number, expected?: number): Promise<Pages> {
  const took: number[] = [];
  let found = 0;
  let token = '';
  do {
    const startedAt = performance.now();
    const headers: Record<string, string> = token === '' ? {} : { [TOKEN]: token };
    const path = `/runtime/webhooks/durabletask/instances?top=${LISTED.pageSize}${filter}`;
    const response = await fetch(url + path, { headers });
    const page = (await response.json()) as unknown[];
    took.push(performance.now() - startedAt);
    found += page.length;
    token = response.headers.get(TOKEN) ?? '';
  } while (token !== '' && took.length < pagesMax);
  if (expected !== undefined) assert.equal(found, expected);
  return {
    pages: took.length,
    medianMs: median(took),
    p99Ms: percentile(took, 0.99),
    worstMs: Math.max(...took),
  };
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - startedAt) / 1e9;
}

function folderMb(folder: string): number {
  const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(path.join(folder, name)).size, 0);
  return bytes / 2 ** 20;
}

void main(process.argv.slice(2));
