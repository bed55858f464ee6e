/** What the app is told: addresses and whom to be, in the names the app reads. */
import { busSettings, storageSettings } from '../../../services/azure/settings';
import { smsSettings } from '../../../services/sms/settings';
import { type Compiled, settingsIn, templatesIn } from '../compiled';
import {} from '../resources';

const CLIENT = '11111111-2222-3333-4444-555555555555';

export function settings(compiled: Compiled): void {
  describe('settings of the app', () => {
    const template = () => new Map(templatesIn(compiled.template('main'))).get('main/settings')!;
    const settings = () =>
      settingsIn([template().variables!['sms'], template().outputs!['all']!.value].map(String).join(' '));

    it('name a secret only as a reference into the vault', () => {
      const secret = [...settings()].filter(([name]) => /PEPPER|SECRET|PASSWORD|_KEY/i.test(name));
      expect(secret.map(([name]) => name).sort()).toEqual([
        'VIP_PHONE_PEPPER',
        'VIP_SMS_SECRET',
        'VIP_SMS_SECRET_PREVIOUS',
      ]);
      for (const [, value] of secret)
        expect(value).toMatch(/^format\('@Microsoft\.KeyVault\(SecretUri=\{0\}\/[a-z-]+\)'/);
    });

    it('hold no connection string but the one of telemetry, which opens nothing', () => {
      expect(
        [...settings().keys()].filter((name) =>
          /connection(_?string)?$|^AzureWebJobsStorage$|^ServiceBus$/i.test(name),
        ),
      ).toEqual(['APPLICATIONINSIGHTS_CONNECTION_STRING']);
      expect(settings().get('APPLICATIONINSIGHTS_AUTHENTICATION_STRING')).toContain('Authorization=AAD');
    });

    it('turn the app from memory to Azure', () => {
      expect(settings().get('VIP_STORAGE')).toBe("'azure'");
      expect(settings().get('VIP_BUS')).toBe("'servicebus'");
    });

    it('are what the app itself reads, and to it mean an identity', () => {
      const values: Record<string, string> = {
        AzureWebJobsStorage__accountName: 'stvipdev',
        ServiceBus__fullyQualifiedNamespace: 'sb-vip.servicebus.windows.net',
        COMMUNICATION_SERVICES_ENDPOINT: 'https://acs-vip.communication.azure.com',
        VIP_SMS_GATEWAY: 'communication-services',
        VIP_SMS_FROM: '+18335550100',
      };
      const env = Object.fromEntries(
        [...settings().keys()].map((name) => [
          name,
          values[name] ?? (/clientid$|^AZURE_CLIENT_ID$/i.test(name) ? CLIENT : 'x'),
        ]),
      );
      const onAzure = { ...env, WEBSITE_SITE_NAME: 'func-vip' };
      expect(storageSettings(onAzure)).toMatchObject({ kind: 'identity', clientId: CLIENT, isAzure: true });
      expect(busSettings(onAzure)).toMatchObject({
        kind: 'identity',
        namespace: values['ServiceBus__fullyQualifiedNamespace'],
      });
      expect(smsSettings(onAzure)).toMatchObject({ kind: 'identity', from: '+18335550100' });
    });

    it('are all taken by Flex Consumption', () => {
      const refused =
        /^(FUNCTIONS_EXTENSION_VERSION|FUNCTIONS_WORKER_RUNTIME|WEBSITE_NODE_DEFAULT_VERSION|WEBSITE_RUN_FROM_PACKAGE|WEBSITE_CONTENT\w+)$/;
      expect([...settings().keys()].filter((name) => refused.test(name))).toEqual([]);
    });
  });
}
