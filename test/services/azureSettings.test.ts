/** Settings of storage, Service Bus and SMS: what is taken, and what is named and refused. */
import { busSettings, storageSettings, type Environment } from '../../services/azure/settings';
import { smsSettings } from '../../services/sms/settings';

const KEY = Buffer.from('k'.repeat(64)).toString('base64');
const AZURITE_KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
const REAL = `DefaultEndpointsProtocol=https;AccountName=zephyr1;AccountKey=${KEY};EndpointSuffix=core.windows.net`;
const AZURITE = `DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=${AZURITE_KEY};TableEndpoint=http://127.0.0.1:1/devstoreaccount1;BlobEndpoint=http://127.0.0.1:2/devstoreaccount1`;
const PRODUCTION: Environment = { AZURE_FUNCTIONS_ENVIRONMENT: 'Production' };
const ON_AZURE: Environment = { WEBSITE_SITE_NAME: 'zephyr' };
const BUS = 'Endpoint=sb://zephyr.servicebus.windows.net/;SharedAccessKeyName=app;SharedAccessKey=abc';
const EMULATOR = 'Endpoint=sb://127.0.0.1:5672;SharedAccessKeyName=a;SharedAccessKey=b;UseDevelopmentEmulator=true;';

describe('storage', () => {
  const storage = (connection: string, env: Environment = {}) =>
    storageSettings({ ...env, AZURE_STORAGE_CONNECTION: connection });

  it('is nothing where nothing is set', () => {
    expect(storageSettings({})).toBeUndefined();
  });

  it.each([
    ['an account', REAL, {}, false],
    ['an account in production', REAL, PRODUCTION, false],
    ['Azurite', AZURITE, {}, true],
    ['development storage', 'UseDevelopmentStorage=true', { AZURE_FUNCTIONS_ENVIRONMENT: 'Development' }, true],
  ])('takes %s', (_, connection, env, isLocal) => {
    expect(storage(connection, env)).toEqual({ kind: 'connection', connectionString: connection, isLocal });
  });

  it.each([
    ['development storage in production', 'UseDevelopmentStorage=true', PRODUCTION, /no UseDevelopmentStorage/],
    ['development storage on Azure', 'UseDevelopmentStorage=true;', ON_AZURE, /no UseDevelopmentStorage/],
    ['Azurite in production', AZURITE, { AZURE_FUNCTIONS_ENVIRONMENT: 'production' }, /published account and key/],
    ["Azurite's key with another account", REAL.replace(KEY, AZURITE_KEY), ON_AZURE, /published account and key/],
    ['no connection string', 'hello', {}, /Name=value as part 1/],
    ['a part twice', `${REAL};AccountName=other`, {}, /AccountName once/],
    ['no key', REAL.replace(KEY, ''), {}, /AccountKey in base64/],
    ['half a key', REAL.replace(KEY, KEY.slice(0, 41)), {}, /AccountKey in base64/],
    ['no name', REAL.replace('zephyr1', 'Zephyr 1'), {}, /AccountName, 3 to 24/],
    ['no protocol', REAL.replace('DefaultEndpointsProtocol=https;', ''), {}, /DefaultEndpointsProtocol=https/],
    ['plain HTTP to elsewhere', REAL.replace('https', 'http'), {}, /TableEndpoint by https/],
    ['an endpoint that is none', AZURITE.replace('http://127.0.0.1:2', 'ftp://x'), {}, /BlobEndpoint by https/],
    ['a signature without endpoints', 'SharedAccessSignature=sv%3D1', {}, /TableEndpoint by https/],
  ])('refuses %s, without quoting it', (_, connection, env, expected) => {
    const take = () => storage(connection, env);
    expect(take).toThrow(expect.objectContaining({ code: 'BAD_CONNECTION', retriable: false }));
    expect(take).toThrow(/^settings refused: AZURE_STORAGE_CONNECTION: expected/);
    expect(take).toThrow(expected);
    expect(take).not.toThrow(new RegExp(`${KEY.slice(0, 20)}|${AZURITE_KEY.slice(0, 20)}`));
  });

  it('takes an identity, with addresses from the name of the account', () => {
    expect(storageSettings({ ...ON_AZURE, AzureWebJobsStorage__accountName: 'zephyr1' })).toEqual({
      kind: 'identity',
      tablesUrl: 'https://zephyr1.table.core.windows.net',
      blobsUrl: 'https://zephyr1.blob.core.windows.net',
      isAzure: true,
    });
    const clientId = '11111111-2222-3333-4444-555555555555';
    expect(
      storageSettings({
        AzureWebJobsStorage__tableServiceUri: 'https://t.example',
        AzureWebJobsStorage__blobServiceUri: 'https://b.example',
        AzureWebJobsStorage__clientId: clientId,
      }),
    ).toEqual({
      kind: 'identity',
      tablesUrl: 'https://t.example',
      blobsUrl: 'https://b.example',
      clientId,
      isAzure: false,
    });
  });

  it('lists everything wrong with an identity at once', () => {
    const env = { AzureWebJobsStorage__accountName: 'No!', AZURE_CLIENT_ID: 'me' };
    expect(() => storageSettings(env)).toThrow(/accountName: got "No!".*AZURE_CLIENT_ID: got "me"/);
    expect(() => storageSettings({ AzureWebJobsStorage__tableServiceUri: 'http://t' })).toThrow(
      /tableServiceUri: expected an https address.*blobServiceUri/,
    );
  });
});

