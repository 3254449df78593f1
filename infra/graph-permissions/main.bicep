// Gives the app's identity its Graph permissions. Apart from main.bicep because it needs Privileged Role Administrator, which whoever deploys
// the app should not be. grant.sh does the same without the Microsoft Graph Bicep extension.
targetScope = 'resourceGroup'

extension microsoftGraphV1

@description('The output AZURE_IDENTITY_PRINCIPAL_ID of main.bicep.')
param identityPrincipalId string

// The same list as the app's own, which a test holds it against.
var permissions = loadJsonContent('permissions.json')

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
