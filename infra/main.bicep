// Everything that one deployment of pim-cutoff needs in Azure, in a resource group of its own: the app is tier 0, so it shares nothing.
// Not in here, since other people hold those rights: Graph permissions (graph-permissions/), the operators' app registration (operators/) and the tenant's diagnostic setting (audit-stream/).
targetScope = 'subscription'

import { CutoffSettings } from 'app/settings.bicep'

@description('Names the deployment: 2 to 12 lower-case letters and digits. Several deployments in one tenant need different names.')
@minLength(2)
@maxLength(12)
param name string

@description('A region that offers Flex Consumption.')
param location string

@description('The app settings that an operator chooses; docs/settings.md explains each.')
param settings CutoffSettings

@description('Node on Flex Consumption.')
@allowed(['22', '24'])
param nodeVersion string = '24'

@description('Instances that are always ready, per function or group; what these cost is in docs/cost.md.')
param alwaysReady { http: int, principals: int, resync: int } = { http: 1, principals: 1, resync: 1 }

@description('At most this many instances.')
@minValue(40)
@maxValue(1000)
param maximumInstances int = 40

@description('Storage and Key Vault only through private endpoints, and the app in a virtual network.')
param privateNetworking bool = false

@description('Whether the internet can reach the app at all. Without it: GRAPH_SUBSCRIPTIONS=off, and operators need a way into the virtual network.')
param publicInbound bool = true

@description('App Service signs operators in, so that a browser can show the status page; needs OPERATORS_AUDIENCE (docs/deploy.md).')
param operatorSignIn bool = false

@description('An event hub for the directory audit log; the diagnostic setting that feeds it is deployed on its own (docs/deploy.md).')
param auditStream bool = false

@description('Mail addresses that get the alerts.')
param alertAddresses string[] = []

@description('How often the alert rules look: ISO 8601 duration.')
param alertEvery string = 'PT5M'

@description('Scheduled analytics rules for Microsoft Sentinel; the workspace must be connected to it.')
param sentinelRules bool = false

@description('Object id of who deploys and may create the secret in Key Vault; empty when somebody else does.')
param deployerId string = ''

@description('While the secret is rotated: the vault also holds cutoff-secret-previous, and the app takes what is sealed with it.')
param rotatingSecret bool = false

@description('Days that logs are kept.')
@minValue(30)
@maxValue(730)
param retentionDays int = 90

var tags = { 'azd-env-name': name, application: 'pim-cutoff' }

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-pim-cutoff-${name}'
  location: location
  tags: tags
}

module app 'app/app.bicep' = {
  scope: group
  params: {
    name: name
    location: location
    tags: tags
    settings: settings
    nodeVersion: nodeVersion
    alwaysReady: alwaysReady
    maximumInstances: maximumInstances
    privateNetworking: privateNetworking
    publicInbound: publicInbound
    operatorSignIn: operatorSignIn
    auditStream: auditStream
    deployerId: deployerId
    rotatingSecret: rotatingSecret
    retentionDays: retentionDays
  }
}

module alerts 'alerts/alerts.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    workspaceId: app.outputs.workspaceId
    addresses: alertAddresses
    every: alertEvery
  }
}

module workbook 'workbook/workbook.bicep' = {
  scope: group
  params: { location: location, tags: tags, workspaceId: app.outputs.workspaceId }
}

module detection 'detection/sentinel.bicep' = if (sentinelRules) {
  scope: group
  params: { workspaceName: app.outputs.workspaceName, appIdentityId: app.outputs.identityPrincipalId }
}

output AZURE_RESOURCE_GROUP string = group.name
output AZURE_FUNCTION_APP string = app.outputs.functionAppName
output AZURE_KEY_VAULT string = app.outputs.vaultName
output AZURE_IDENTITY_PRINCIPAL_ID string = app.outputs.identityPrincipalId
output NOTIFICATION_HOST string = app.outputs.hostName
output AUDIT_STREAM_RULE_ID string = app.outputs.auditStreamRuleId
