// Two accounts, so that whoever may write the one cannot write the other.
// The first holds the app's state and queues, and the host's leases. Rows and messages in it are sealed (SECURITY.md); leases are not. The host's keys
// lie in a vault of their own (vault.bicep).
// The second holds the package, which is what runs: whoever may write it is the app. Nobody but the package's own identity has a role on it, as
// which Azure stores what a deployment brings and fetches it for new instances (Azure docs: Create and manage function apps in the Flex
// Consumption plan, deployment settings). That identity can do nothing else. It is assigned to the app, so code that runs in the app can ask for
// its token: separate accounts keep others out, not the app itself.
param stateName string
param packageName string
param location string
param tags object
param identityPrincipalId string
param packageIdentityPrincipalId string
@allowed(['auto', 'Standard_ZRS', 'Standard_LRS'])
param redundancy string
@description('Empty: reachable from every network, by identity alone.')
param endpointSubnetId string
param networkId string
param privateZones string
param workspaceId string

// Roles as the Functions host documents them for identity-based AzureWebJobsStorage (Azure docs: Connect to host storage with an identity), plus
// tables for our own state.
var blobOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
var blobContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
var queueContributor = '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
var tableContributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
var container = 'packages'

module state 'storage-account.bicep' = {
  params: {
    name: stateName
    location: location
    tags: tags
    redundancy: redundancy
    containers: []
    grants: [
      { principalId: identityPrincipalId, role: blobOwner }
      { principalId: identityPrincipalId, role: queueContributor }
      { principalId: identityPrincipalId, role: tableContributor }
    ]
    services: ['blob', 'queue', 'table']
    endpointSubnetId: endpointSubnetId
    networkId: networkId
    privateZones: privateZones
    workspaceId: workspaceId
  }
}

module package 'storage-account.bicep' = {
  params: {
    name: packageName
    location: location
    tags: tags
    redundancy: redundancy
    containers: [container]
    grants: [{ principalId: packageIdentityPrincipalId, role: blobContributor }]
    services: ['blob']
    endpointSubnetId: endpointSubnetId
    networkId: networkId
    // The zone for blobs was made with the other account: two deployments of one zone at a time would get in each other's way.
    privateZones: empty(privateZones) ? state.outputs.groupId : privateZones
    workspaceId: workspaceId
  }
}

output stateName string = state.outputs.name
output packageName string = package.outputs.name
output deploymentContainerUrl string = '${package.outputs.blobEndpoint}${container}'
