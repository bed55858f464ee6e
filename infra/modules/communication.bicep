// Azure Communication Services for SMS. The number is bought by a person afterwards (docs/runbook.md, "First deployment"):
// it needs the carriers' verification. The service has no private endpoint; keys are off where the API knows how.

param name string
@description('Where the service keeps data at rest: a geography, not a region.')
param dataLocation string
param tags object

resource service 'Microsoft.Communication/communicationServices@2025-05-01' = {
  name: name
  location: 'global'
  tags: tags
  properties: {
    dataLocation: dataLocation
    disableLocalAuth: true
  }
}

output id string = service.id
output name string = service.name
output endpoint string = 'https://${service.properties.hostName}'
