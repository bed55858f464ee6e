/**
 * The whole world in memory, one for each realm: what the app uses without settings, and what the simulator and the
 * replay driver, loaded in the same realm, look into. Lives as long as its process.
 */
import { DEFAULT_PRACTICE } from '../../domain/policy';
import { systemClock } from '../clock';
import { storeOf, type Services, type Settings } from '../services';
import { createMemoryBlobs } from './blobs';
import { createMemoryBus } from './bus';
import { createMemorySms, type MemorySms } from './sms';
import { createMemoryTables } from './tables';

export interface MemoryServices extends Services {
  readonly sms: MemorySms;
}

export function createMemoryServices(settings: Partial<Settings> = {}): MemoryServices {
  const tables = createMemoryTables();
  const sms = createMemorySms();
  let sequence = 0;
  return {
    tables,
    store: storeOf(tables),
    blobs: createMemoryBlobs(),
    sms,
    bus: createMemoryBus(sms),
    clock: systemClock,
    settings: { practice: DEFAULT_PRACTICE, phonePepper: 'local', purgeHistories: true, ...settings },
    sequence: () => (sequence += 1),
  };
}

let shared: MemoryServices | null = null;

/** The one world of this realm. */
export function sharedMemoryServices(settings: Partial<Settings> = {}): MemoryServices {
  return (shared ??= createMemoryServices(settings));
}
