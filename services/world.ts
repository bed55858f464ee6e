/**
 * The services that the settings name, one set for each realm: what the app uses, and what the simulator and the replay
 * driver, loaded in the same realm, look into. Nothing set: everything in memory. Settings: `VIP_STORAGE` `memory|azure`,
 * `VIP_BUS` `memory|servicebus`, `VIP_SMS_GATEWAY` (sms/settings.ts), and the connections of azure/settings.ts.
 */
import { quote, type Problem } from '../domain/problem';
import {
  busSettings,
  isProduction,
  refuse,
  storageSettings,
  type BusSettings,
  type Environment,
  type StorageSettings,
} from './azure/settings';
import type { Blobs } from './blobs';
import { systemClock } from './clock';
import { createMemoryServices, type MemoryServices } from './memory/services';
import type { MemoryMessaging } from './memory/messaging';
import type { Messaging } from './messaging';
import { storeOf, type Services, type Settings } from './services';
import type { Sms } from './sms';
import { smsSettings, type SmsSettings } from './sms/settings';
import type { Tables } from './tables';

export interface World extends Services {
  /** Where texts go while no gateway is set: whoever plays the carrier subscribes. */
  readonly simulated: MemoryServices['sms'];
  /** The bus, when it is in memory and must be told who receives. */
  readonly memoryBus: MemoryMessaging | null;
  /** Of a gateway that signs what it sends us; none: there is no such gateway. */
  readonly webhookSecrets: readonly string[];
  /** Files are taken in from a container. */
  readonly watchesBlobs: boolean;
  /** How the host hears of a file: on Azure's elastic plans only by Event Grid, on Azurite only by looking. */
  readonly blobSource: 'EventGrid' | 'LogsAndContainerScan';
}

let shared: World | null = null;

/**
 * The one world of this realm: made by the first to ask, with what that one gives. Throws BAD_CONNECTION with every
 * problem. `newId`: 16 random hex digits, needed only where tables are shared with other processes.
 */
export function sharedWorld(env: Environment = {}, settings: Partial<Settings> = {}, newId = noId): World {
  return (shared ??= createWorld(env, settings, newId));
}

/** For whoever puts a world together by hand, before anybody asks for it. */
export function shareWorld(world: World): void {
  if (shared) throw new Error('the world of this realm is made already');
  shared = world;
}

function noId(): string {
  throw new Error('a world whose tables are shared needs random ids');
}

export function createWorld(env: Environment, settings: Partial<Settings> = {}, newId = noId): World {
  const parts = partsOf(env);
  const memory = createMemoryServices(settings);
  const storage = parts.storage ? azureStorage(parts.storage, newId) : null;
  const gateway = smsSettings(env);
  const bus: Messaging = parts.bus ? azureBus(parts.bus) : memory.bus;
  const tables = storage?.tables ?? memory.tables;
  // Keys of rows are told apart by it: two processes that share tables must not count alike.
  let sequence = storage ? parseInt(newId().slice(0, 7), 16) : 0;
  return {
    ...memory,
    tables,
    store: storeOf(tables),
    blobs: storage?.blobs ?? memory.blobs,
    bus,
    sms: gateway ? gatewayOf(gateway) : memory.sms,
    webhookSecrets: gateway?.gateway === 'webhook' ? gateway.secrets : [],
    simulated: memory.sms,
    memoryBus: bus === memory.bus ? memory.bus : null,
    watchesBlobs: storage !== null,
    blobSource: isProduction(env) ? 'EventGrid' : 'LogsAndContainerScan',
    sequence: () => (sequence += 1),
  };
}

/** Undefined: in memory. Throws BAD_CONNECTION with every problem. */
function partsOf(env: Environment): { storage: StorageSettings | undefined; bus: BusSettings | undefined } {
  const problems: Problem[] = [];
  const choice = (name: string, choices: readonly string[]): string => {
    const value = env[name] || choices[0]!;
    if (!choices.includes(value)) problems.push({ field: name, value: quote(value), expected: choices.join(' or ') });
    return value;
  };
  const isAzure = choice('VIP_STORAGE', ['memory', 'azure']) === 'azure';
  const isServiceBus = choice('VIP_BUS', ['memory', 'servicebus']) === 'servicebus';
  const storage = isAzure ? storageSettings(env) : undefined;
  const bus = isServiceBus ? busSettings(env) : undefined;
  if (isAzure && !storage)
    problems.push({
      field: 'VIP_STORAGE',
      expected: 'AZURE_STORAGE_CONNECTION or AzureWebJobsStorage__accountName too',
    });
  if (isServiceBus && !bus)
    problems.push({ field: 'VIP_BUS', expected: 'ServiceBus or ServiceBus__fullyQualifiedNamespace too' });
  if (isAzure && isProduction(env) && (env['VIP_PHONE_PEPPER'] ?? '') === '')
    problems.push({ field: 'VIP_PHONE_PEPPER', expected: 'a secret of its own in production' });
  // A reference that the platform could not resolve arrives as its own text.
  for (const name of ['VIP_PHONE_PEPPER', 'VIP_SMS_SECRET', 'VIP_SMS_SECRET_PREVIOUS'])
    if (env[name]?.startsWith('@Microsoft.KeyVault('))
      problems.push({ field: name, expected: 'the secret itself: its Key Vault reference did not resolve' });
  refuse(problems);
  return { storage, bus };
}

/* eslint-disable @typescript-eslint/no-require-imports -- loaded only where used: a replay in memory must start fast */
function azureStorage(settings: StorageSettings, newWriteId: () => string): { tables: Tables; blobs: Blobs } {
  const { createAzureTables } = require('./azure/tables') as typeof import('./azure/tables');
  const { createAzureBlobs } = require('./azure/blobs') as typeof import('./azure/blobs');
  return { tables: createAzureTables(settings, { newWriteId }), blobs: createAzureBlobs(settings) };
}

function azureBus(settings: BusSettings): Messaging {
  const { createAzureMessaging } = require('./azure/messaging') as typeof import('./azure/messaging');
  return createAzureMessaging(settings);
}

function gatewayOf(settings: SmsSettings): Sms {
  const { createSmsGateway } = require('./sms/gateway') as typeof import('./sms/gateway');
  return createSmsGateway(settings, systemClock);
}
