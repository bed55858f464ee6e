/** The hosts of this process that are not stopped yet, so that a test framework can end those that a test left behind. */
import type { Host } from './types';

const open = new Set<Host>();

export const noteOpen = (host: Host): void => void open.add(host);
export const noteStopped = (host: Host): void => void open.delete(host);

/** Stops every host that still runs in this process (in jest: in this test file). Returns how many there were. */
export async function stopAllHosts(): Promise<number> {
  const hosts = [...open];
  await Promise.all(hosts.map((host) => host.stop()));
  return hosts.length;
}
