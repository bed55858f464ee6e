// The app on a dedicated plan, for the Netherite back end, which Flex Consumption does not run. A dedicated plan, unlike an
// elastic one, wants no file share and so no connection string.

param name string
param planName string
param location string
param tags object
param identityId string
param settings object
param nodeVersion '20' | '22'
@description('Instances; this plan does not scale by itself.')
param instances int
@description('Empty: no virtual network.')
param subnetId string
param restrictions array

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'linux'
  sku: { name: 'P0v3', tier: 'Premium0V3', capacity: instances }
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
    siteConfig: {
      alwaysOn: true
      ftpsState: 'Disabled'
      linuxFxVersion: 'Node|${nodeVersion}'
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      vnetRouteAllEnabled: !empty(subnetId)
      appSettings: map(
        items(union(settings, {
          FUNCTIONS_EXTENSION_VERSION: '~4'
          FUNCTIONS_WORKER_RUNTIME: 'node'
          WEBSITE_RUN_FROM_PACKAGE: '1'
        })),
        setting => { name: setting.key, value: setting.value }
      )
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
