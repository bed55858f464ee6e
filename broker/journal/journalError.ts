/** A journal folder that cannot be used: what is wrong, where, and what to do about it. */
export class JournalError extends Error {
  override readonly name = 'JournalError';
}
