// The namespace and every entity of servicebus.config.json: the same file configures the local broker (or the official
// emulator). What may differ on Azure, and why, is `azureOnly`; nothing else does.

param name string
param location string
param tags object
@description('True: premium, reached through a private endpoint alone. Event Grid, as a trusted service, still delivers.')
param isPrivate bool

var entities = loadJsonContent('../servicebus.config.json').UserConfig.Namespaces[0]

// The emulator keeps a message an hour at most and remembers ids for five minutes.
// - A text may not leave hours later, outside its recipient's hours: it keeps PT1H and is then dead-lettered, to be
//   looked at. But its id is remembered for a day, so that a host that was down for hours sends nothing twice.
// - What patients, carriers, call centre and scheduling say must outlive a long weekend of outage.
var inbound = { DefaultMessageTimeToLive: 'P14D' }
var azureOnly = {
  'outbound-texts': { DuplicateDetectionHistoryTimeWindow: 'P1D' }
  'sms-events': inbound
  'sms-replies': inbound
  'sms-receipts': inbound
  'call-intervals': inbound
  'appointment-events': inbound
  'domain-events': { DefaultMessageTimeToLive: 'P14D', DuplicateDetectionHistoryTimeWindow: 'P1D' }
}

resource namespace 'Microsoft.ServiceBus/namespaces@2024-01-01' = {
  name: name
  location: location
  tags: tags
  sku: isPrivate ? { name: 'Premium', tier: 'Premium', capacity: 1 } : { name: 'Standard', tier: 'Standard' }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
  }
}

resource networkRules 'Microsoft.ServiceBus/namespaces/networkRuleSets@2024-01-01' = if (isPrivate) {
  parent: namespace
  name: 'default'
  properties: {
    defaultAction: 'Deny'
    publicNetworkAccess: 'Disabled'
    trustedServiceAccessEnabled: true
  }
}

resource queues 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = [
  for queue in map(entities.Queues, queue => {
    name: queue.Name
    settings: union(queue.Properties, azureOnly[?queue.Name] ?? {})
  }): {
    parent: namespace
    name: queue.name
    properties: {
      deadLetteringOnMessageExpiration: queue.settings.DeadLetteringOnMessageExpiration
      defaultMessageTimeToLive: queue.settings.DefaultMessageTimeToLive
      duplicateDetectionHistoryTimeWindow: queue.settings.DuplicateDetectionHistoryTimeWindow
      forwardDeadLetteredMessagesTo: empty(queue.settings.ForwardDeadLetteredMessagesTo)
        ? null
        : queue.settings.ForwardDeadLetteredMessagesTo
      forwardTo: empty(queue.settings.ForwardTo) ? null : queue.settings.ForwardTo
      lockDuration: queue.settings.LockDuration
      maxDeliveryCount: queue.settings.MaxDeliveryCount
      requiresDuplicateDetection: queue.settings.RequiresDuplicateDetection
      requiresSession: queue.settings.RequiresSession
    }
  }
]

module topics 'serviceBusTopic.bicep' = [
  for topic in entities.Topics: {
    params: {
      namespaceName: namespace.name
      topicName: topic.Name
      settings: union(topic.Properties, azureOnly[?topic.Name] ?? {})
      subscriptions: topic.Subscriptions
    }
  }
]

output id string = namespace.id
output name string = namespace.name
output fullyQualifiedNamespace string = parseUri(namespace.properties.serviceBusEndpoint).host
