/** The world as the app sees it. Built once in app.ts; passed to triggers and activities, never imported by them. */
import type { Practice } from '../domain/policy';
import type { Blobs } from './blobs';
import type { Clock } from './clock';
import type { Messaging } from './messaging';
import type { TableValues } from './rows';
import { UPGRADES, versioned } from './schema';
import type { Sms } from './sms';
import type { Table, Tables } from './tables';

export interface Settings {
  readonly practice: Practice;
  /** Makes keys of phone numbers unguessable. */
  readonly phonePepper: string;
  /** Purge the histories of finished batches once their week is over. */
  readonly purgeHistories: boolean;
}

export type Store = { readonly [Name in keyof TableValues]: Table<TableValues[Name]> };

export interface Services {
  readonly tables: Tables;
  readonly store: Store;
  readonly blobs: Blobs;
  readonly bus: Messaging;
  readonly sms: Sms;
  readonly clock: Clock;
  readonly settings: Settings;
  /** A number that grows with every call: tells apart what happened at one instant. */
  sequence(): number;
}

/** `tables` seen by name, rows of older schemas upgraded (schema.ts). */
export function storeOf(tables: Tables): Store {
  return new Proxy({} as Record<string, Table>, {
    get: (known, name) =>
      typeof name === 'string' ? (known[name] ??= versioned(name, tables.table(name), UPGRADES[name])) : undefined,
  }) as unknown as Store;
}
