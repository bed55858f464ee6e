/**
 * Which storage account and which Service Bus the app talks to, and as whom, from settings given as a plain object. On
 * Azure an identity: no keys. `AZURE_STORAGE_CONNECTION` wins where it is set, for machines of one's own. What only a
 * machine of one's own may use (development storage, Azurite's published key, the Service Bus emulator, plain HTTP) is
 * refused in production. Every problem is listed at once.
 */
import { describeProblem, quote, type Problem } from '../../domain/problem';
import { ServiceError } from '../errors';
import { isBase64Key, isLoopback, parseConnectionString, urlOf } from './connectionString';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface IdentitySettings {
  /** Of a user-assigned identity; absent: the app's own. */
  readonly clientId?: string;
  /** In production: the managed identity and no other. */
  readonly isAzure: boolean;
}

export type StorageSettings =
  | { readonly kind: 'connection'; readonly connectionString: string; readonly isLocal: boolean }
  | ({ readonly kind: 'identity'; readonly tablesUrl: string; readonly blobsUrl: string } & IdentitySettings);

export type BusSettings =
  | { readonly kind: 'connection'; readonly connectionString: string; readonly isLocal: boolean }
  | ({ readonly kind: 'identity'; readonly namespace: string } & IdentitySettings);

/** Published by Microsoft, the same in every Azurite: no secret, and therefore nothing that production may trust. */
const AZURITE_ACCOUNT = 'devstoreaccount1';
const AZURITE_KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
const ENDPOINTS = ['TableEndpoint', 'BlobEndpoint'] as const;

/** On Azure, or told to behave as there. */
export function isProduction(env: Environment): boolean {
  return env['AZURE_FUNCTIONS_ENVIRONMENT']?.toLowerCase() === 'production' || !!env['WEBSITE_SITE_NAME'];
}

/** Throws BAD_CONNECTION with every problem; `undefined` where nothing about storage is set. */
export function storageSettings(env: Environment): StorageSettings | undefined {
  const connection = env['AZURE_STORAGE_CONNECTION'];
  if (connection) {
    refuse(storageProblems(connection, 'AZURE_STORAGE_CONNECTION', isProduction(env)));
    return { kind: 'connection', connectionString: connection, isLocal: isLocalStorage(connection) };
  }
  const account = env['AzureWebJobsStorage__accountName'];
  const given = {
    tablesUrl: env['AzureWebJobsStorage__tableServiceUri'],
    blobsUrl: env['AzureWebJobsStorage__blobServiceUri'],
  };
  if (!account && !given.tablesUrl && !given.blobsUrl) return undefined;
  const problems: Problem[] = [];
  if (account && !/^[a-z0-9]{3,24}$/.test(account))
    problems.push({
      field: 'AzureWebJobsStorage__accountName',
      value: quote(account),
      expected: '3 to 24 lower-case letters and digits',
    });
  const url = (kind: 'table' | 'blob', address: string | undefined) => {
    if (address === undefined && account) return `https://${account}.${kind}.core.windows.net`;
    if (urlOf(address)?.protocol !== 'https:')
      problems.push({ field: `AzureWebJobsStorage__${kind}ServiceUri`, expected: 'an https address' });
    return address ?? '';
  };
  const settings = {
    kind: 'identity' as const,
    tablesUrl: url('table', given.tablesUrl),
    blobsUrl: url('blob', given.blobsUrl),
    ...identityOf(env, env['AzureWebJobsStorage__clientId'], 'AzureWebJobsStorage__clientId', problems),
  };
  refuse(problems);
  return settings;
}

/** `name`: the Functions connection, `ServiceBus` or `ServiceBus__fullyQualifiedNamespace`. Throws BAD_CONNECTION. */
export function busSettings(env: Environment, name = 'ServiceBus'): BusSettings | undefined {
  const connection = env[name];
  if (connection) {
    refuse(busProblems(connection, name, isProduction(env)));
    return {
      kind: 'connection',
      connectionString: connection,
      isLocal: /(^|;)\s*UseDevelopmentEmulator\s*=\s*true/i.test(connection),
    };
  }
  const namespace = env[`${name}__fullyQualifiedNamespace`];
  if (!namespace) return undefined;
  const problems: Problem[] = [];
  if (!/^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(namespace))
    problems.push({
      field: `${name}__fullyQualifiedNamespace`,
      value: quote(namespace),
      expected: 'a host such as contoso.servicebus.windows.net',
    });
  const identity = identityOf(env, env[`${name}__clientId`], `${name}__clientId`, problems);
  refuse(problems);
  return { kind: 'identity', namespace, ...identity };
}

