/**
 * The whole world in memory: what the app uses without settings (world.ts), and tests. Lives as long as its process.
 */
import { DEFAULT_PRACTICE } from '../../domain/policy';
import { systemClock } from '../clock';
import { storeOf, type Services, type Settings } from '../services';
import { createMemoryBlobs } from './blobs';
import { createMemoryMessaging, type MemoryMessaging } from './messaging';
import { createMemorySms, type MemorySms } from './sms';
import { createMemoryTables } from './tables';

export interface MemoryServices extends Services {
  readonly sms: MemorySms;
  readonly bus: MemoryMessaging;
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
    bus: createMemoryMessaging(),
    clock: systemClock,
    settings: { practice: DEFAULT_PRACTICE, phonePepper: 'local', purgeHistories: true, ...settings },
    sequence: () => (sequence += 1),
  };
}
