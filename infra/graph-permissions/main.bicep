// Gives the app's identity its Graph permissions. Apart from main.bicep because it needs Privileged Role Administrator, which whoever deploys
// the app should not be. grant.sh does the same without the Microsoft Graph Bicep extension.
targetScope = 'resourceGroup'

extension microsoftGraphV1

@description('The output AZURE_IDENTITY_PRINCIPAL_ID of main.bicep.')
param identityPrincipalId string

@description('As the app has it. An app that only reports needs no permission to revoke.')
@allowed(['off', 'reportOnly', 'enforce'])
param cutoffMode string = 'enforce'

@description('As the app has it.')
@allowed(['on', 'off', 'allGroups'])
param graphSubscriptions string = 'on'

@description('As the app has it: only whether it is none counts.')
param watchedGroups string = 'auto'

var groups = watchedGroups != 'none'
var subscriptions = groups && graphSubscriptions != 'off'
var conditions = concat(
  ['always', subscriptions ? 'subscriptions' : 'noSubscriptions'],
  groups ? ['groups'] : [],
  cutoffMode == 'enforce' ? ['revoking'] : []
)

// The same list as the app's own, which a test holds it against.
var permissions = filter(loadJsonContent('permissions.json'), permission => contains(conditions, permission.when))

resource graph 'Microsoft.Graph/servicePrincipals@v1.0' existing = {
  appId: '00000003-0000-0000-c000-000000000000'
}

resource grants 'Microsoft.Graph/appRoleAssignedTo@v1.0' = [
  for permission in permissions: {
    principalId: identityPrincipalId
    resourceId: graph.id
    appRoleId: permission.appRoleId
  }
]
