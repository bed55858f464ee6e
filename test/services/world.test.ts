/** Which services the settings name; what cannot be meant is refused before anything starts. */
import { createWorld } from '../../services/world';

const storage = {
  VIP_STORAGE: 'azure',
  AZURE_STORAGE_CONNECTION:
    'DefaultEndpointsProtocol=http;AccountName=local;AccountKey=YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXowMTIzNDU2Nzg5YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXo=;TableEndpoint=http://127.0.0.1:1/t;BlobEndpoint=http://127.0.0.1:1/b',
};
const bus = {
  VIP_BUS: 'servicebus',
  ServiceBus: 'Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=a;SharedAccessKey=b;UseDevelopmentEmulator=true;',
};
const newId = () => '0123456789abcdef';

it('without settings is in memory, and lets the simulator play the carrier', () => {
  const world = createWorld({});
  expect([world.memoryBus !== null, world.watchesBlobs, world.sms === world.simulated]).toEqual([true, false, true]);
});

it('takes each part from its own setting', () => {
  expect(createWorld(storage, {}, newId)).toMatchObject({ watchesBlobs: true, blobSource: 'LogsAndContainerScan' });
  expect(createWorld(bus).memoryBus).toBeNull();
});

it('rows of one instant written by two processes get different keys', () => {
  const ids = ['0000001aaaaaaaaa', 'fffffffaaaaaaaaa'];
  const [one, two] = ids.map((id) => createWorld(storage, {}, () => id).sequence());
  expect(one).not.toBe(two);
});

it.each<[string, Record<string, string>, RegExp]>([
  ['a storage it does not know', { VIP_STORAGE: 'floppy' }, /VIP_STORAGE.*floppy.*memory or azure/],
  ['a bus it does not know', { VIP_BUS: 'pigeon' }, /VIP_BUS.*pigeon.*memory or servicebus/],
  ['a storage without a connection', { VIP_STORAGE: 'azure' }, /AZURE_STORAGE_CONNECTION/],
  ['a bus without a connection', { VIP_BUS: 'servicebus' }, /ServiceBus/],
  [
    'a local broker in production',
    { ...bus, AZURE_FUNCTIONS_ENVIRONMENT: 'Production' },
    /no UseDevelopmentEmulator in production/,
  ],
  [
    'the published pepper with shared tables in production',
    { VIP_STORAGE: 'azure', AzureWebJobsStorage__accountName: 'contoso', WEBSITE_SITE_NAME: 'app' },
    /VIP_PHONE_PEPPER/,
  ],
  [
    'a secret whose reference did not resolve',
    { VIP_PHONE_PEPPER: '@Microsoft.KeyVault(VaultName=v;SecretName=s)' },
    /VIP_PHONE_PEPPER.*Key Vault/,
  ],
])('refuses %s', (_, env, expected) => {
  expect(() => createWorld(env, {}, newId)).toThrow(expected);
});
