/**
 * A small RFC 4180 reader of the oracle's own: it must know the physical line on which each record starts (quoted
 * newlines included), accept a BOM and CRLF on input, and say when an output file uses anything but `\n`.
 */
export interface CsvRecord {
  line: number;
  fields: string[];
}

/** Splits text into records; empty lines are no records. Throws on a quote that never closes. */
export function readCsv(input: string): CsvRecord[] {
  const text = input.startsWith('\uFEFF') ? input.slice(1) : input;
  const records: CsvRecord[] = [];
  let line = 1;
  let position = 0;
  while (position < text.length) {
    const record: CsvRecord = { line, fields: [] };
    let ended = false;
    while (!ended) {
      let field = '';
      if (text[position] === '"') {
        position += 1;
        for (;;) {
          if (position >= text.length) throw new Error(`line ${record.line}: a quote is never closed`);
          const character = text[position];
          if (character === '"') {
            if (text[position + 1] !== '"') break;
            field += '"';
            position += 2;
            continue;
          }
          if (character === '\n') line += 1;
          field += character;
          position += 1;
        }
        position += 1;
      } else {
        while (position < text.length && !',\n'.includes(text[position] as string)) {
          field += text[position];
          position += 1;
        }
        if (field.endsWith('\r') && text[position] !== ',') field = field.slice(0, -1);
      }
      if (text[position] === '\r' && text[position + 1] === '\n') position += 1;
      record.fields.push(field);
      if (text[position] === ',') {
        position += 1;
        continue;
      }
      if (position < text.length && text[position] !== '\n') {
        throw new Error(`line ${record.line}: text after a closing quote`);
      }
      position += 1;
      line += 1;
      ended = true;
    }
    records.push(record);
  }
  return records.filter((record) => !isBlank(record));
}

function isBlank(record: CsvRecord): boolean {
  return record.fields.length === 1 && record.fields[0] === '';
}

/** Writes one cell as RFC 4180 wants it: quoted only where it must be. */
export function csvCell(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
