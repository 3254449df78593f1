// A vault for secrets that no deployment ever sees. The app has two. The first holds the secret from which the app derives the keys that seal its rows and
// the client states of its subscriptions: create-secret.sh makes it once, redeploying leaves it alone, and the app may only read it.
// The second holds the host's keys (function keys, the master key), which the host makes and changes itself as the app's identity (Azure docs: Work
// with access keys in Azure Functions, key storage). It needs a vault of its own: whoever may write keys there could otherwise write the secret.
param name string
param location string
param tags object
param identityPrincipalId string
@description('Whether the identity makes, changes and deletes secrets there, as the host does with its keys.')
param identityWrites bool
@description('Who may put secrets in; empty: nobody else.')
param deployerId string
@description('The vault of an earlier deployment of this name was deleted; it is protected against being purged, so its name is taken until it is recovered.')
param recover bool
@description('Empty: reachable from every network, by identity alone.')
param endpointSubnetId string
param networkId string
param privateZones string
param workspaceId string

var isPrivate = !empty(endpointSubnetId)
var secretsUser = '4633458b-17de-408a-b874-0445c86b69e6'
// List, get, set and delete, as the host does (source of the Functions host: KeyVaultSecretsRepository).
var secretsOfficer = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: take(name, 24)
  location: location
  tags: tags
  properties: {
    createMode: recover ? 'recover' : 'default'
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enablePurgeProtection: true
    softDeleteRetentionInDays: 90
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: { defaultAction: isPrivate ? 'Deny' : 'Allow', bypass: 'None' }
  }
}

resource use 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, identityPrincipalId, identityWrites ? secretsOfficer : secretsUser)
  scope: vault
  properties: {
    principalId: identityPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      identityWrites ? secretsOfficer : secretsUser
    )
  }
}

resource create 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(deployerId)) {
  name: guid(vault.id, deployerId, secretsOfficer)
  scope: vault
  properties: {
    principalId: deployerId
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsOfficer)
  }
}

resource log 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'who-read-the-secret'
  scope: vault
  properties: { workspaceId: workspaceId, logs: [{ category: 'AuditEvent', enabled: true }] }
}

module endpoint 'private-endpoint.bicep' = if (isPrivate) {
  params: {
    name: 'pe-${name}'
    location: location
    tags: tags
    targetId: vault.id
    groupId: 'vault'
    zone: 'privatelink${replace(environment().suffixes.keyvaultDns, '.vault.', '.vaultcore.')}'
    subnetId: endpointSubnetId
    networkId: networkId
    privateZones: privateZones
  }
}

output name string = vault.name
output uri string = vault.properties.vaultUri
@description('The resource group, which has the private zone once the endpoint is made.')
output groupId string = resourceGroup().id
