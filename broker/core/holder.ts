/**
 * Who holds locks: a receiving link, or a connection that received by sequence number. A holder that has gone away keeps
 * its message locks until they expire, as in Azure; the broker then no longer waits for it (see `Namespace.heldLocks`).
 */
export class Holder {
  isConnected = true;
  locks = 0;
  /** Told when a session lock of this holder expires. */
  onSessionLost: (sessionId: string) => void = () => undefined;
}
