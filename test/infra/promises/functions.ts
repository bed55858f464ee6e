/** The app: its plan by back end, its transport, its package, and the events that reach it. */
import { type Compiled } from '../compiled';
import { ofType, shortName, theOne } from '../resources';

export function functions(compiled: Compiled): void {
  describe('functions', () => {
    it.each([
      ['dev', 'FC1'],
      ['prod', 'FC1'],
      ['prod.DurableTaskScheduler', 'FC1'],
      ['prod.Netherite', 'P0v3'],
    ])('%s runs on %s, by https, TLS 1.2, without passwords', (environment, sku) => {
      expect(theOne(compiled, environment, 'Microsoft.Web/serverfarms').sku!.name).toBe(sku);
      const { identity, properties } = theOne(compiled, environment, 'Microsoft.Web/sites');
      expect(identity!.type).toBe('UserAssigned');
      expect(properties).toMatchObject({
        httpsOnly: true,
        siteConfig: { minTlsVersion: '1.2', scmMinTlsVersion: '1.2' },
      });
      const publishing = ofType(compiled, environment, 'Microsoft.Web/sites/basicPublishingCredentialsPolicies');
      expect(publishing.map((policy) => [shortName(policy), policy.properties['allow']])).toEqual([
        ['ftp', false],
        ['scm', false],
      ]);
    });

    it('reads its package from a container, as itself', () => {
      expect(theOne(compiled, 'prod', 'Microsoft.Web/sites').properties['functionAppConfig']).toMatchObject({
        runtime: { name: 'node' },
        deployment: { storage: { type: 'blobContainer', authentication: { type: 'UserAssignedIdentity' } } },
      });
      expect(
        ofType(compiled, 'prod', 'Microsoft.Storage/storageAccounts/blobServices/containers').map(shortName),
      ).toEqual(expect.arrayContaining(['deployments', 'outreach', 'preferences', 'event-dead-letters']));
    });
  });

  describe('events of texts', () => {
    it('reach the queue as CloudEvents, with an identity and a place for what cannot be delivered', () => {
      expect(theOne(compiled, 'prod', 'Microsoft.EventGrid/systemTopics/eventSubscriptions').properties).toMatchObject({
        eventDeliverySchema: 'CloudEventSchemaV1_0',
        filter: {
          includedEventTypes: [
            'Microsoft.Communication.SMSReceived',
            'Microsoft.Communication.SMSDeliveryReportReceived',
          ],
        },
        deliveryWithResourceIdentity: { destination: { endpointType: 'ServiceBusQueue' } },
        deadLetterWithResourceIdentity: { deadLetterDestination: { endpointType: 'StorageBlob' } },
      });
    });
  });
}
