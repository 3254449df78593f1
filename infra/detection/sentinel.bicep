// The detections as scheduled analytics rules of Microsoft Sentinel. They read AuditLogs and MicrosoftGraphActivityLogs, which the tenant's
// diagnostic settings bring into the same workspace.
param workspaceName string
@description('Object id of the app\'s identity: the output AZURE_IDENTITY_PRINCIPAL_ID.')
param appIdentityId string

var rules = [
  {
    name: 'revoke-without-end'
    severity: 'High'
    title: 'pim-cutoff: a revoke that no role end explains'
    tactics: ['Impact']
    query: loadTextContent('revoke-without-end.kql')
  }
  {
    name: 'end-without-outcome'
    severity: 'Medium'
    title: 'pim-cutoff: a role end without an outcome'
    tactics: ['Persistence']
    query: loadTextContent('end-without-outcome.kql')
  }
  {
    name: 'identity-misuse'
    severity: 'High'
    title: 'pim-cutoff: its identity was used for something else'
    tactics: ['CredentialAccess', 'PrivilegeEscalation']
    query: loadTextContent('identity-misuse.kql')
  }
]

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = {
  name: workspaceName
}

resource analytics 'Microsoft.SecurityInsights/alertRules@2024-03-01' = [
  for rule in rules: {
    scope: workspace
    name: guid(workspace.id, rule.name)
    kind: 'Scheduled'
    properties: {
      displayName: rule.title
      description: 'What to do: docs/operate.md#${rule.name}'
      enabled: true
      severity: rule.severity
      query: replace(rule.query, '{{APP_IDENTITY}}', appIdentityId)
      queryFrequency: 'PT1H'
      queryPeriod: 'P2D'
      triggerOperator: 'GreaterThan'
      triggerThreshold: 0
      suppressionEnabled: false
      suppressionDuration: 'PT5H'
      tactics: rule.tactics
    }
  }
]
