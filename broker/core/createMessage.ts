/** A message as it is when it enters a queue: unlocked, waiting for a receiver or, with `scheduledFor`, for its instant. */
import type { Arrival, Message } from './message';

export function createMessage(
  sequence: number,
  arrival: Arrival,
  now: number,
  expiresAt: number,
  scheduledFor: number | null,
): Message {
  return {
    sequence,
    enqueuedSequence: arrival.enqueuedSequence ?? sequence,
    content: arrival.content,
    enqueuedAt: now,
    expiresAt,
    scheduledFor: scheduledFor ?? arrival.content.scheduledFor,
    deliveryCount: arrival.deliveryCount ?? 0,
    state: scheduledFor === null ? 'active' : 'scheduled',
    deadLetterSource: arrival.deadLetterSource ?? null,
    hops: arrival.hops ?? 0,
    lock: null,
    timer: null,
    isReady: false,
    isGone: false,
    session: null,
  };
}
