// Resource logs of every service to the workspace. Deployed only with `diagnostics`: reads and writes of a busy storage
// account cost money to keep.

param workspaceId string
param storageName string
param serviceBusName string
param keyVaultName string
param communicationName string
param functionAppName string
param smsTopicName string

var allLogs = [{ categoryGroup: 'allLogs', enabled: true }]

resource storage 'Microsoft.Storage/storageAccounts@2024-01-01' existing = {
  name: storageName

  resource blobs 'blobServices' existing = {
    name: 'default'
  }

  resource queues 'queueServices' existing = {
    name: 'default'
  }

  resource tables 'tableServices' existing = {
    name: 'default'
  }
}

resource serviceBus 'Microsoft.ServiceBus/namespaces@2024-01-01' existing = {
  name: serviceBusName
}

resource keyVault 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
  name: keyVaultName
}

resource communication 'Microsoft.Communication/communicationServices@2025-05-01' existing = {
  name: communicationName
}

resource app 'Microsoft.Web/sites@2024-11-01' existing = {
  name: functionAppName
}

resource smsTopic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: smsTopicName
}

resource ofBlobs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: storage::blobs
  name: 'to-workspace'
  properties: { workspaceId: workspaceId, logs: allLogs }
}

resource ofQueues 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: storage::queues
  name: 'to-workspace'
  properties: { workspaceId: workspaceId, logs: allLogs }
}

resource ofTables 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: storage::tables
  name: 'to-workspace'
  properties: { workspaceId: workspaceId, logs: allLogs }
}

resource ofServiceBus 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: serviceBus
  name: 'to-workspace'
  properties: { workspaceId: workspaceId, logs: allLogs }
}

resource ofKeyVault 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: keyVault
  name: 'to-workspace'
  properties: { workspaceId: workspaceId, logs: allLogs }
}

resource ofCommunication 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: communication
  name: 'to-workspace'
  properties: { workspaceId: workspaceId, logs: allLogs }
}

resource ofApp 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: app
  name: 'to-workspace'
  properties: { workspaceId: workspaceId, logs: allLogs }
}

resource ofSmsTopic 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: smsTopic
  name: 'to-workspace'
  properties: { workspaceId: workspaceId, logs: allLogs }
}