/** `own`: the client id of this one connection; else AZURE_CLIENT_ID, which holds for all. */
export function identityOf(
  env: Environment,
  own: string | undefined,
  setting: string,
  problems: Problem[],
): IdentitySettings {
  const clientId = own || env['AZURE_CLIENT_ID'];
  if (clientId && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(clientId))
    problems.push({ field: own ? setting : 'AZURE_CLIENT_ID', value: quote(clientId), expected: 'a client id (UUID)' });
  return { ...(clientId ? { clientId } : {}), isAzure: isProduction(env) };
}

/** Throws BAD_CONNECTION unless there is none. */
export function refuse(problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  throw new ServiceError('BAD_CONNECTION', `settings refused: ${problems.map(describeProblem).join('; ')}`);
}

function storageProblems(text: string, setting: string, production: boolean): Problem[] {
  const { parts, problems: malformed } = parseConnectionString(text, setting);
  const problems = [...malformed];
  const add = (expected: string) => problems.push({ field: setting, expected });
  const isDevelopment = parts.get('usedevelopmentstorage')?.toLowerCase() === 'true';
  const isAzurite = parts.get('accountkey') === AZURITE_KEY || parts.get('accountname') === AZURITE_ACCOUNT;
  if (production && isDevelopment) add('no UseDevelopmentStorage in production');
  if (production && isAzurite) add("not Azurite's published account and key in production");
  if (isDevelopment || malformed.length > 0) return problems;
  const hasSas = parts.has('sharedaccesssignature');
  if (!hasSas && !/^[a-z0-9]{3,24}$/.test(parts.get('accountname') ?? ''))
    add('AccountName, 3 to 24 lower-case letters and digits');
  if (!hasSas && !isBase64Key(parts.get('accountkey'))) add('AccountKey in base64');
  if (!hasSas && !/^https?$/i.test(parts.get('defaultendpointsprotocol') ?? ''))
    add('DefaultEndpointsProtocol=https (http for Azurite)');
  for (const endpoint of ENDPOINTS) {
    // Without an address of its own the SDKs put one together, with the protocol given.
    const protocol = parts.get('defaultendpointsprotocol')?.toLowerCase() === 'http' ? 'http' : 'https';
    const url = urlOf(parts.get(endpoint.toLowerCase()) ?? (hasSas ? undefined : `${protocol}://somewhere.invalid`));
    const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url) && !production);
    if (!isSafe) add(`${endpoint} by https, or by http to this machine outside production`);
  }
  return problems;
}

function isLocalStorage(text: string): boolean {
  return /(^|;)\s*(UseDevelopmentStorage\s*=\s*true|(Table|Blob)Endpoint\s*=\s*http:)/i.test(text);
}

function busProblems(text: string, setting: string, production: boolean): Problem[] {
  const { parts, problems: malformed } = parseConnectionString(text, setting);
  const problems = [...malformed];
  const add = (expected: string) => problems.push({ field: setting, expected });
  const isEmulator = parts.get('usedevelopmentemulator')?.toLowerCase() === 'true';
  if (production && isEmulator) add('no UseDevelopmentEmulator in production');
  if (malformed.length > 0) return problems;
  const url = urlOf(parts.get('endpoint'));
  if (url?.protocol !== 'sb:' || url.hostname === '') add('Endpoint=sb://host/');
  if (!parts.has('sharedaccesssignature')) {
    if (!parts.get('sharedaccesskeyname')) add('SharedAccessKeyName');
    if (!parts.get('sharedaccesskey')) add('SharedAccessKey');
  }
  return problems;
}
