// Everything that one deployment of pim-cutoff needs in Azure, in a resource group of its own: the app is tier 0, so it shares nothing.
// Not in here, since other people hold those rights: Graph permissions (graph-permissions/), the operators' app registration (operators/) and the tenant's diagnostic setting (audit-stream/).
targetScope = 'subscription'

import { AlwaysReady, CutoffSettings } from 'app/settings.bicep'

@description('Names the deployment: 2 to 12 lower-case letters and digits. Several deployments in one tenant need different names.')
@minLength(2)
@maxLength(12)
param name string

@description('A region that offers Flex Consumption.')
param location string

@description('The app settings that an operator chooses; docs/settings.md explains each. An empty one is left to the app\'s default.')
param settings CutoffSettings

@description('Node on Flex Consumption.')
@allowed(['22', '24'])
param nodeVersion string = '24'

@description('Instances that are always ready, per function or group; what these cost is in docs/cost.md.')
param alwaysReady AlwaysReady

@description('At most this many instances.')
@minValue(40)
@maxValue(1000)
param maximumInstances int = 40

@description('Redundancy of the storage account; auto: over zones where the region has them, else within one data centre.')
@allowed(['auto', 'Standard_ZRS', 'Standard_LRS'])
param storageRedundancy string = 'auto'

@description('Storage and Key Vault only through private endpoints, and the app in a virtual network.')
param privateNetworking bool = false

@description('The address range of that network: /24 or larger, and none that it shall be peered with.')
param networkRange string = '10.90.0.0/24'

@description('Id of the resource group that has the private DNS zones already, as in a hub; empty: the zones are made here.')
param privateZones string = ''

@description('Whether the internet can reach the app at all. Without it: privateNetworking, and GRAPH_SUBSCRIPTIONS=off, since Graph cannot reach it either.')
param publicInbound bool = true

@description('App Service signs operators in, so that a browser can show the status page; needs OPERATORS_AUDIENCE (docs/deploy.md).')
param operatorSignIn bool = false

@description('An event hub for the directory audit log; the diagnostic setting that feeds it is deployed on its own (docs/deploy.md).')
param auditStream bool = false

@description('Mail addresses that get the alerts, or none.')
@minLength(1)
param alertAddresses string[]

@description('How often the alert rules look: ISO 8601 duration.')
@allowed(['PT1M', 'PT5M', 'PT10M', 'PT15M'])
param alertEvery string = 'PT5M'

@description('Tables that the workspace has: each analytics rule of Microsoft Sentinel is made whose tables are all among them.')
param sentinelTables string[] = []

@description('Object id of who deploys and may create the secret in Key Vault; empty when somebody else does.')
param deployerId string = ''

@description('While the secret is rotated: the vault also holds cutoff-secret-previous, and the app takes what is sealed with it.')
param rotatingSecret bool = false

@description('The vault of an earlier deployment of this name was deleted, and is taken back with its secrets.')
param recoverVault bool = false

@description('Where Azure Communication Services keeps mails, with NOTIFY_PERSON or a channel of the format mail.')
param mailDataLocation string = 'Europe'

@description('Resource id of a domain of your own in the mail service, verified there; empty: only the one of Azure.')
param mailDomainId string = ''

@description('The address that mails come from; empty: DoNotReply of the domain of Azure.')
param mailSender string = ''

