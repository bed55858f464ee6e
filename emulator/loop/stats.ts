/** Counters since the start of the host, purged instances included. What each counts is said in types.ts. */
import type { HostStats } from '../types';

export const newStats = (): HostStats => ({
  instances: 0,
  historyEvents: 0,
  replays: 0,
  activities: 0,
  entityTurns: 0,
  entityOperations: 0,
  messages: 0,
  commits: 0,
  httpRequests: 0,
  managementRequests: 0,
  traps: [],
});
