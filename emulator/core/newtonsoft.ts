/**
 * Reads JSON as Newtonsoft.Json does, which the real host uses: it takes more than JSON (single quotes, names without
 * quotes, comments, what stands after the first value) and says in its own words what it cannot take.
 * Used only for text that JSON.parse refuses. Source: JamesNK/Newtonsoft.Json JsonTextReader, JContainer (behaviour).
 */

/** Text that is no JSON even for Newtonsoft.Json; the message ends with path, line and position. */
export class JsonReaderError extends Error {}

/** The value of a text as JSON text. Valid JSON comes back as it is. Throws JsonReaderError. */
export function readJson(text: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch {
    return JSON.stringify(new Reader(text).read());
  }
}

const SPACE = /\s/;
const NAME = /[\p{L}\p{Nd}_$]/u;
const NUMBER_START = /[\p{N}.-]/u;
const NUMBER = /[-+.xXa-fA-F0-9]/;
const WORDS: [string, unknown, string][] = [
  ['true', true, 'Error parsing boolean value.'],
  ['false', false, 'Error parsing boolean value.'],
  ['null', null, 'Error parsing null value.'],
  ['undefined', undefined, 'Error parsing undefined value.'],
  ['NaN', 'NaN', 'Error parsing NaN value.'],
  ['Infinity', 'Infinity', 'Error parsing Infinity value.'],
];

class Reader {
  private at = 0;
  private line = 1;
  private lineStart = 0;
  private readonly path: (string | number)[] = [];
  private started = false;

  constructor(private readonly text: string) {}

  read(): unknown {
    this.skip();
    if (this.at >= this.text.length) throw this.error('Error reading JToken from JsonReader.');
    const value = this.value();
    return value === undefined ? null : value;
  }

  private value(): unknown {
    const c = this.peek();
    if (c === '{') return this.object();
    if (c === '[') return this.array();
    if (c === '"' || c === "'") return this.string(c);
    if (c === 'n' && !'ue'.includes(this.text[this.at + 1] ?? '')) {
      if (this.at + 1 < this.text.length) throw this.unexpected(c);
      this.at++;
      throw this.error('Unexpected end when reading JSON.');
    }
    for (const [word, meaning, problem] of WORDS) if (word[0] === c) return this.word(word, meaning, problem);
    if (c !== '' && NUMBER_START.test(c)) return this.number();
    throw this.unexpected(c);
  }

  private object(): Record<string, unknown> {
    this.open();
    const out: Record<string, unknown> = {};
    for (;;) {
      this.skip();
      const c = this.peek();
      if (c === '') throw this.error('Unexpected end of content while loading JObject.');
      if (c === '}') return this.close(out);
      const name = this.name(c);
      this.skip();
      if (this.peek() !== ':') {
        throw this.error(
          `Invalid character after parsing property name. Expected ':' but got: ${this.peek() || '\0'}.`,
        );
      }
      this.at++;
      this.path.push(name);
      this.skip();
      if (this.peek() === '') throw this.error('Unexpected end of content while loading JObject.');
      out[name] = this.value();
      this.skip();
      if (!this.separated('}')) return this.close(out, 'JObject');
      this.path.pop();
    }
  }

  private array(): unknown[] {
    this.open();
    const out: unknown[] = [];
    for (;;) {
      this.skip();
      const c = this.peek();
      if (c === ']') return this.close(out);
      this.path.push(out.length);
      if (c === '') {
        if (out.length === 0) this.path.pop();
        throw this.error('Unexpected end of content while loading JArray.');
      }
      out.push(this.value());
      this.skip();
      if (!this.separated(']')) return this.close(out, 'JArray');
      this.path.pop();
    }
  }

  private open(): void {
    this.at++;
    this.started = true;
  }

  /** Steps over the closing bracket, when `unfinished` with the last member still on the path. */
  private close<T>(value: T, unfinished?: string): T {
    if (unfinished !== undefined) {
      if (this.peek() === '') throw this.error(`Unexpected end of content while loading ${unfinished}.`);
      this.path.pop();
    }
    this.at++;
    return value;
  }

  /** True after a comma, false before the closing bracket or the end. */
  private separated(closing: string): boolean {
    const c = this.peek();
    if (c === ',') {
      this.at++;
      return true;
    }
    if (c === closing || c === '') return false;
    throw this.error(`After parsing a value an unexpected character was encountered: ${c}.`);
  }

