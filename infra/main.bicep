// Everything one environment of VIP Outreach needs, in one resource group. One module per concern; values that differ
// between environments come from environments/*.bicepparam. `npm run deploy -- dev` deploys it (deploy.sh says what it does).
// The app holds no key and no connection string: it has an identity, and the identity has roles.

targetScope = 'resourceGroup'

@description('Part of every name.')
@minLength(3)
@maxLength(4)
param environmentName string
param location string = resourceGroup().location
@description('Where Durable Functions keeps its state. Netherite runs on a dedicated plan, the others on Flex Consumption.')
param durableBackend 'AzureStorage' | 'Netherite' | 'DurableTaskScheduler' = 'AzureStorage'
@description('Data services are reached from the app\'s virtual network alone; Service Bus becomes premium.')
param privateEndpoints bool
@description('Resource logs of every service go to the workspace.')
param diagnostics bool

param nodeVersion '20' | '22' = '22'
param instanceMemoryMB 512 | 2048 | 4096 = 2048
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = 40
@minValue(0)
param alwaysReadyInstances int = 0
@description('Instances of the dedicated plan; only with Netherite.')
@minValue(1)
param dedicatedInstances int = 2
param storageSku 'Standard_LRS' | 'Standard_ZRS'

@description('With private endpoints: who may call the app besides Event Grid, as CIDR: operators, the webhook\'s gateway.')
param allowedAddresses string[] = []
@description('Where Communication Services keeps data at rest.')
param communicationDataLocation string = 'United States'
@description('The number texts come from, E.164; empty until one was bought.')
param smsFrom string = ''
@description('Who sends them: Communication Services, or any gateway behind a signed webhook.')
param smsGateway 'communication-services' | 'webhook' = 'communication-services'
@description('Where a webhook gateway takes texts; https.')
param smsUrl string = ''
@description('As in the texts: who writes, whom to call, where to book.')
param practice { name: string, phone: string, bookingUrl: string }

param alertEmails string[] = []
param logRetentionDays int = 30
param queueLengthMax int = 1000
param failuresMax int = 20
@minValue(25)
@maxValue(47)
param campaignSilenceHours int = 26

var prefix = 'vip-${environmentName}'
var suffix = uniqueString(subscription().id, resourceGroup().id, environmentName)
var tags = { application: 'vip-outreach', environment: environmentName }
var runsOnFlex = durableBackend != 'Netherite'
var functionAppName = 'func-${prefix}-${suffix}'

// With private endpoints the app's own address stays public, for the gateway's signed webhook and for Event Grid's blob
// events, but answers nobody else.
var restrictions = privateEndpoints
  ? concat(
      [{ name: 'event-grid', priority: 100, action: 'Allow', tag: 'ServiceTag', ipAddress: 'AzureEventGrid' }],
      map(range(0, length(allowedAddresses)), index => {
        name: 'allowed-${index}'
        priority: 200 + index
        action: 'Allow'
        tag: 'Default'
        ipAddress: allowedAddresses[index]
      })
    )
  : []

module identity 'modules/identity.bicep' = {
  params: { name: 'id-${prefix}', location: location, tags: tags }
}

module monitoring 'modules/monitoring.bicep' = {
  params: {
    prefix: prefix
    location: location
    tags: tags
    alertEmails: alertEmails
    retentionDays: logRetentionDays
  }
}

module storage 'modules/storage.bicep' = {
  params: {
    name: take('stvip${environmentName}${suffix}', 24)
    location: location
    tags: tags
    sku: storageSku
    isPrivate: privateEndpoints
  }
}

module serviceBus 'modules/serviceBus.bicep' = {
  params: { name: 'sb-${prefix}-${suffix}', location: location, tags: tags, isPrivate: privateEndpoints }
}

module communication 'modules/communication.bicep' = {
  params: { name: 'acs-${prefix}-${suffix}', dataLocation: communicationDataLocation, tags: tags }
}

module keyVault 'modules/keyVault.bicep' = {
  params: {
    name: take('kv-${prefix}-${suffix}', 24)
    location: location
    tags: tags
    isPrivate: privateEndpoints
  }
}

module durable 'modules/durable.bicep' = {
  params: {
    backend: durableBackend
    prefix: prefix
    suffix: suffix
    location: location
    tags: tags
    principalId: identity.outputs.principalId
    clientId: identity.outputs.clientId
    isPrivate: privateEndpoints
  }
}

