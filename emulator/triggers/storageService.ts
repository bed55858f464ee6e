/** A client of Azure Storage by connection: what queues and blobs have in common. */
import { resolveConnection, type AddressForm } from './connections';
import { loadSdk } from './sdk';
import type { TriggerHost } from './triggerHost';

interface ServiceClient<Service> {
  new (uri: string, credential: unknown, options: object): Service;
  fromConnectionString(text: string, options: object): Service;
}

/** Few and quick: a trigger looks again anyway, and a store on this machine answers or is not there. */
const OPTIONS = { retryOptions: { maxTries: 3, retryDelayInMs: 100, maxRetryDelayInMs: 1000 } };
const DEFAULT_CONNECTION = 'AzureWebJobsStorage';

export interface StoragePackage {
  address: AddressForm;
  name: string;
  /** the class that it exports */
  client: string;
}

/** Throws when the package or the connection's setting is missing. */
export function storageService<Service>(
  host: TriggerHost,
  connection: string,
  neededBy: string,
  sdk: StoragePackage,
): Service {
  const name = connection === '' ? DEFAULT_CONNECTION : connection;
  const resolved = resolveConnection(host.settings, name, sdk.address, neededBy, host.appFolder);
  const Client = loadSdk<Record<string, ServiceClient<Service>>>(sdk.name, host.appFolder, neededBy)[sdk.client];
  if (Client === undefined) throw new Error(`${neededBy}: the package ${sdk.name} has no ${sdk.client}`);
  if (resolved.kind === 'string') return Client.fromConnectionString(resolved.text, OPTIONS);
  return new Client(resolved.uri, resolved.credential(), OPTIONS);
}
