// A topic with its subscriptions and their rules, in the words of the emulator's config.json. A subscription without rules
// takes everything; one with rules must name one of them `$Default`, or Azure's own would let everything through as well.

param namespaceName string
param topicName string
param settings object
param subscriptions array

var rules = flatten(map(
  subscriptions,
  subscription => map(subscription.?Rules ?? [], rule => { subscription: subscription.Name, rule: rule })
))

resource namespace 'Microsoft.ServiceBus/namespaces@2024-01-01' existing = {
  name: namespaceName

  resource topic 'topics' = {
    name: topicName
    properties: {
      defaultMessageTimeToLive: settings.DefaultMessageTimeToLive
      duplicateDetectionHistoryTimeWindow: settings.DuplicateDetectionHistoryTimeWindow
      requiresDuplicateDetection: settings.RequiresDuplicateDetection
    }
  }
}

resource topicSubscriptions 'Microsoft.ServiceBus/namespaces/topics/subscriptions@2024-01-01' = [
  for subscription in subscriptions: {
    parent: namespace::topic
    name: subscription.Name
    properties: {
      deadLetteringOnFilterEvaluationExceptions: true
      deadLetteringOnMessageExpiration: subscription.Properties.DeadLetteringOnMessageExpiration
      // The topic's time to live is the one that holds.
      defaultMessageTimeToLive: settings.DefaultMessageTimeToLive
      forwardDeadLetteredMessagesTo: empty(subscription.Properties.ForwardDeadLetteredMessagesTo)
        ? null
        : subscription.Properties.ForwardDeadLetteredMessagesTo
      forwardTo: empty(subscription.Properties.ForwardTo) ? null : subscription.Properties.ForwardTo
      lockDuration: subscription.Properties.LockDuration
      maxDeliveryCount: subscription.Properties.MaxDeliveryCount
      requiresSession: subscription.Properties.RequiresSession
    }
  }
]

resource subscriptionRules 'Microsoft.ServiceBus/namespaces/topics/subscriptions/rules@2024-01-01' = [
  for entry in rules: {
    name: '${namespaceName}/${topicName}/${entry.subscription}/${entry.rule.Name}'
    dependsOn: [topicSubscriptions]
    properties: entry.rule.Properties.FilterType == 'Sql'
      ? {
          filterType: 'SqlFilter'
          sqlFilter: { sqlExpression: entry.rule.Properties.SqlFilter.SqlExpression }
          action: { sqlExpression: entry.rule.Properties.?Action.?SqlExpression }
        }
      : {
          filterType: 'CorrelationFilter'
          correlationFilter: {
            contentType: entry.rule.Properties.CorrelationFilter.?ContentType
            correlationId: entry.rule.Properties.CorrelationFilter.?CorrelationId
            label: entry.rule.Properties.CorrelationFilter.?Label
            messageId: entry.rule.Properties.CorrelationFilter.?MessageId
            replyTo: entry.rule.Properties.CorrelationFilter.?ReplyTo
            replyToSessionId: entry.rule.Properties.CorrelationFilter.?ReplyToSessionId
            sessionId: entry.rule.Properties.CorrelationFilter.?SessionId
            to: entry.rule.Properties.CorrelationFilter.?To
            properties: entry.rule.Properties.CorrelationFilter.?Properties
          }
        }
  }
]
