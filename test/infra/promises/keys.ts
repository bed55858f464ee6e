/** No key and no connection string anywhere near the app; nothing secret in what templates give out. */
import { type Compiled, stringsIn, templatesIn } from '../compiled';
import { ENVIRONMENTS, ofType, theOne } from '../resources';

export function keys(compiled: Compiled): void {
  describe('keys', () => {
    it.each(['main', 'secret', 'blobEvents'])('%s.bicep lists no keys and spells no connection string', (name) => {
      const telling =
        /list\w*(keys|secrets|sas|connectionstrings)\b|accountkey=|sharedaccess(key|signature)|;accesskey=/i;
      expect([...stringsIn(compiled.template(name))].filter((text) => telling.test(text))).toEqual([]);
    });

    it.each(ENVIRONMENTS)('%s: storage, Service Bus, telemetry and texts take identities alone', (environment) => {
      expect(theOne(compiled, environment, 'Microsoft.Storage/storageAccounts').properties).toMatchObject({
        allowSharedKeyAccess: false,
        allowBlobPublicAccess: false,
        minimumTlsVersion: 'TLS1_2',
        supportsHttpsTrafficOnly: true,
      });
      expect(theOne(compiled, environment, 'Microsoft.ServiceBus/namespaces').properties).toMatchObject({
        disableLocalAuth: true,
        minimumTlsVersion: '1.2',
      });
      expect(theOne(compiled, environment, 'Microsoft.Insights/components').properties['DisableLocalAuth']).toBe(true);
      expect(
        theOne(compiled, environment, 'Microsoft.Communication/communicationServices').properties['disableLocalAuth'],
      ).toBe(true);
      for (const eventHubs of ofType(compiled, environment, 'Microsoft.EventHub/namespaces'))
        expect(eventHubs.properties).toMatchObject({ disableLocalAuth: true, minimumTlsVersion: '1.2' });
    });

    it('gives out nothing secret', () => {
      const outputs = ['main', 'secret', 'blobEvents'].flatMap((name) =>
        [...templatesIn(compiled.template(name))].flatMap(([at, { outputs = {} }]) =>
          Object.entries(outputs).map(([output, { type, value }]) => ({
            at: `${at}.${output}`,
            type,
            value: String(value),
          })),
        ),
      );
      expect(outputs.length).toBeGreaterThan(20);
      expect(outputs.filter(({ type }) => /secure/i.test(type ?? ''))).toEqual([]);
      expect(outputs.filter(({ at }) => /(secret|password|key|connection\w*string)$/i.test(at))).toEqual([]);
    });

    it('keeps secrets by role, and for good', () => {
      expect(theOne(compiled, 'prod', 'Microsoft.KeyVault/vaults').properties).toMatchObject({
        enableRbacAuthorization: true,
        enablePurgeProtection: true,
        enableSoftDelete: true,
      });
      expect(compiled.snapshot('prod').filter(({ type }) => /vaults\/secrets/.test(type))).toEqual([]);
    });
  });
}
