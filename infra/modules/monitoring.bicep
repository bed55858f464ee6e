// One workspace for logs, Application Insights on it, and whom alerts go to. Both take telemetry from authenticated
// identities alone: the connection string names a place and opens nothing.

param prefix string
param location string
param tags object
@description('Addresses that alerts go to; empty: they only show in the portal.')
param alertEmails string[]
@description('Days that logs are kept.')
param retentionDays int

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: 'log-${prefix}'
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: retentionDays
    features: { disableLocalAuth: true }
  }
}

resource applicationInsights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${prefix}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    DisableLocalAuth: true
    IngestionMode: 'LogAnalytics'
    WorkspaceResourceId: workspace.id
  }
}

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${prefix}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: take(replace(prefix, '-', ''), 12)
    emailReceivers: map(alertEmails, email => { name: email, emailAddress: email, useCommonAlertSchema: true })
  }
}

output workspaceId string = workspace.id
output applicationInsightsName string = applicationInsights.name
output applicationInsightsId string = applicationInsights.id
output actionGroupId string = people.id
