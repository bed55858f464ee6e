// The app on Flex Consumption: for the AzureStorage and DurableTaskScheduler back ends. Its package lies in a blob container
// it reads with its identity; publishing passwords are off.

param name string
param planName string
param location string
param tags object
param identityId string
param settings object
param deploymentContainerUrl string
param nodeVersion '20' | '22'
@description('Instances at most; 40 is the least the plan takes.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int
param instanceMemoryMB 512 | 2048 | 4096
@description('Instances kept warm for Durable functions; 0: none, a timer then wakes one up.')
param alwaysReadyInstances int
@description('Empty: no virtual network.')
param subnetId string
param restrictions array

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-11-01' = {
  name: name
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: deploymentContainerUrl
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identityId }
        }
      }
      runtime: { name: 'node', version: nodeVersion }
      scaleAndConcurrency: {
        maximumInstanceCount: maximumInstanceCount
        instanceMemoryMB: instanceMemoryMB
        alwaysReady: alwaysReadyInstances == 0 ? [] : [{ name: 'durable', instanceCount: alwaysReadyInstances }]
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      appSettings: map(items(settings), setting => { name: setting.key, value: setting.value })
      ipSecurityRestrictions: restrictions
      ipSecurityRestrictionsDefaultAction: empty(restrictions) ? 'Allow' : 'Deny'
    }
  }

  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }

  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }
}

output id string = app.id
output name string = app.name
output hostName string = app.properties.defaultHostName
