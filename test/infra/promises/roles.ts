/** Each role is on one resource, and there are no others than those named here. */
import { type Compiled } from '../compiled';
import { ofType, scopeOf, theOne } from '../resources';

export function roles(compiled: Compiled): void {
  describe('roles', () => {
    /** Built-in roles by id, with what each may be given on. */
    const ROLES: Record<string, string> = {
      'b7e6dc6d-f1e8-4753-8033-0f276bb0955b': 'Storage Blob Data Owner',
      '974c5e8b-45b9-4653-ba55-5f855dd0fb88': 'Storage Queue Data Contributor',
      '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3': 'Storage Table Data Contributor',
      'ba92f5b4-2d11-453d-a403-e96b0029c9fe': 'Storage Blob Data Contributor',
      '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39': 'Azure Service Bus Data Sender',
      '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0': 'Azure Service Bus Data Receiver',
      '4633458b-17de-408a-b874-0445c86b69e6': 'Key Vault Secrets User',
      '3913510d-42f4-4e42-8a64-420c390055eb': 'Monitoring Metrics Publisher',
      'f526a384-b230-433a-b45c-95f59c4a2dec': 'Azure Event Hubs Data Owner',
      '0ad04412-c4d5-4796-b79c-f76d14c8d402': 'Durable Task Data Contributor',
    };
    const granted = (environment: string) =>
      ofType(compiled, environment, 'Microsoft.Authorization/roleAssignments')
        .map(({ id, properties }) => {
          const role = String(properties['roleDefinitionId']).split('/').at(-1)!;
          const who = String(properties['principalId']).includes('systemTopics') ? 'Event Grid' : 'app';
          return `${who}: ${ROLES[role] ?? 'VIP SMS sender'} on ${scopeOf(id)}`;
        })
        .sort();
    const always = [
      'Event Grid: Azure Service Bus Data Sender on Microsoft.ServiceBus/namespaces/queues',
      'Event Grid: Storage Blob Data Contributor on Microsoft.Storage/storageAccounts/blobServices/containers',
      'app: Azure Service Bus Data Receiver on Microsoft.ServiceBus/namespaces',
      'app: Azure Service Bus Data Sender on Microsoft.ServiceBus/namespaces',
      'app: Key Vault Secrets User on Microsoft.KeyVault/vaults',
      'app: Monitoring Metrics Publisher on Microsoft.Insights/components',
      'app: Storage Blob Data Owner on Microsoft.Storage/storageAccounts',
      'app: Storage Queue Data Contributor on Microsoft.Storage/storageAccounts',
      'app: Storage Table Data Contributor on Microsoft.Storage/storageAccounts',
      'app: VIP SMS sender on Microsoft.Communication/communicationServices',
    ];

    it.each([
      ['dev', []],
      ['prod', []],
      ['prod.Netherite', ['app: Azure Event Hubs Data Owner on Microsoft.EventHub/namespaces']],
      [
        'prod.DurableTaskScheduler',
        ['app: Durable Task Data Contributor on Microsoft.DurableTask/schedulers/taskHubs'],
      ],
    ])('%s: each on one resource, none on the group, and no others', (environment, more) => {
      expect(granted(environment)).toEqual([...always, ...more].sort());
    });

    it('let the sender of texts list no keys and delete nothing', () => {
      const [permission] = theOne(compiled, 'prod', 'Microsoft.Authorization/roleDefinitions').properties[
        'permissions'
      ] as [{ actions: string[] }];
      expect(permission.actions).toEqual([
        'Microsoft.Communication/CommunicationServices/Read',
        'Microsoft.Communication/CommunicationServices/Write',
      ]);
    });
  });
}
