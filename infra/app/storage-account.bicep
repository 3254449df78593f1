// One storage account without keys: it knows its readers and writers by their roles alone, and logs every write and deletion.
param name string
param location string
param tags object
@allowed(['auto', 'Standard_ZRS', 'Standard_LRS'])
param redundancy string
@description('Containers of blobs that are there before anybody writes.')
param containers string[]
@description('Who may do what with its content.')
param grants Grant[]
@description('What is used of it: blob, queue, table. Each has a private endpoint where the app has a network.')
param services string[]
@description('Empty: reachable from every network, by identity alone.')
param endpointSubnetId string
param networkId string
param privateZones string
param workspaceId string

@export()
type Grant = {
  principalId: string
  @description('Id of the role definition.')
  role: string
}

var isPrivate = !empty(endpointSubnetId)
// Regions that offer Flex Consumption, but no storage over zones (Azure docs: Azure Storage redundancy, Flex Consumption regions).
var withoutZones = ['australiasoutheast', 'northcentralus', 'southindia', 'ukwest', 'westcentralus', 'westus']
var sku = redundancy != 'auto'
  ? redundancy
  : contains(withoutZones, toLower(replace(location, ' ', ''))) ? 'Standard_LRS' : 'Standard_ZRS'
// Reads would be most of the log: the app looks into its queues all the time.
var logged = [{ category: 'StorageWrite', enabled: true }, { category: 'StorageDelete', enabled: true }]

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

    resource made 'containers' = [for container in containers: { name: container }]
  }
  resource queues 'queueServices' = {
    name: 'default'
  }
  resource tables 'tableServices' = {
    name: 'default'
  }
}

resource roles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for grant in grants: {
    name: guid(account.id, grant.principalId, grant.role)
    scope: account
    properties: {
      principalId: grant.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', grant.role)
    }
  }
]

// Who writes is reported by the rules foreign-storage-writer and package-written (infra/alerts). All three parts, also of an account that uses one.
resource blobLog 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'writes'
  scope: account::blobs
  properties: { workspaceId: workspaceId, logs: logged }
}

resource queueLog 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'writes'
  scope: account::queues
  properties: { workspaceId: workspaceId, logs: logged }
}

resource tableLog 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'writes'
  scope: account::tables
  properties: { workspaceId: workspaceId, logs: logged }
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
@description('The resource group, which has the private zones once the endpoints are made.')
output groupId string = resourceGroup().id
output blobEndpoint string = account.properties.primaryEndpoints.blob