@description('Days that logs are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 90

// What Azure would refuse halfway, or take and then leave the app closed, is refused here before anything is made.
var letters = map(range(0, length(name)), index => substring(name, index, 1))
var strange = filter(letters, letter => !contains('abcdefghijklmnopqrstuvwxyz0123456789', letter))
var checkedName = empty(strange)
  ? name
  : fail('The name ${name} is part of the storage account\'s: lower-case letters and digits only, not ${join(strange, ' ')}')
var checkedInbound = publicInbound
  ? true
  : !privateNetworking
      ? fail('PUBLIC_INBOUND=false needs PRIVATE_NETWORKING=true: without a private endpoint nobody reaches the app, not even a deployment')
      : settings.?GRAPH_SUBSCRIPTIONS != 'off'
          ? fail('PUBLIC_INBOUND=false needs GRAPH_SUBSCRIPTIONS=off: Graph delivers its notifications from the internet')
          : false
var checkedSignIn = operatorSignIn && empty(settings.?OPERATORS_AUDIENCE)
  ? fail('OPERATOR_SIGN_IN=true needs OPERATORS_AUDIENCE: infra/operators/create.sh prints it')
  : operatorSignIn

var tellsPeople = !empty(settings.?NOTIFY_PERSON) && settings.?NOTIFY_PERSON != 'off'
var mailChannels = filter(items(settings), setting => endsWith(setting.key, '_FORMAT') && setting.value == 'mail')
var sendsMails = tellsPeople || !empty(mailChannels)
var mailedBy = tellsPeople ? 'NOTIFY_PERSON' : sendsMails ? '${mailChannels[0].key}=mail' : ''
var checkedMailLocation = !sendsMails
  ? ''
  : !contains(['', 'global'], settings.?GRAPH_CLOUD ?? '')
      ? fail('${mailedBy} needs the public cloud: the app sends no mails with GRAPH_CLOUD=${settings.?GRAPH_CLOUD}')
      : environment().name == 'AzureCloud'
          ? mailDataLocation
          : fail('${mailedBy} needs the public cloud: the app sends no mails from ${environment().name}')

var tags = { 'azd-env-name': checkedName, application: 'pim-cutoff' }

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-pim-cutoff-${checkedName}'
  location: location
  tags: tags
}

module app 'app/app.bicep' = {
  scope: group
  params: {
    name: checkedName
    location: location
    tags: tags
    settings: settings
    nodeVersion: nodeVersion
    alwaysReady: alwaysReady
    maximumInstances: maximumInstances
    storageRedundancy: storageRedundancy
    privateNetworking: privateNetworking
    networkRange: networkRange
    privateZones: privateZones
    publicInbound: checkedInbound
    operatorSignIn: checkedSignIn
    auditStream: auditStream
    deployerId: deployerId
    rotatingSecret: rotatingSecret
    recoverVault: recoverVault
    logRetentionDays: logRetentionDays
    mails: sendsMails
    mailDataLocation: checkedMailLocation
    mailDomainId: mailDomainId
    mailSender: mailSender
  }
}

module alerts 'alerts/alerts.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    workspaceId: app.outputs.workspaceId
    addresses: filter(alertAddresses, address => address != 'none')
    every: alertEvery
    writers: {
      stateAccount: app.outputs.stateAccount
      identityPrincipalId: app.outputs.identityPrincipalId
      packageAccount: app.outputs.packageAccount
      packageIdentityPrincipalId: app.outputs.packageIdentityPrincipalId
    }
  }
}

module workbook 'workbook/workbook.bicep' = {
  scope: group
  params: { location: location, tags: tags, workspaceId: app.outputs.workspaceId }
}

module detection 'detection/sentinel.bicep' = if (!empty(sentinelTables)) {
  scope: group
  params: {
    workspaceName: app.outputs.workspaceName
    appIdentityId: app.outputs.identityPrincipalId
    tables: sentinelTables
  }
}

output AZURE_SUBSCRIPTION_ID string = subscription().subscriptionId
output AZURE_RESOURCE_GROUP string = group.name
output AZURE_FUNCTION_APP string = app.outputs.functionAppName
output AZURE_KEY_VAULT string = app.outputs.vaultName
output AZURE_IDENTITY_PRINCIPAL_ID string = app.outputs.identityPrincipalId
output NOTIFICATION_HOST string = app.outputs.hostName
output AUDIT_STREAM_RULE_ID string = app.outputs.auditStreamRuleId
