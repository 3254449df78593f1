// Streams the directory audit log of the tenant to the event hub. A resource of the tenant, not of a subscription: whoever deploys it is
// Security Administrator or higher in Entra, has rights on the tenant scope of Azure, and may list the keys of the authorization rule.
// The log needs a licence of Entra ID P1 or P2 (Entra docs: Access activity logs in Microsoft Entra ID).
targetScope = 'tenant'

@description('The output AUDIT_STREAM_RULE_ID of main.bicep.')
param authorizationRuleId string

@description('A tenant may have several; give each deployment its own.')
param name string = 'pim-cutoff'

resource stream 'microsoft.aadiam/diagnosticSettings@2017-04-01' = {
  name: name
  properties: {
    eventHubAuthorizationRuleId: authorizationRuleId
    eventHubName: 'directory-audits'
    logs: [{ category: 'AuditLogs', enabled: true }]
  }
}
