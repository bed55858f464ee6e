// What the chosen Durable back end needs besides the storage account: nothing (AzureStorage), an Event Hubs namespace
// (Netherite), or a Durable Task Scheduler with its hub. With the app's role on it, and the settings host.json refers to.

param backend 'AzureStorage' | 'Netherite' | 'DurableTaskScheduler'
param prefix string
param suffix string
param location string
param tags object
param principalId string
param clientId string
@description('True: Event Hubs is reached through a private endpoint alone.')
param isPrivate bool

// As in host.json.
var hubName = 'VipOutreach'
var partitions = 12
var eventHubsDataOwner = 'f526a384-b230-433a-b45c-95f59c4a2dec'
var durableTaskDataContributor = '0ad04412-c4d5-4796-b79c-f76d14c8d402'

resource eventHubs 'Microsoft.EventHub/namespaces@2024-01-01' = if (backend == 'Netherite') {
  name: 'evhns-${prefix}-${suffix}'
  location: location
  tags: tags
  sku: { name: 'Standard', tier: 'Standard', capacity: 1 }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
  }

  // Netherite's own names. It would create them itself; here it need not.
  resource work 'eventhubs' = {
    name: 'partitions'
    properties: { partitionCount: partitions, messageRetentionInDays: 1 }
  }

  resource loadMonitor 'eventhubs' = {
    name: 'loadmonitor'
    properties: { partitionCount: 1, messageRetentionInDays: 1 }
  }

  resource clients 'eventhubs' = [
    for number in range(0, 4): {
      name: 'clients${number}'
      properties: { partitionCount: 32, messageRetentionInDays: 1 }
    }
  ]
}

resource mayUseEventHubs 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (backend == 'Netherite') {
  scope: eventHubs
  name: guid(eventHubs.id, principalId, eventHubsDataOwner)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', eventHubsDataOwner)
  }
}

resource scheduler 'Microsoft.DurableTask/schedulers@2025-11-01' = if (backend == 'DurableTaskScheduler') {
  name: 'dts-${prefix}-${suffix}'
  location: location
  tags: tags
  properties: {
    sku: { name: 'Consumption' }
    // Its callers are authenticated by Entra ID and a role; it is not told addresses.
    ipAllowlist: ['0.0.0.0/0']
  }

  resource hub 'taskHubs' = {
    name: hubName
    properties: {}
  }
}

resource mayUseScheduler 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (backend == 'DurableTaskScheduler') {
  scope: scheduler::hub
  name: guid(scheduler::hub.id, principalId, durableTaskDataContributor)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', durableTaskDataContributor)
  }
}

output eventHubsId string = backend == 'Netherite' ? eventHubs.id : ''
output settings object = backend == 'Netherite'
  ? {
      EventHubsConnection__fullyQualifiedNamespace: parseUri(eventHubs!.properties.serviceBusEndpoint).host
      EventHubsConnection__credential: 'managedidentity'
      EventHubsConnection__clientId: clientId
    }
  : backend == 'DurableTaskScheduler'
      ? {
          // An endpoint and whom to be, no key.
          DURABLE_TASK_SCHEDULER: 'Endpoint=${scheduler!.properties.endpoint};Authentication=ManagedIdentity;ClientID=${clientId}'
        }
      : {}
