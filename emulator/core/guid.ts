/**
 * Seeded GUIDs: every id that the host invents (executions, requests, invocations, default instance ids) comes from
 * here, so that two runs with one seed are the same to the byte. Generator: sfc32, seeded through splitmix32.
 */

export class SeededIds {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;
  private issued = 0;
  private readonly salt: number;
  private readonly middle: string;

  constructor(seed: number) {
    const next = splitmix32(seed >>> 0);
    this.a = next();
    this.b = next();
    this.c = next();
    for (let i = 0; i < 12; i++) this.uint32();
    this.salt = this.uint32() | 0;
    const h = hex8(this.uint32()) + hex8(this.uint32());
    this.middle = `${h.slice(0, 4)}-4${h.slice(4, 7)}-8${h.slice(7, 10)}-${h.slice(10, 14)}`;
  }

  /** A number in [0, 2^32). */
  uint32(): number {
    const t = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + t;
    return t >>> 0;
  }

  /** A number in [0, 1). */
  fraction(): number {
    return this.uint32() / 4294967296;
  }

  /** `xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx`; the first eight digits alone differ for 2^32 ids of one generator. */
  guid(): string {
    const n = this.issued++;
    return `${hex8(mix(n ^ this.salt))}-${this.middle}${hex8(mix(n + this.salt))}`;
  }

  /** The same without dashes, as the real host writes later executions and default instance ids. */
  plain(): string {
    return this.guid().replaceAll('-', '');
  }
}

const HEX = Array.from({ length: 256 }, (_, i) => (i + 256).toString(16).slice(1));

const hex8 = (n: number): string =>
  (HEX[n >>> 24] as string) +
  (HEX[(n >>> 16) & 255] as string) +
  (HEX[(n >>> 8) & 255] as string) +
  (HEX[n & 255] as string);

/** A bijection on 32-bit numbers (murmur3 finaliser). */
function mix(n: number): number {
  let h = n;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function splitmix32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let t = state ^ (state >>> 16);
    t = Math.imul(t, 0x21f0aaad);
    t = t ^ (t >>> 15);
    t = Math.imul(t, 0x735a2d97);
    return (t ^ (t >>> 15)) | 0;
  };
}
