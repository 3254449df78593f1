// The app's state, its queues, its package and the host's leases. What stands in here is believed, so: no account keys, nobody but the app's
// identity, and every access is logged. Roles as the Functions host documents them for identity-based AzureWebJobsStorage
// (Azure docs: Connect to host storage with an identity), plus tables for our own state.
param name string
param location string
param tags object
param identityPrincipalId string
@allowed(['auto', 'Standard_ZRS', 'Standard_LRS'])
param redundancy string
@description('Empty: reachable from every network, by identity alone.')
param endpointSubnetId string
param networkId string
param privateZones string
param workspaceId string

var isPrivate = !empty(endpointSubnetId)
var roles = [
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b' // Storage Blob Data Owner
  '974c5e8b-45b9-4653-ba55-5f855dd0fb88' // Storage Queue Data Contributor
  '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3' // Storage Table Data Contributor
]
// Regions that offer Flex Consumption, but no storage over zones (Azure docs: Azure Storage redundancy, Flex Consumption regions).
var withoutZones = ['australiasoutheast', 'northcentralus', 'southindia', 'ukwest', 'westcentralus', 'westus']
var sku = redundancy != 'auto'
  ? redundancy
  : contains(withoutZones, toLower(replace(location, ' ', ''))) ? 'Standard_LRS' : 'Standard_ZRS'
var services = ['blob', 'queue', 'table']

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: sku }
  properties: {
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: { defaultAction: isPrivate ? 'Deny' : 'Allow', bypass: 'None' }
  }

  resource blobs 'blobServices' = {
    name: 'default'
    properties: { deleteRetentionPolicy: { enabled: true, days: 7 } }

    resource packages 'containers' = {
      name: 'packages'
    }
  }
  resource queues 'queueServices' = {
    name: 'default'
  }
  resource tables 'tableServices' = {
    name: 'default'
  }
}

resource grants 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in roles: {
    name: guid(account.id, identityPrincipalId, role)
    scope: account
    properties: {
      principalId: identityPrincipalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

resource tableLog 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'writes-to-state'
  scope: account::tables
  properties: { workspaceId: workspaceId, logs: [{ category: 'StorageWrite', enabled: true }, { category: 'StorageDelete', enabled: true }] }
}

module endpoints 'private-endpoint.bicep' = [
  for service in services: if (isPrivate) {
    params: {
      name: 'pe-${name}-${service}'
      location: location
      tags: tags
      targetId: account.id
      groupId: service
      zone: 'privatelink.${service}.${environment().suffixes.storage}'
      subnetId: endpointSubnetId
      networkId: networkId
      privateZones: privateZones
    }
  }
]

output name string = account.name
output deploymentContainerUrl string = '${account.properties.primaryEndpoints.blob}${account::blobs::packages.name}'
