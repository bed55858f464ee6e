// Tells the app's blob trigger of files dropped in `preferences`: Flex Consumption runs blob triggers on Event Grid alone.
// Deployed after the code, since Event Grid asks the endpoint to answer first. The endpoint carries a system key of the
// Functions host, which goes from deploy.sh to Event Grid and is stored nowhere else.

param topicName string
@secure()
param endpointUrl string

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: topicName
}

resource preferences 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: 'preferences'
  properties: {
    eventDeliverySchema: 'EventGridSchema'
    filter: {
      includedEventTypes: ['Microsoft.Storage.BlobCreated']
      subjectBeginsWith: '/blobServices/default/containers/preferences/'
    }
    destination: {
      endpointType: 'WebHook'
      properties: { endpointUrl: endpointUrl, minimumTlsVersionAllowed: '1.2' }
    }
    retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 }
  }
}
