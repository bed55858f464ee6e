/**
 * `vip rebuild`: asks a running app to rebuild what a campaign lost, call by call until no bucket is left, and says what
 * was found. Exit codes as of every command: what the app refuses is bad input, what fails is a failure.
 */
import type { RebuildReport } from '../activities/rebuildFindings';
import { BadInput, type Problem } from '../domain/problem';

export interface RebuildOptions {
  readonly campaign: string;
  readonly url: string;
  /** Function key; absent on a host that asks for none. */
  readonly key?: string;
  readonly what: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export async function rebuild(options: RebuildOptions): Promise<void> {
  const parts: RebuildReport[] = [];
  for (let from: number | null = 0; from !== null; from = parts.at(-1)!.next) parts.push(await callFrom(options, from));
  const whole = parts.reduce(together);
  process.stdout.write(options.json ? `${JSON.stringify(whole)}\n` : textOf(whole, options.dryRun ?? false));
}

async function callFrom({ campaign, url, key, what, dryRun = false }: RebuildOptions, from: number) {
  const response = await fetch(addressOf(url, campaign), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { 'x-functions-key': key }) },
    body: JSON.stringify({ what, dryRun, from }),
  }).catch((error: unknown) => {
    throw new Error(`${url} does not answer: ${String((error as { cause?: unknown }).cause ?? error)}`);
  });
  if (response.status === 200) return (await response.json()) as RebuildReport;
  const body = (await response.json().catch(() => ({}))) as { title?: string; errors?: Problem[] };
  const said = body.title ?? `${response.url} answered ${response.status}`;
  if (response.status === 401) throw new BadInput(said, [{ field: '--key', expected: 'a function key of this app' }]);
  if (response.status >= 400 && response.status < 500) throw new BadInput(said, body.errors ?? []);
  throw new Error(said);
}

function addressOf(url: string, campaign: string): URL {
  const path = `api/campaigns/${encodeURIComponent(campaign)}/rebuild`;
  if (URL.canParse(url)) return new URL(path, url.endsWith('/') ? url : `${url}/`);
  throw new BadInput('the options do not fit', [
    { field: '--url', value: url, expected: 'the address of the app, as http://localhost:7071' },
  ]);
}

function together(a: RebuildReport, b: RebuildReport): RebuildReport {
  return {
    checked: a.checked + b.checked,
    inserted: a.inserted + b.inserted,
    replaced: [...a.replaced, ...b.replaced],
    unaccounted: [...a.unaccounted, ...b.unaccounted],
    notes: [...new Set([...a.notes, ...b.notes])],
    sums: { sent: a.sums.sent + b.sums.sent, refused: a.sums.refused + b.sums.refused },
    next: b.next,
  };
}

function textOf(report: RebuildReport, dryRun: boolean): string {
  const { checked, inserted, replaced, unaccounted, notes, sums } = report;
  const would = dryRun ? 'would be ' : '';
  return [
    `${checked} rows checked, ${inserted} ${would}inserted, ${replaced.length} ${would}replaced, ${unaccounted.length} unaccounted for`,
    `ledger: ${sums.sent} texts, ${sums.refused} refusals`,
    ...replaced.map((row) => `replaced     ${row}`),
    ...unaccounted.map((row) => `unaccounted  ${row}`),
    ...notes.map((note) => `note         ${note}`),
    '',
  ].join('\n');
}
