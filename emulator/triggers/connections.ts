/**
 * What the `connection` of a binding stands for, as Azure resolves it: a setting with a connection string, or settings
 * `<connection>__fullyQualifiedNamespace`, `__queueServiceUri`, `__blobServiceUri` and the like with an identity.
 * Source: Azure Functions "Configure an identity-based connection".
 */
import { lookUp, type Environment } from '../realm/settings';
import { loadSdk, type IdentitySdk, type TokenCredential } from './sdk';

export type Connection =
  { kind: 'string'; text: string } | { kind: 'identity'; uri: string; credential: () => TokenCredential };

/** Which settings may hold the address of an identity-based connection, and how they become one. */
export interface AddressForm {
  suffixes: readonly string[];
  /** address of a storage account that only its name is given of */
  ofAccount?: (account: string) => string;
}

export const SERVICE_BUS: AddressForm = { suffixes: ['fullyQualifiedNamespace'] };
export const QUEUES: AddressForm = {
  suffixes: ['queueServiceUri', 'serviceUri'],
  ofAccount: (account) => `https://${account}.queue.core.windows.net`,
};
export const BLOBS: AddressForm = {
  suffixes: ['blobServiceUri', 'serviceUri'],
  ofAccount: (account) => `https://${account}.blob.core.windows.net`,
};

/** Throws, naming function, connection and the settings that were looked for. */
export function resolveConnection(
  settings: Environment,
  name: string,
  form: AddressForm,
  neededBy: string,
  appFolder: string,
): Connection {
  const names = [`AzureWebJobs${name}`, name, `ConnectionStrings:${name}`];
  for (const candidate of names) {
    const text = lookUp(settings, candidate);
    if (text !== undefined && text !== '') return { kind: 'string', text };
  }
  const at = (suffix: string): string | undefined => settings[`${name}__${suffix}`] ?? settings[`${name}:${suffix}`];
  const account = at('accountName');
  const uri =
    form.suffixes.map(at).find((u) => u !== undefined && u !== '') ??
    (account !== undefined && form.ofAccount ? form.ofAccount(account) : undefined);
  if (uri !== undefined) return { kind: 'identity', uri, credential: () => credentialOf(at, neededBy, appFolder) };
  const addresses = form.suffixes.map((s) => `'${name}__${s}'`).join(' or ');
  throw new Error(
    `${neededBy} has the connection '${name}', and there is no setting '${name}' with a connection string, nor ` +
      `${addresses}. Set one in local.settings.json (Values) or in the environment.`,
  );
}

function credentialOf(
  at: (suffix: string) => string | undefined,
  neededBy: string,
  appFolder: string,
): TokenCredential {
  const identity = loadSdk<IdentitySdk>('@azure/identity', appFolder, neededBy);
  const [clientId, tenantId, secret] = [at('clientId'), at('tenantId'), at('clientSecret')];
  if (clientId && tenantId && secret) return new identity.ClientSecretCredential(tenantId, clientId, secret);
  if (at('credential')?.toLowerCase() === 'managedidentity') {
    return new identity.ManagedIdentityCredential(clientId ? { clientId } : {});
  }
  return new identity.DefaultAzureCredential();
}
