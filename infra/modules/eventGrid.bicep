// What the carrier says (incoming texts, delivery reports) goes from Communication Services to the Service Bus queue
// `sms-events`, as CloudEvents 1.0. A queue and not the webhook, because it needs no key and no handshake, keeps events
// while the app is down or being deployed, and still works when public network access is off. It delivers with the topic's
// own identity, which may send to this queue and write to the dead-letter container and nothing else.
// The topic of the storage account is made here too; who listens to it: blobEvents.bicep, once the app is there.

param prefix string
param location string
param tags object
param communicationName string
param storageName string
param serviceBusName string

var queueName = 'sms-events'
var deadLetterContainer = 'event-dead-letters'
var serviceBusDataSender = '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39'
var storageBlobDataContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'

resource communication 'Microsoft.Communication/communicationServices@2025-05-01' existing = {
  name: communicationName
}

resource storage 'Microsoft.Storage/storageAccounts@2024-01-01' existing = {
  name: storageName

  resource blobs 'blobServices' existing = {
    name: 'default'

    resource deadLetters 'containers' existing = {
      name: deadLetterContainer
    }
  }
}

resource serviceBus 'Microsoft.ServiceBus/namespaces@2024-01-01' existing = {
  name: serviceBusName

  resource queue 'queues' existing = {
    name: queueName
  }
}

resource smsTopic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: '${prefix}-sms'
  location: 'global'
  tags: tags
  identity: { type: 'SystemAssigned' }
  properties: {
    source: communication.id
    topicType: 'Microsoft.Communication.CommunicationServices'
  }
}

resource blobTopic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: '${prefix}-blobs'
  location: location
  tags: tags
  properties: {
    source: storage.id
    topicType: 'Microsoft.Storage.StorageAccounts'
  }
}

resource maySend 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: serviceBus::queue
  name: guid(serviceBus::queue.id, smsTopic.id, serviceBusDataSender)
  properties: {
    principalId: smsTopic.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', serviceBusDataSender)
  }
}

resource mayBury 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: storage::blobs::deadLetters
  name: guid(storage::blobs::deadLetters.id, smsTopic.id, storageBlobDataContributor)
  properties: {
    principalId: smsTopic.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', storageBlobDataContributor)
  }
}

resource smsEvents 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: smsTopic
  name: queueName
  dependsOn: [maySend, mayBury]
  properties: {
    eventDeliverySchema: 'CloudEventSchemaV1_0'
    filter: {
      includedEventTypes: [
        'Microsoft.Communication.SMSReceived'
        'Microsoft.Communication.SMSDeliveryReportReceived'
      ]
    }
    deliveryWithResourceIdentity: {
      identity: { type: 'SystemAssigned' }
      destination: {
        endpointType: 'ServiceBusQueue'
        properties: { resourceId: serviceBus::queue.id }
      }
    }
    deadLetterWithResourceIdentity: {
      identity: { type: 'SystemAssigned' }
      deadLetterDestination: {
        endpointType: 'StorageBlob'
        properties: { resourceId: storage.id, blobContainerName: deadLetterContainer }
      }
    }
    retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 }
  }
}

output smsTopicName string = smsTopic.name
output blobTopicName string = blobTopic.name