  private name(c: string): string {
    if (c === '"' || c === "'") return this.string(c);
    if (!NAME.test(c)) throw this.error(`Invalid property identifier character: ${c}.`);
    const from = this.at;
    while (NAME.test(this.peek())) this.at++;
    const end = this.peek();
    if (end === '') throw this.error('Unexpected end while parsing unquoted property name.');
    if (!SPACE.test(end) && end !== ':') throw this.error(`Invalid JavaScript property identifier character: ${end}.`);
    return this.text.slice(from, this.at);
  }

  private string(quote: string): string {
    this.at++;
    this.started = true;
    let out = '';
    for (;;) {
      const c = this.peek();
      if (c === '') throw this.error(`Unterminated string. Expected delimiter: ${quote}.`);
      this.at++;
      if (c === quote) return out;
      if (c === '\n') this.newLine();
      out += c === '\\' ? this.escape() : c;
    }
  }

  private escape(): string {
    const c = this.peek();
    this.at++;
    const plain: Record<string, string> = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r' };
    if (plain[c] !== undefined) return plain[c];
    if (c === '"' || c === "'" || c === '/' || c === '\\') return c;
    if (c !== 'u') throw this.error(`Bad JSON escape sequence: \\${c}.`);
    const code = this.text.slice(this.at, this.at + 4);
    if (code.length < 4) throw this.error('Unexpected end while parsing Unicode escape sequence.');
    if (!/^[0-9a-fA-F]{4}$/.test(code)) throw this.error(`Invalid Unicode escape sequence: \\u${code}.`);
    this.at += 4;
    return String.fromCharCode(parseInt(code, 16));
  }

  private word(word: string, meaning: unknown, problem: string): unknown {
    if (this.text.length - this.at < word.length) {
      this.at = this.text.length;
      this.started = true;
      throw this.error('Unexpected end when reading JSON.');
    }
    for (let i = 0; i < word.length; i++) {
      if (this.text[this.at + i] === word[i]) continue;
      this.at += i;
      throw this.error(problem);
    }
    this.at += word.length;
    this.started = true;
    const c = this.peek();
    if (c !== '' && !/[\s}\],/]/.test(c)) throw this.error(problem);
    return meaning;
  }

  private number(): number {
    const from = this.at;
    while (NUMBER.test(this.peek())) this.at++;
    this.started = true;
    const c = this.peek();
    if (c !== '' && !/[\s,}\])/]/.test(c)) {
      throw this.error(`Unexpected character encountered while parsing number: ${c}.`);
    }
    const text = this.text.slice(from, this.at);
    const value = /^-?0[xX]/.test(text) ? parseInt(text, 16) : Number(text);
    if (Number.isNaN(value)) throw this.error(`Input string '${text}' is not a valid number.`);
    return value;
  }

  /** Blanks and comments. */
  private skip(): void {
    for (;;) {
      const c = this.peek();
      if (c === '\n') {
        this.at++;
        this.newLine();
      } else if (c !== '' && SPACE.test(c)) this.at++;
      else if (c === '/') this.comment();
      else return;
    }
  }

  private comment(): void {
    const kind = this.text[this.at + 1];
    if (kind === '/') {
      const end = this.text.indexOf('\n', this.at);
      this.at = end < 0 ? this.text.length : end;
    } else if (kind === '*') {
      const end = this.text.indexOf('*/', this.at + 2);
      if (end < 0) {
        this.at = this.text.length;
        throw this.error('Unexpected end while parsing comment.');
      }
      this.at = end + 2;
    } else {
      this.at++;
      throw this.error(`Error parsing comment. Expected: *, got ${kind ?? ''}.`);
    }
  }

  private newLine(): void {
    this.line++;
    this.lineStart = this.at;
  }

  private peek(): string {
    return this.text[this.at] ?? '';
  }

  private unexpected(c: string): JsonReaderError {
    return this.error(`Unexpected character encountered while parsing value: ${c}.`);
  }

  private error(message: string): JsonReaderError {
    const position = this.at - this.lineStart;
    // before anything was read the reader counts no line
    const line = !this.started && position === 0 ? 0 : this.line;
    let path = '';
    for (const step of this.path) {
      path += typeof step === 'number' ? `[${step}]` : path === '' ? step : `.${step}`;
    }
    return new JsonReaderError(`${message} Path '${path}', line ${line}, position ${position}.`);
  }
}
