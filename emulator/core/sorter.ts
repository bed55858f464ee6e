/**
 * What an entity remembers of the messages between it and others, in the form in which the real host keeps (and shows) it:
 * the last stamp by sender and by destination, and from when on they count. Nothing is reordered or dropped here: within
 * this host messages arrive in order and once. Source: extension EntityScheduler/MessageSorter; recorded/entity-*.
 */
import type { EntityMessage, Sorter, Stamp } from './types';

const WINDOW_MS = 30 * 60_000;
const COLLECT_AFTER_MS = 10_000;
/** Correspondents kept; the real host keeps all of half an hour. */
const KEPT_MAX = 200;

const ms = (stamp: string): number => Date.parse(stamp.length > 24 ? `${stamp.slice(0, 23)}Z` : stamp);

/** The instant half an hour before a stamp, with the stamp's own fraction. */
const windowStart = (stamp: string): string =>
  new Date(ms(stamp) - WINDOW_MS).toISOString().slice(0, 19) + stamp.slice(19);

/** Messages of clients, and lock requests passed on, take no part. */
export function noteReceived(sorter: Sorter, message: EntityMessage): void {
  if (message.type === 'release' || message.parent === null || !message.stamp) return;
  if (message.type === 'lock' && message.position > 0) return;
  const { timestamp } = message.stamp;
  if (timestamp.startsWith('0001')) return;
  if (sorter.ReceiveHorizon === undefined || ms(sorter.ReceiveHorizon) + WINDOW_MS + COLLECT_AFTER_MS < ms(timestamp)) {
    sorter.ReceiveHorizon = windowStart(timestamp);
    const horizon = ms(sorter.ReceiveHorizon);
    for (const [sender, of] of Object.entries(sorter.ReceivedFromInstance ?? {})) {
      if (ms(of.Last) < horizon) delete sorter.ReceivedFromInstance?.[sender];
    }
  }
  const execution = message.parentExecution;
  const received = (sorter.ReceivedFromInstance ??= {});
  received[message.parent] = execution === null ? { Last: timestamp } : { Last: timestamp, ExecutionId: execution };
  forgetOldest(received);
}

/** Stamps a signal that the entity sends. */
export function stampSent(sorter: Sorter, to: string, now: number): Stamp {
  let timestamp = new Date(now).toISOString();
  if (sorter.SendHorizon === undefined || ms(sorter.SendHorizon) + WINDOW_MS + COLLECT_AFTER_MS < now) {
    sorter.SendHorizon = windowStart(timestamp);
    const horizon = ms(sorter.SendHorizon);
    for (const [target, last] of Object.entries(sorter.LastSentToInstance ?? {})) {
      if (ms(last) < horizon) delete sorter.LastSentToInstance?.[target];
    }
  }
  const sent = (sorter.LastSentToInstance ??= {});
  const previous = sent[to];
  if (previous !== undefined && previous.slice(0, 23) === timestamp.slice(0, 23)) {
    const ticks = previous.length > 24 ? Number(previous.slice(23, 27)) : 0;
    timestamp = `${timestamp.slice(0, 23)}${String(ticks + 1).padStart(4, '0')}Z`;
  }
  sent[to] = timestamp;
  forgetOldest(sent);
  return { timestamp, predecessor: previous ?? '0001-01-01T00:00:00' };
}

function forgetOldest(map: Record<string, unknown>): void {
  const keys = Object.keys(map);
  if (keys.length > KEPT_MAX) for (const key of keys.slice(0, KEPT_MAX / 2)) delete map[key];
}
