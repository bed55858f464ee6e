// What a person is told of, and when. What to do for each: docs/runbook.md, "Alerts", under the same name.

param prefix string
param location string
param tags object
param actionGroupId string
param workspaceId string
param applicationInsightsId string
param storageId string
param serviceBusId string
@description('Messages waiting in one queue that are more than a send day should ever leave.')
param queueLengthMax int
@description('Failed function executions in a quarter of an hour that are more than retries explain.')
param failuresMax int
@description('Hours without a date beginning after which a campaign counts as stuck: a date begins every 24.')
param campaignSilenceHours int

var metricAlerts = [
  {
    name: 'dead-letters'
    description: 'A message could not be handled and lies in a dead-letter queue.'
    severity: 1
    scope: serviceBusId
    namespace: 'Microsoft.ServiceBus/namespaces'
    metric: 'DeadletteredMessages'
    aggregation: 'Maximum'
    threshold: 0
    window: 'PT5M'
    dimensions: [{ name: 'EntityName', operator: 'Include', values: ['*'] }]
  }
  {
    name: 'queue-length'
    description: 'Messages pile up: the app is down, throttled or too slow.'
    severity: 2
    scope: serviceBusId
    namespace: 'Microsoft.ServiceBus/namespaces'
    metric: 'ActiveMessages'
    aggregation: 'Average'
    threshold: queueLengthMax
    window: 'PT15M'
    dimensions: [{ name: 'EntityName', operator: 'Include', values: ['*'] }]
  }
  {
    name: 'throttled-bus'
    description: 'Service Bus refuses requests because there are too many.'
    severity: 2
    scope: serviceBusId
    namespace: 'Microsoft.ServiceBus/namespaces'
    metric: 'ThrottledRequests'
    aggregation: 'Total'
    threshold: 0
    window: 'PT15M'
    dimensions: []
  }
  {
    name: 'throttled-storage'
    description: 'Storage refuses requests because there are too many.'
    severity: 2
    scope: storageId
    namespace: 'Microsoft.Storage/storageAccounts'
    metric: 'Transactions'
    aggregation: 'Total'
    threshold: 0
    window: 'PT15M'
    dimensions: [
      {
        name: 'ResponseType'
        operator: 'Include'
        values: [
          'ClientThrottlingError'
          'ClientAccountBandwidthThrottlingError'
          'ClientAccountRequestThrottlingError'
          'ServerBusyError'
          'SuccessWithThrottling'
        ]
      }
    ]
  }
  {
    name: 'function-failures'
    description: 'Functions fail more often than their retries explain.'
    severity: 2
    scope: applicationInsightsId
    namespace: 'microsoft.insights/components'
    metric: 'requests/failed'
    aggregation: 'Count'
    threshold: failuresMax
    window: 'PT15M'
    dimensions: []
  }
]

// A date begins once a day in every running campaign, at its organisation's midnight, paused or not: that is its
// heartbeat. Durable writes it to the log (host.json: Host.Triggers.DurableTask). Over when `campaign` itself has ended.
var stuckQuery = '''
let durable = AppTraces
  | where tostring(Properties.Category) == 'Host.Triggers.DurableTask'
  | project TimeGenerated, functionName = tostring(Properties.prop__functionName),
      campaignId = tostring(split(tostring(Properties.prop__instanceId), ':')[0]), state = tostring(Properties.prop__state);
let beats = durable | where functionName == 'beginDay' and state == 'Completed'
  | summarize lastBeat = max(TimeGenerated) by campaignId;
let ended = durable | where functionName == 'campaign' and state in ('Completed', 'Failed', 'Terminated')
  | summarize endedAt = max(TimeGenerated) by campaignId;
beats
  | join kind=leftouter ended on campaignId
  | where isnull(endedAt) or endedAt < lastBeat
  | where lastBeat < ago({0}h)
  | project campaignId, lastBeat
'''

var failedQuery = '''
AppTraces
  | where tostring(Properties.Category) == 'Host.Triggers.DurableTask'
  | where tostring(Properties.prop__functionName) in ('campaign', 'adaptivePriority')
  | where tostring(Properties.prop__state) in ('Failed', 'Terminated')
  | project campaignId = tostring(split(tostring(Properties.prop__instanceId), ':')[0])
'''

var logAlerts = [
  {
    name: 'campaign-stuck'
    description: 'A running campaign has not begun a date for too long.'
    query: format(stuckQuery, campaignSilenceHours)
    window: 'P2D'
    every: 'PT1H'
  }
  {
    name: 'campaign-failed'
    description: 'A campaign ended in failure or was terminated.'
    query: failedQuery
    window: 'PT15M'
    every: 'PT15M'
  }
]

resource metrics 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for alert in metricAlerts: {
    name: '${prefix}-${alert.name}'
    location: 'global'
    tags: tags
    properties: {
      description: alert.description
      severity: alert.severity
      enabled: true
      scopes: [alert.scope]
      evaluationFrequency: 'PT5M'
      windowSize: alert.window
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: alert.name
            metricNamespace: alert.namespace
            metricName: alert.metric
            operator: 'GreaterThan'
            threshold: alert.threshold
            timeAggregation: alert.aggregation
            dimensions: alert.dimensions
          }
        ]
      }
      actions: [{ actionGroupId: actionGroupId }]
    }
  }
]

resource logs 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for alert in logAlerts: {
    name: '${prefix}-${alert.name}'
    location: location
    tags: tags
    properties: {
      displayName: alert.name
      description: alert.description
      severity: 1
      enabled: true
      scopes: [workspaceId]
      evaluationFrequency: alert.every
      windowSize: alert.window
      // Fires until a person has looked: after two days of silence the query would no longer see the campaign.
      autoMitigate: false
      muteActionsDuration: 'PT12H'
      criteria: {
        allOf: [
          {
            query: alert.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            dimensions: [{ name: 'campaignId', operator: 'Include', values: ['*'] }]
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: [actionGroupId] }
    }
  }
]

output names string[] = concat(map(metricAlerts, alert => alert.name), map(logAlerts, alert => alert.name))
