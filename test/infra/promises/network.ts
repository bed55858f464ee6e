/** With private endpoints nothing is public that need not be; without them none of it is there. */
import { type Compiled } from '../compiled';
import { ofType, scopeOf, shortName, theOne } from '../resources';

export function network(compiled: Compiled): void {
  describe('network', () => {
    const CLOSED = [
      'Microsoft.Storage/storageAccounts',
      'Microsoft.ServiceBus/namespaces',
      'Microsoft.KeyVault/vaults',
      'Microsoft.EventHub/namespaces',
    ];

    it.each(['prod', 'prod.Netherite'])(
      '%s: data services have private endpoints and no public network',
      (environment) => {
        const services = compiled.snapshot(environment).filter(({ type }) => CLOSED.includes(type));
        expect(services.map(({ properties }) => properties['publicNetworkAccess'])).toEqual(
          services.map(() => 'Disabled'),
        );
        const groups = ofType(compiled, environment, 'Microsoft.Network/privateEndpoints').map(shortName);
        const expected = [
          'pe-vip-prod-blob',
          'pe-vip-prod-queue',
          'pe-vip-prod-table',
          'pe-vip-prod-service-bus',
          'pe-vip-prod-vault',
        ];
        expect(groups).toEqual(environment === 'prod' ? expected : [...expected, 'pe-vip-prod-event-hubs']);
        expect(ofType(compiled, environment, 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups')).toHaveLength(
          groups.length,
        );
        expect(theOne(compiled, environment, 'Microsoft.ServiceBus/namespaces').sku!.name).toBe('Premium');
      },
    );

    it('prod: the app answers Event Grid and the addresses it was told, and joins the network', () => {
      const { siteConfig, virtualNetworkSubnetId } = theOne(compiled, 'prod', 'Microsoft.Web/sites').properties as {
        siteConfig: { ipSecurityRestrictions: { ipAddress: string }[]; ipSecurityRestrictionsDefaultAction: string };
        virtualNetworkSubnetId: string;
      };
      expect(siteConfig.ipSecurityRestrictions.map(({ ipAddress }) => ipAddress)).toEqual([
        'AzureEventGrid',
        '203.0.113.0/24',
        '198.51.100.7/32',
      ]);
      expect(siteConfig.ipSecurityRestrictionsDefaultAction).toBe('Deny');
      expect(virtualNetworkSubnetId).toContain('appSubnetId');
    });

    it('dev: has no network, no endpoints and no diagnostics to pay for', () => {
      expect(compiled.snapshot('dev').filter(({ type }) => /Network\/|diagnosticSettings/.test(type))).toEqual([]);
    });

    it('prod: every service that can tells the workspace', () => {
      const told = ofType(compiled, 'prod', 'Microsoft.Insights/diagnosticSettings').map(({ id }) => scopeOf(id));
      expect(told.sort()).toEqual([
        'Microsoft.Communication/communicationServices',
        'Microsoft.EventGrid/systemTopics',
        'Microsoft.KeyVault/vaults',
        'Microsoft.ServiceBus/namespaces',
        'Microsoft.Storage/storageAccounts/blobServices',
        'Microsoft.Storage/storageAccounts/queueServices',
        'Microsoft.Storage/storageAccounts/tableServices',
        'Microsoft.Web/sites',
      ]);
    });
  });
}
