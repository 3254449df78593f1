// What an operator must hear of. Each rule's query returns rows only when something is wrong; docs/operate.md says what to do then.
param location string
param tags object
param workspaceId string
param addresses string[]
param every string

var rules = [
  { name: 'nothing-resynced', severity: 0, window: 'PT15M', query: loadTextContent('nothing-resynced.kql') }
  { name: 'pending-too-long', severity: 1, window: 'PT15M', query: loadTextContent('pending-too-long.kql') }
  { name: 'outcome-failed', severity: 1, window: 'PT15M', query: loadTextContent('outcome-failed.kql') }
  { name: 'removal-overdue', severity: 2, window: 'PT15M', query: loadTextContent('removal-overdue.kql') }
  { name: 'threshold-reached', severity: 1, window: 'PT15M', query: loadTextContent('threshold-reached.kql') }
  { name: 'source-failing', severity: 2, window: 'PT30M', query: loadTextContent('source-failing.kql') }
  { name: 'subscription-near-its-end', severity: 2, window: 'PT15M', query: loadTextContent('subscription-near-its-end.kql') }
  { name: 'slower-than-promised', severity: 2, window: 'PT1H', query: loadTextContent('slower-than-promised.kql') }
  { name: 'any-other-alarm', severity: 2, window: 'PT15M', query: loadTextContent('any-other-alarm.kql') }
]

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'pim-cutoff'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'pim-cutoff'
    emailReceivers: [
      for address in addresses: { name: address, emailAddress: address, useCommonAlertSchema: true }
    ]
  }
}

resource alerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in rules: {
    name: 'pim-cutoff-${rule.name}'
    location: location
    tags: tags
    properties: {
      displayName: 'pim-cutoff: ${replace(rule.name, '-', ' ')}'
      description: 'What to do: docs/operate.md#${rule.name}'
      enabled: true
      severity: rule.severity
      scopes: [workspaceId]
      evaluationFrequency: every
      windowSize: rule.window
      autoMitigate: true
      // The tables come into being with the first telemetry.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: rule.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: [people.id] }
    }
  }
]
