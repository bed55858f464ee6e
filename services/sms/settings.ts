/**
 * Which SMS gateway, as whom and from which number, from settings given as a plain object. `VIP_SMS_GATEWAY` is
 * `communication-services` or `webhook`; unset: none, and the app simulates. Every problem is listed at once; no secret,
 * connection string or number is quoted.
 */
import { quote, type Problem } from '../../domain/problem';
import { isBase64Key, isLoopback, parseConnectionString, urlOf } from '../azure/connectionString';
import { identityOf, isProduction, refuse, type Environment, type IdentitySettings } from '../azure/settings';

export type CommunicationServicesSettings = {
  readonly gateway: 'communication-services';
  /** E.164 or a short code. */
  readonly from: string;
} & (
  | { readonly kind: 'connection'; readonly connectionString: string; readonly isLocal: boolean }
  | ({ readonly kind: 'identity'; readonly endpoint: string } & IdentitySettings)
);

export interface WebhookSettings {
  readonly gateway: 'webhook';
  readonly from: string;
  readonly url: string;
  /** Signs what we send. */
  readonly secret: string;
  /** Checks what comes in: the current one and, while they are exchanged, the one before. */
  readonly secrets: readonly string[];
}

export type SmsSettings = CommunicationServicesSettings | WebhookSettings;

/** 256 bits in hex or base64. */
const SECRET_CHARACTERS_MIN = 32;

/** Throws BAD_CONNECTION with every problem. */
export function smsSettings(env: Environment): SmsSettings | undefined {
  const gateway = env['VIP_SMS_GATEWAY'];
  if (!gateway) return undefined;
  const problems: Problem[] = [];
  const from = env['VIP_SMS_FROM'] ?? '';
  if (!/^(\+[1-9]\d{6,14}|\d{3,6})$/.test(from))
    problems.push({ field: 'VIP_SMS_FROM', expected: 'a phone number in E.164 or a short code' });
  let settings: SmsSettings | undefined;
  if (gateway === 'communication-services') settings = communicationServices(env, from, problems);
  else if (gateway === 'webhook') settings = webhook(env, from, problems);
  else
    problems.push({ field: 'VIP_SMS_GATEWAY', value: quote(gateway), expected: 'communication-services or webhook' });
  refuse(problems);
  return settings;
}

function communicationServices(env: Environment, from: string, problems: Problem[]): CommunicationServicesSettings {
  const connection = env['COMMUNICATION_SERVICES_CONNECTION'];
  if (connection) {
    const field = 'COMMUNICATION_SERVICES_CONNECTION';
    const { parts, problems: malformed } = parseConnectionString(connection, field);
    problems.push(...malformed);
    const url = checkedUrl(env, parts.get('endpoint'), field, 'endpoint= an https address', problems);
    if (!isBase64Key(parts.get('accesskey'))) problems.push({ field, expected: 'accesskey= in base64' });
    return {
      gateway: 'communication-services',
      kind: 'connection',
      from,
      connectionString: connection,
      isLocal: url?.protocol === 'http:',
    };
  }
  const field = 'COMMUNICATION_SERVICES_ENDPOINT';
  const endpoint = env[field];
  checkedUrl(env, endpoint, field, 'an https address, or COMMUNICATION_SERVICES_CONNECTION instead', problems);
  const identity = identityOf(env, undefined, 'AZURE_CLIENT_ID', problems);
  return { gateway: 'communication-services', kind: 'identity', from, endpoint: endpoint ?? '', ...identity };
}

function webhook(env: Environment, from: string, problems: Problem[]): WebhookSettings {
  const url = env['VIP_SMS_URL'];
  checkedUrl(env, url, 'VIP_SMS_URL', 'an https address', problems);
  const secret = env['VIP_SMS_SECRET'] ?? '';
  const before = env['VIP_SMS_SECRET_PREVIOUS'];
  const check = (field: string, value: string) => {
    if (value.length < SECRET_CHARACTERS_MIN)
      problems.push({ field, expected: `a secret of at least ${SECRET_CHARACTERS_MIN} characters` });
  };
  check('VIP_SMS_SECRET', secret);
  if (before) check('VIP_SMS_SECRET_PREVIOUS', before);
  return { gateway: 'webhook', from, url: url ?? '', secret, secrets: before ? [secret, before] : [secret] };
}

/** By https; by http to this machine outside production. */
function checkedUrl(
  env: Environment,
  address: string | undefined,
  field: string,
  expected: string,
  problems: Problem[],
): URL | null {
  const url = urlOf(address);
  const isLocal = url?.protocol === 'http:' && isLoopback(url) && !isProduction(env);
  if (url?.protocol !== 'https:' && !isLocal) problems.push({ field, expected });
  return url;
}
