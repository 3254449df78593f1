// What an operator must hear of. Each rule's query returns rows only when something is wrong, or when a person has to say whether it is;
// docs/operate.md says what to do then.
param location string
param tags object
param workspaceId string
param addresses string[]
param every string
@description('Whose writes to which storage account are ours.')
param writers Writers

type Writers = {
  stateAccount: string
  identityPrincipalId: string
  packageAccount: string
  packageIdentityPrincipalId: string
}

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
  { name: 'forged-requests', severity: 2, window: 'PT15M', query: loadTextContent('forged-requests.kql') }
  { name: 'operators-refused', severity: 2, window: 'PT15M', query: loadTextContent('operators-refused.kql') }
  // Storage's log comes late.
  { name: 'foreign-storage-writer', severity: 0, window: 'PT1H', query: loadTextContent('foreign-storage-writer.kql') }
  // The activity log comes late, too.
  { name: 'package-written', severity: 1, window: 'PT2H', query: loadTextContent('package-written.kql') }
]

// What changes the app from outside, as Azure Resource Manager logs it. Of the whole group: what is inherited from the subscription is not seen
// here (infra/detection/app-changed.kql sees it). A provision does all of this too, and is reported: it is for a person to say whose it was.
var changes = [
  { name: 'settings-written', operations: ['Microsoft.Web/sites/config/write', 'Microsoft.Web/sites/write'] }
  {
    name: 'identity-lent'
    operations: [
      'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action'
      'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write'
    ]
  }
  {
    name: 'roles-changed'
    operations: ['Microsoft.Authorization/roleAssignments/write', 'Microsoft.Authorization/roleAssignments/delete']
  }
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
      // A query over several tables is not run every minute (Azure docs: log search alert rules, frequency of one minute).
      evaluationFrequency: contains(rule.query, '| union ') && every == 'PT1M' ? 'PT5M' : every
      windowSize: rule.window
      autoMitigate: true
      // The tables come into being with the first telemetry.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: replace(
              replace(
                replace(
                  replace(
                    replace(rule.query, '{{STATE_ACCOUNT}}', writers.stateAccount),
                    '{{APP_IDENTITY}}',
                    writers.identityPrincipalId
                  ),
                  '{{PACKAGE_ACCOUNT}}',
                  writers.packageAccount
                ),
                '{{PACKAGE_IDENTITY}}',
                writers.packageIdentityPrincipalId
              ),
              '{{RESOURCE_GROUP}}',
              resourceGroup().name
            )
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

resource activities 'Microsoft.Insights/activityLogAlerts@2020-10-01' = [
  for change in changes: {
    name: 'pim-cutoff-${change.name}'
    location: 'global'
    tags: tags
    properties: {
      description: 'What to do: docs/operate.md#${change.name}'
      enabled: true
      scopes: [resourceGroup().id]
      condition: {
        allOf: [
          { field: 'category', equals: 'Administrative' }
          { field: 'status', equals: 'Succeeded' }
          { anyOf: map(change.operations, operation => { field: 'operationName', equals: operation }) }
        ]
      }
      actions: { actionGroups: [{ actionGroupId: people.id }] }
    }
  }
]
