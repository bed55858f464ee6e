/**
 * CSV in and out (formats.md: RFC 4180, UTF-8, header row, `\n` on output; on input also `\r\n`, a BOM, quoted commas and
 * newlines). Knows physical lines: a problem is reported on the line where its record starts, the header being line 1.
 */
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';

export interface CsvRecord {
  /** Physical line on which the record starts. */
  readonly line: number;
  readonly fields: readonly string[];
}

export interface CsvFile {
  readonly header: readonly string[];
  readonly records: readonly CsvRecord[];
}

/** The file's records, or what makes it no CSV. Empty lines are passed over. */
export function readCsv(text: string): CsvFile | { error: string } {
  let parsed: { record: string[]; info: { lines: number } }[];
  try {
    parsed = parse(text, {
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: false,
      record_delimiter: ['\r\n', '\n'],
    }) as never;
  } catch (error) {
    const { code, lines } = error as { code?: string; lines?: number };
    return { error: `no CSV: ${code ?? 'unreadable'}${lines === undefined ? '' : ` near line ${lines}`}` };
  }
  let line = 1;
  const records = parsed.map(({ record }) => {
    const at = line;
    line += 1 + record.reduce((sum, field) => sum + newlinesIn(field), 0);
    return { line: at, fields: record };
  });
  const full = records.filter(({ fields }) => fields.length > 1 || fields[0] !== '');
  const [header, ...rest] = full;
  return header === undefined ? { error: 'an empty file' } : { header: header.fields, records: rest };
}

/** `rows` under `columns`; values are texts, numbers and booleans; null and undefined are empty fields. */
export function writeCsv(columns: readonly string[], rows: readonly object[]): string {
  return stringify(rows as never, {
    header: true,
    columns: [...columns],
    record_delimiter: '\n',
    cast: { boolean: (value) => String(value) },
  });
}

function newlinesIn(field: string): number {
  let count = 0;
  for (let at = field.indexOf('\n'); at >= 0; at = field.indexOf('\n', at + 1)) count += 1;
  return count;
}
