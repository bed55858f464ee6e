/**
 * Reads a JSON value piece by piece and keeps every problem it meets, each with path, value and what was expected. A
 * piece that is wrong gives its default, so that reading goes on and all problems are found at once.
 */
import { parseDuration } from './durations';

export class Problems {
  readonly list: string[] = [];

  add(path: string, value: unknown, expected: string): void {
    const shown = value === undefined ? 'nothing' : JSON.stringify(value);
    this.list.push(`${path}: expected ${expected}, but found ${shown}`);
  }
}

export class Reader {
  constructor(
    readonly path: string,
    readonly value: unknown,
    readonly problems: Problems,
  ) {}

  get isAbsent(): boolean {
    return this.value === undefined || this.value === null;
  }

  wrong(expected: string): void {
    this.problems.add(this.path, this.value, expected);
  }

  /** A named part of an object; absent when this is not an object. */
  at(name: string): Reader {
    const part = isObject(this.value) ? this.value[name] : undefined;
    return new Reader(this.path === '' ? name : `${this.path}.${name}`, part, this.problems);
  }

  /** Reports parts of an object that are not among `names`. */
  only(names: readonly string[]): this {
    if (!isObject(this.value)) {
      if (!this.isAbsent) this.wrong('an object');
      return this;
    }
    for (const name of Object.keys(this.value)) {
      if (!names.includes(name)) this.at(name).wrong(`no such name here (there are: ${names.join(', ')})`);
    }
    return this;
  }

  items(): Reader[] {
    if (this.isAbsent) return [];
    if (!Array.isArray(this.value)) {
      this.wrong('a list');
      return [];
    }
    return this.value.map((item, index) => new Reader(`${this.path}[${index}]`, item, this.problems));
  }

  text(otherwise: string): string {
    if (typeof this.value === 'string' && this.value !== '') return this.value;
    this.wrong('text');
    return otherwise;
  }

  optionalText(): string | null {
    return this.isAbsent || this.value === '' ? null : this.text('');
  }

  flag(otherwise: boolean): boolean {
    if (this.isAbsent) return otherwise;
    if (typeof this.value === 'boolean') return this.value;
    this.wrong('true or false');
    return otherwise;
  }

  whole(least: number, most: number, otherwise: number): number {
    if (this.isAbsent) return otherwise;
    const { value } = this;
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
    this.wrong(most === Infinity ? `a whole number from ${least}` : `a whole number from ${least} to ${most}`);
    return otherwise;
  }

  /** Milliseconds within bounds; `range` is how the bounds are spelled. */
  duration(leastMs: number, mostMs: number, range: string, otherwise: number): number {
    if (this.isAbsent) return otherwise;
    const ms = typeof this.value === 'string' ? parseDuration(this.value) : null;
    if (ms !== null && ms >= leastMs && ms <= mostMs) return ms;
    this.wrong(`an ISO 8601 duration ${range}`);
    return otherwise;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
