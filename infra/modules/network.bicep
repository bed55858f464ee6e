// A virtual network with the app in one subnet and a private endpoint for each data service in the other. Deployed only
// with `privateEndpoints`. Communication Services and Event Grid have none of use here: they come in as trusted services.

param prefix string
param location string
param tags object
@description('Who the app subnet belongs to: Flex Consumption runs in Microsoft.App/environments, a dedicated plan in Microsoft.Web/serverFarms.')
param appDelegation 'Microsoft.App/environments' | 'Microsoft.Web/serverFarms'
param storageId string
param serviceBusId string
param keyVaultId string
@description('Netherite alone has Event Hubs.')
param hasEventHubs bool
@description('Empty without them.')
param eventHubsId string

var services = {
  storage: storageId
  serviceBus: serviceBusId
  keyVault: keyVaultId
  eventHubs: eventHubsId
}
var endpoints = concat(
  [
    { name: 'blob', service: 'storage', group: 'blob', zone: 'blob' }
    { name: 'queue', service: 'storage', group: 'queue', zone: 'queue' }
    { name: 'table', service: 'storage', group: 'table', zone: 'table' }
    { name: 'service-bus', service: 'serviceBus', group: 'namespace', zone: 'serviceBus' }
    { name: 'vault', service: 'keyVault', group: 'vault', zone: 'vault' }
  ],
  // Event Hubs shares the zone of Service Bus.
  hasEventHubs ? [{ name: 'event-hubs', service: 'eventHubs', group: 'namespace', zone: 'serviceBus' }] : []
)
var zones = ['blob', 'queue', 'table', 'serviceBus', 'vault']
var zoneNames = {
  blob: 'privatelink.blob.${environment().suffixes.storage}'
  queue: 'privatelink.queue.${environment().suffixes.storage}'
  table: 'privatelink.table.${environment().suffixes.storage}'
  serviceBus: 'privatelink.servicebus.windows.net'
  vault: 'privatelink.vaultcore.azure.net'
}

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: 'vnet-${prefix}'
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: ['10.40.0.0/23'] }
    subnets: [
      {
        name: 'app'
        properties: {
          addressPrefix: '10.40.0.0/24'
          delegations: [{ name: 'functions', properties: { serviceName: appDelegation } }]
        }
      }
      {
        name: 'endpoints'
        properties: { addressPrefix: '10.40.1.0/26', privateEndpointNetworkPolicies: 'Enabled' }
      }
    ]
  }

  resource app 'subnets' existing = {
    name: 'app'
  }

  resource endpointsSubnet 'subnets' existing = {
    name: 'endpoints'
  }
}

resource dnsZones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for zone in zones: {
    name: zoneNames[zone]
    location: 'global'
    tags: tags
  }
]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (zone, index) in zones: {
    parent: dnsZones[index]
    name: 'link-${prefix}'
    location: 'global'
    tags: tags
    properties: { registrationEnabled: false, virtualNetwork: { id: network.id } }
  }
]

resource privateEndpoints 'Microsoft.Network/privateEndpoints@2024-05-01' = [
  for endpoint in endpoints: {
    name: 'pe-${prefix}-${endpoint.name}'
    location: location
    tags: tags
    properties: {
      subnet: { id: network::endpointsSubnet.id }
      privateLinkServiceConnections: [
        {
          name: endpoint.name
          properties: {
            privateLinkServiceId: services[endpoint.service]
            groupIds: [endpoint.group]
          }
        }
      ]
    }
  }
]

resource dnsGroups 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-05-01' = [
  for (endpoint, index) in endpoints: {
    parent: privateEndpoints[index]
    name: 'default'
    dependsOn: [links]
    properties: {
      privateDnsZoneConfigs: [
        {
          name: endpoint.name
          properties: { privateDnsZoneId: dnsZones[indexOf(zones, endpoint.zone)].id }
        }
      ]
    }
  }
]

output appSubnetId string = network::app.id
