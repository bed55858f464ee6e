/** A value that changes at known instants; a change counts from its instant on. */
export class Timeline<T> {
  readonly changes: { at: number; value: T }[] = [];
  constructor(private readonly first: T) {}

  set(at: number, value: T): void {
    const last = this.changes[this.changes.length - 1];
    if (last && last.at === at) last.value = value;
    else this.changes.push({ at, value });
  }

  /** The value once every change of that instant has counted. */
  at(instant: number): T {
    let low = 0;
    let high = this.changes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.changes[middle] as { at: number }).at <= instant) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? this.first : (this.changes[low - 1] as { value: T }).value;
  }

  get last(): T {
    return this.changes[this.changes.length - 1]?.value ?? this.first;
  }
}
