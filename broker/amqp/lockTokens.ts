/**
 * Lock tokens: the 16 bytes by which a client names a lock. They hold the lock's number behind ten random bytes of this
 * run, so that a token of an earlier run never fits. A delivery's tag has them in .NET GUID order, `$management` in RFC
 * order: the first three groups are turned round.
 */
import { randomBytes } from 'node:crypto';

const PREFIX_BYTES = 10;

export class LockTokens {
  private readonly prefix = randomBytes(PREFIX_BYTES);

  /** In RFC order. */
  token(lockId: number): Buffer {
    const token = Buffer.allocUnsafe(16);
    this.prefix.copy(token);
    token.writeUIntBE(lockId, PREFIX_BYTES, 6);
    return token;
  }

  /** In .NET order. */
  tag(lockId: number): Buffer {
    return swapped(this.token(lockId));
  }

  /** The lock's number; 0, which no lock has, for a token that is not of this run. */
  lockOfToken(token: unknown): number {
    if (!Buffer.isBuffer(token) || token.length !== 16) return 0;
    if (token.compare(this.prefix, 0, PREFIX_BYTES, 0, PREFIX_BYTES) !== 0) return 0;
    return token.readUIntBE(PREFIX_BYTES, 6);
  }

  lockOfTag(tag: Buffer): number {
    return this.lockOfToken(tag.length === 16 ? swapped(tag) : tag);
  }
}

function swapped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy.subarray(0, 4).reverse();
  copy.subarray(4, 6).reverse();
  copy.subarray(6, 8).reverse();
  return copy;
}