module roles 'modules/roles.bicep' = {
  params: {
    principalId: identity.outputs.principalId
    storageName: storage.outputs.name
    serviceBusName: serviceBus.outputs.name
    keyVaultName: keyVault.outputs.name
    communicationName: communication.outputs.name
    applicationInsightsName: monitoring.outputs.applicationInsightsName
  }
}

module eventGrid 'modules/eventGrid.bicep' = {
  params: {
    prefix: 'evgt-${prefix}'
    location: location
    tags: tags
    communicationName: communication.outputs.name
    storageName: storage.outputs.name
    serviceBusName: serviceBus.outputs.name
  }
}

module network 'modules/network.bicep' = if (privateEndpoints) {
  params: {
    prefix: prefix
    location: location
    tags: tags
    appDelegation: runsOnFlex ? 'Microsoft.App/environments' : 'Microsoft.Web/serverFarms'
    storageId: storage.outputs.id
    serviceBusId: serviceBus.outputs.id
    keyVaultId: keyVault.outputs.id
    hasEventHubs: durableBackend == 'Netherite'
    eventHubsId: durable.outputs.eventHubsId
  }
}

module settings 'modules/settings.bicep' = {
  params: {
    storageName: storage.outputs.name
    serviceBusNamespace: serviceBus.outputs.fullyQualifiedNamespace
    keyVaultUri: keyVault.outputs.uri
    communicationEndpoint: communication.outputs.endpoint
    applicationInsightsName: monitoring.outputs.applicationInsightsName
    clientId: identity.outputs.clientId
    durable: durable.outputs.settings
    smsGateway: smsGateway
    smsFrom: smsFrom
    smsUrl: smsUrl
    practice: practice
  }
}

module functionsFlex 'modules/functionsFlex.bicep' = if (runsOnFlex) {
  dependsOn: [roles]
  params: {
    name: functionAppName
    planName: 'plan-${prefix}'
    location: location
    tags: tags
    identityId: identity.outputs.id
    settings: settings.outputs.all
    deploymentContainerUrl: storage.outputs.deploymentContainerUrl
    nodeVersion: nodeVersion
    maximumInstanceCount: maximumInstanceCount
    instanceMemoryMB: instanceMemoryMB
    alwaysReadyInstances: alwaysReadyInstances
    subnetId: privateEndpoints ? network!.outputs.appSubnetId : ''
    restrictions: restrictions
  }
}

module functionsDedicated 'modules/functionsDedicated.bicep' = if (!runsOnFlex) {
  dependsOn: [roles]
  params: {
    name: functionAppName
    planName: 'plan-${prefix}-dedicated'
    location: location
    tags: tags
    identityId: identity.outputs.id
    settings: settings.outputs.all
    nodeVersion: nodeVersion
    instances: dedicatedInstances
    subnetId: privateEndpoints ? network!.outputs.appSubnetId : ''
    restrictions: restrictions
  }
}

module alerts 'modules/alerts.bicep' = {
  params: {
    prefix: prefix
    location: location
    tags: tags
    actionGroupId: monitoring.outputs.actionGroupId
    workspaceId: monitoring.outputs.workspaceId
    applicationInsightsId: monitoring.outputs.applicationInsightsId
    storageId: storage.outputs.id
    serviceBusId: serviceBus.outputs.id
    queueLengthMax: queueLengthMax
    failuresMax: failuresMax
    campaignSilenceHours: campaignSilenceHours
  }
}

module diagnosticSettings 'modules/diagnostics.bicep' = if (diagnostics) {
  params: {
    workspaceId: monitoring.outputs.workspaceId
    storageName: storage.outputs.name
    serviceBusName: serviceBus.outputs.name
    keyVaultName: keyVault.outputs.name
    communicationName: communication.outputs.name
    functionAppName: runsOnFlex ? functionsFlex!.outputs.name : functionsDedicated!.outputs.name
    smsTopicName: eventGrid.outputs.smsTopicName
  }
}

output functionAppName string = functionAppName
output functionAppHostName string = runsOnFlex ? functionsFlex!.outputs.hostName : functionsDedicated!.outputs.hostName
output durableBackend string = durableBackend
output storageAccountName string = storage.outputs.name
output serviceBusNamespace string = serviceBus.outputs.fullyQualifiedNamespace
output keyVaultName string = keyVault.outputs.name
output communicationName string = communication.outputs.name
output blobTopicName string = eventGrid.outputs.blobTopicName
