// The detections as scheduled analytics rules of Microsoft Sentinel, each made only if the workspace has its tables: Sentinel refuses a rule
// over a table that is not there. AuditLogs and MicrosoftGraphActivityLogs come with the tenant's diagnostic settings, AzureActivity with the
// subscription's, AppEvents with the app's first telemetry (docs/deploy.md).
param workspaceName string
@description('Object id of the app\'s identity: the output AZURE_IDENTITY_PRINCIPAL_ID.')
param appIdentityId string
@description('The tables that the workspace has.')
param tables string[]

// Each rule runs every hour and looks for what came in during that hour, so that it reports a finding once. `period` is how far it reads back.
var rules = [
  {
    name: 'revoke-without-end'
    severity: 'High'
    title: 'pim-cutoff: a revoke that no role end explains'
    tactics: ['Impact']
    needs: ['AuditLogs']
    period: 'P2D'
    account: 'userId'
    query: loadTextContent('revoke-without-end.kql')
  }
  {
    name: 'end-without-outcome'
    severity: 'Medium'
    title: 'pim-cutoff: a role end without an outcome'
    tactics: ['Persistence']
    needs: ['AuditLogs', 'AppEvents']
    period: 'P1D'
    account: 'userId'
    query: loadTextContent('end-without-outcome.kql')
  }
  {
    name: 'identity-misuse'
    severity: 'High'
    title: 'pim-cutoff: its identity was used for something else'
    tactics: ['CredentialAccess', 'PrivilegeEscalation']
    needs: ['MicrosoftGraphActivityLogs']
    period: 'P1D'
    account: 'servicePrincipalId'
    query: loadTextContent('identity-misuse.kql')
  }
  {
    name: 'identity-granted'
    severity: 'High'
    title: 'pim-cutoff: its identity was given a permission'
    tactics: ['PrivilegeEscalation', 'Persistence']
    needs: ['AuditLogs']
    period: 'P1D'
    account: 'givenBy'
    query: loadTextContent('identity-granted.kql')
  }
  {
    name: 'app-changed'
    severity: 'Medium'
    title: 'pim-cutoff: its settings, its identity or roles were changed'
    tactics: ['DefenseEvasion', 'Persistence', 'PrivilegeEscalation']
    needs: ['AzureActivity']
    period: 'P1D'
    account: 'callerId'
    query: loadTextContent('app-changed.kql')
  }
]

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = {
  name: workspaceName
}

resource analytics 'Microsoft.SecurityInsights/alertRules@2024-03-01' = [
  for rule in rules: if (length(intersection(rule.needs, tables)) == length(rule.needs)) {
    scope: workspace
    name: guid(workspace.id, rule.name)
    kind: 'Scheduled'
    properties: {
      displayName: rule.title
      description: 'What to do: docs/operate.md#${rule.name}'
      enabled: true
      severity: rule.severity
      query: replace(replace(rule.query, '{{APP_IDENTITY}}', appIdentityId), '{{RESOURCE_GROUP}}', resourceGroup().name)
      queryFrequency: 'PT1H'
      queryPeriod: rule.period
      triggerOperator: 'GreaterThan'
      triggerThreshold: 0
      // Suppression would stop the whole rule after a finding, and hide the next one. What repeats is grouped instead.
      suppressionEnabled: false
      suppressionDuration: 'PT5H'
      eventGroupingSettings: { aggregationKind: 'AlertPerResult' }
      incidentConfiguration: {
        createIncident: true
        groupingConfiguration: {
          enabled: true
          reopenClosedIncident: false
          lookbackDuration: 'P1D'
          matchingMethod: 'AllEntities'
        }
      }
      entityMappings: [
        { entityType: 'Account', fieldMappings: [{ identifier: 'AadUserId', columnName: rule.account }] }
      ]
      tactics: rule.tactics
    }
  }
]