describe('Service Bus', () => {
  it('takes a connection, the emulator on a machine of ones own, or an identity', () => {
    expect(busSettings({})).toBeUndefined();
    expect(busSettings({ ...PRODUCTION, ServiceBus: BUS })).toMatchObject({ kind: 'connection', isLocal: false });
    expect(busSettings({ ServiceBus: EMULATOR })).toMatchObject({ kind: 'connection', isLocal: true });
    expect(busSettings({ Other__fullyQualifiedNamespace: 'zephyr.servicebus.windows.net' }, 'Other')).toEqual({
      kind: 'identity',
      namespace: 'zephyr.servicebus.windows.net',
      isAzure: false,
    });
  });

  it.each([
    ['the emulator in production', EMULATOR, PRODUCTION, /no UseDevelopmentEmulator in production/],
    ['the emulator on Azure', EMULATOR.replace('true', 'TRUE'), ON_AZURE, /no UseDevelopmentEmulator in production/],
    ['no endpoint', BUS.replace('sb:', 'https:'), {}, /Endpoint=sb:/],
    ['no key', BUS.replace('SharedAccessKey=abc', ''), {}, /SharedAccessKey/],
    ['no connection string', 'sb://zephyr', {}, /Name=value as part 1/],
  ])('refuses %s', (_, connection, env, expected) => {
    expect(() => busSettings({ ...env, ServiceBus: connection })).toThrow(expected);
    expect(() => busSettings({ ...env, ServiceBus: connection })).not.toThrow(/abc/);
  });
});

describe('SMS', () => {
  const webhook = { VIP_SMS_GATEWAY: 'webhook', VIP_SMS_FROM: '+18335550100', VIP_SMS_SECRET: 's'.repeat(32) };

  it('is simulated where no gateway is named', () => {
    expect(smsSettings({})).toBeUndefined();
  });

  it('takes two secrets for what comes in while they are exchanged', () => {
    const env = { ...webhook, VIP_SMS_URL: 'https://sms.example/v1', VIP_SMS_SECRET_PREVIOUS: 't'.repeat(32) };
    expect(smsSettings(env)).toMatchObject({ secret: 's'.repeat(32), secrets: ['s'.repeat(32), 't'.repeat(32)] });
  });

  it('takes Communication Services by identity', () => {
    const env = { VIP_SMS_GATEWAY: 'communication-services', VIP_SMS_FROM: '12345', ...ON_AZURE };
    const endpoint = 'https://zephyr.communication.azure.com';
    expect(smsSettings({ ...env, COMMUNICATION_SERVICES_ENDPOINT: endpoint })).toEqual({
      gateway: 'communication-services',
      kind: 'identity',
      from: '12345',
      endpoint,
      isAzure: true,
    });
  });

  it.each([
    ['another gateway', { ...webhook, VIP_SMS_GATEWAY: 'pigeon' }, /VIP_SMS_GATEWAY: got "pigeon"/],
    ['no number', { ...webhook, VIP_SMS_FROM: '312', VIP_SMS_URL: 'http://sms' }, /VIP_SMS_URL: expected an https/],
    ['a short secret', { ...webhook, VIP_SMS_SECRET: 'x', VIP_SMS_FROM: 'me' }, /VIP_SMS_FROM.*VIP_SMS_SECRET/],
    ['HTTP in production', { ...webhook, ...PRODUCTION, VIP_SMS_URL: 'http://127.0.0.1:1' }, /VIP_SMS_URL/],
    ['no endpoint', { VIP_SMS_GATEWAY: 'communication-services', VIP_SMS_FROM: '12345' }, /_ENDPOINT: expected/],
  ])('refuses %s', (_, env, expected) => {
    expect(() => smsSettings(env)).toThrow(expected);
  });
});
