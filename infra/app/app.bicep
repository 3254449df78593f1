// The parts of the app and who may talk to whom. Each part grants the app's identity what it needs on it, and nothing more.
import { AlwaysReady, CutoffSettings } from 'settings.bicep'

param name string
param location string
param tags object
param settings CutoffSettings
param nodeVersion string
param alwaysReady AlwaysReady
param maximumInstances int
param storageRedundancy string
param privateNetworking bool
param networkRange string
param privateZones string
param publicInbound bool
param operatorSignIn bool
param auditStream bool
param deployerId string
param rotatingSecret bool
param recoverVault bool
param logRetentionDays int
param mails bool
@description('Only with mails, as the next two.')
param mailDataLocation string
param mailDomainId string
param mailSender string

// Storage accounts and vaults have names that are unique in all of Azure.
var unique = '${name}${take(uniqueString(subscription().id, resourceGroup().id), 8)}'

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-pim-cutoff-${name}'
  location: location
  tags: tags
}

// Has the app's package, and nothing else (storage.bicep).
resource packageIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-pim-cutoff-${name}-package'
  location: location
  tags: tags
}

module network 'network.bicep' = if (privateNetworking) {
  params: { name: name, location: location, tags: tags, range: networkRange }
}

module monitoring 'monitoring.bicep' = {
  params: {
    name: name
    location: location
    tags: tags
    identityPrincipalId: identity.properties.principalId
    retentionDays: logRetentionDays
  }
}

module storage 'storage.bicep' = {
  params: {
    stateName: 'st${unique}'
    packageName: 'pkg${unique}'
    location: location
    tags: tags
    identityPrincipalId: identity.properties.principalId
    packageIdentityPrincipalId: packageIdentity.properties.principalId
    redundancy: storageRedundancy
    endpointSubnetId: privateNetworking ? network!.outputs.endpointSubnetId : ''
    networkId: privateNetworking ? network!.outputs.networkId : ''
    privateZones: privateZones
    workspaceId: monitoring.outputs.workspaceId
  }
}

module vault 'vault.bicep' = {
  params: {
    name: 'kv-${unique}'
    location: location
    tags: tags
    identityPrincipalId: identity.properties.principalId
    identityWrites: false
    deployerId: deployerId
    recover: recoverVault
    endpointSubnetId: privateNetworking ? network!.outputs.endpointSubnetId : ''
    networkId: privateNetworking ? network!.outputs.networkId : ''
    privateZones: privateZones
    workspaceId: monitoring.outputs.workspaceId
  }
}

module hostKeys 'vault.bicep' = {
  params: {
    name: 'hk-${unique}'
    location: location
    tags: tags
    identityPrincipalId: identity.properties.principalId
    identityWrites: true
    deployerId: ''
    recover: recoverVault
    endpointSubnetId: privateNetworking ? network!.outputs.endpointSubnetId : ''
    networkId: privateNetworking ? network!.outputs.networkId : ''
    // As with the accounts (storage.bicep): the zone for vaults was made with the other vault.
    privateZones: empty(privateZones) ? vault.outputs.groupId : privateZones
    workspaceId: monitoring.outputs.workspaceId
  }
}

module hub '../audit-stream/event-hub.bicep' = if (auditStream) {
  params: {
    name: 'evhns-${unique}'
    location: location
    tags: tags
    identityPrincipalId: identity.properties.principalId
  }
}

module mail 'mail.bicep' = if (mails) {
  params: {
    name: 'pim-cutoff-${unique}'
    tags: tags
    dataLocation: mailDataLocation
    ownDomainId: mailDomainId
    ownSender: mailSender
    identityPrincipalId: identity.properties.principalId
  }
}

module functionApp 'function-app.bicep' = {
  params: {
    name: 'func-pim-cutoff-${unique}'
    location: location
    tags: tags
    settings: settings
    nodeVersion: nodeVersion
    alwaysReady: alwaysReady
    maximumInstances: maximumInstances
    publicInbound: publicInbound
    operatorSignIn: operatorSignIn
    appSubnetId: privateNetworking ? network!.outputs.appSubnetId : ''
    endpointSubnetId: privateNetworking ? network!.outputs.endpointSubnetId : ''
    networkId: privateNetworking ? network!.outputs.networkId : ''
    privateZones: privateZones
    identityId: identity.id
    identityClientId: identity.properties.clientId
    packageIdentityId: packageIdentity.id
    storageAccountName: storage.outputs.stateName
    deploymentContainerUrl: storage.outputs.deploymentContainerUrl
    vaultName: vault.outputs.name
    hostKeysUri: hostKeys.outputs.uri
    rotatingSecret: rotatingSecret
    applicationInsightsConnectionString: monitoring.outputs.connectionString
    auditStream: auditStream
    auditNamespace: auditStream ? hub!.outputs.fullyQualifiedNamespace : ''
    auditHubName: auditStream ? hub!.outputs.hubName : ''
    mails: mails
    mailEndpoint: mails ? mail!.outputs.endpoint : ''
    mailSender: mails ? mail!.outputs.sender : ''
  }
}

output functionAppName string = functionApp.outputs.name
output hostName string = functionApp.outputs.hostName
output identityPrincipalId string = identity.properties.principalId
output packageIdentityPrincipalId string = packageIdentity.properties.principalId
output stateAccount string = storage.outputs.stateName
output packageAccount string = storage.outputs.packageName
output vaultName string = vault.outputs.name
output workspaceId string = monitoring.outputs.workspaceId
output workspaceName string = monitoring.outputs.workspaceName
output auditStreamRuleId string = auditStream ? hub!.outputs.sendRuleId : ''
