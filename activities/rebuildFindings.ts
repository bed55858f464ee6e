/** What a rebuild found and did, by ids only. Lists are cut at a length that a person still reads; counts are whole. */
const LIST_MAX = 1_000;
/** What was decided or granted this short a time ago may still be under way, and is left alone. */
const UNDER_WAY_MS = 10 * 60_000;

export interface RebuildReport {
  /** Rows looked at. */
  readonly checked: number;
  readonly inserted: number;
  /** `table key: fields`. */
  readonly replaced: readonly string[];
  /** Rows that neither entities nor events account for; left as they are. */
  readonly unaccounted: readonly string[];
  readonly notes: readonly string[];
  /** Texts and refusals in the ledger as it stands now, of the buckets looked at; `sent` as in the campaign's progress. */
  readonly sums: { readonly sent: number; readonly refused: number };
  /** The first bucket that was not looked at; null: none is left. */
  readonly next: number | null;
}

export class Findings {
  private readonly counts = { checked: 0, inserted: 0, sent: 0, refused: 0 };
  private readonly replaced: string[] = [];
  private readonly unaccounted: string[] = [];
  private readonly notes = new Map<string, number>();

  constructor(
    readonly dryRun: boolean,
    readonly nowMs: number,
  ) {}

  isUnderWay(atMs: number): boolean {
    return atMs <= this.nowMs && this.nowMs - atMs < UNDER_WAY_MS;
  }

  checkedRows(count: number): void {
    this.counts.checked += count;
  }

  insertedRows(count: number): void {
    this.counts.inserted += count;
  }

  replacedRow(table: string, key: string, fields: readonly string[]): void {
    this.replaced.push(`${table} ${key}: ${fields.join(', ')}`);
  }

  unaccountedRow(table: string, key: string): void {
    this.unaccounted.push(`${table} ${key}`);
  }

  sum(sent: number, refused: number): void {
    this.counts.sent += sent;
    this.counts.refused += refused;
  }

  /** Told once, with how often. */
  note(text: string, times = 1): void {
    this.notes.set(text, (this.notes.get(text) ?? 0) + times);
  }

  report(next: number | null): RebuildReport {
    const { checked, inserted, sent, refused } = this.counts;
    const notes = [...this.notes].map(([text, times]) => (times === 1 ? text : `${text} (${times} times)`));
    for (const [name, list] of Object.entries({ replaced: this.replaced, unaccounted: this.unaccounted }))
      if (list.length > LIST_MAX) notes.push(`${name}: ${list.length} rows, of which ${LIST_MAX} are listed`);
    return {
      checked,
      inserted,
      replaced: this.replaced.slice(0, LIST_MAX),
      unaccounted: this.unaccounted.slice(0, LIST_MAX),
      notes,
      sums: { sent, refused },
      next,
    };
  }
}
