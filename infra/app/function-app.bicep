// The function app on Flex Consumption. It has no secret of its own: storage, Graph, telemetry and Key Vault know it by its identity.
import { AlwaysReady, CutoffSettings } from 'settings.bicep'

param name string
param location string
param tags object
param settings CutoffSettings
param nodeVersion string
param alwaysReady AlwaysReady
param maximumInstances int
param publicInbound bool
@description('App Service signs operators in, so that a browser can show the status page.')
param operatorSignIn bool
@description('Empty: no virtual network.')
param appSubnetId string
@description('The private endpoint of an app that is closed to the internet.')
param endpointSubnetId string
param networkId string
param privateZones string
param identityId string
param identityClientId string
@description('By which Azure stores the package and fetches it.')
param packageIdentityId string
param storageAccountName string
param deploymentContainerUrl string
param vaultName string
@description('The vault in which the host keeps its keys.')
param hostKeysUri string
param rotatingSecret bool
param applicationInsightsConnectionString string
param auditStream bool
@description('Only with the audit stream, as the next one.')
param auditNamespace string
param auditHubName string
param mails bool
@description('Only with mails, as the next one.')
param mailEndpoint string
param mailSender string

// In Azure, not chosen by the operator. The host reads the ones that begin with AzureWebJobsStorage too.
var platform = {
  AzureWebJobsStorage__accountName: storageAccountName
  AzureWebJobsStorage__tableServiceUri: 'https://${storageAccountName}.table.${environment().suffixes.storage}'
  AzureWebJobsStorage__queueServiceUri: 'https://${storageAccountName}.queue.${environment().suffixes.storage}'
  AzureWebJobsStorage__blobServiceUri: 'https://${storageAccountName}.blob.${environment().suffixes.storage}'
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
  // The host's keys would lie in the blobs of the state otherwise, where a key that is not marked as encrypted is read as it stands.
  AzureWebJobsSecretStorageType: 'keyvault'
  AzureWebJobsSecretStorageKeyVaultUri: hostKeysUri
  AzureWebJobsSecretStorageKeyVaultClientId: identityClientId
  AZURE_CLIENT_ID: identityClientId
  AZURE_TENANT_ID: tenant().tenantId
  APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsightsConnectionString
  // Without it the package reports on itself to Microsoft.
  APPLICATION_INSIGHTS_NO_STATSBEAT: 'true'
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  // The host takes no longer bodies, 100 MB by default: as many bytes as the app itself takes (shared/notifications/read-delivery.ts).
  FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '1048576'
  // The app does not see its plan.
  ALWAYS_READY: join(map(isReady, one => replace(one.name, 'function:', '')), ',')
  CUTOFF_SECRET: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=cutoff-secret)'
}

// Only while the secret is rotated (docs/deploy.md).
var rotation = rotatingSecret
  ? {
      CUTOFF_SECRET_PREVIOUS: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=cutoff-secret-previous)'
    }
  : {}

// Made by whoever runs the receiver, and put into Key Vault by hand.
var webhook = !empty(settings.?NOTIFY_WEBHOOK_URL)
  ? {
      NOTIFY_WEBHOOK_SECRET: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=notify-webhook-secret)'
    }
  : {}

// Channels for people and systems (docs/notifications.md): a channel is there when its format is chosen. Put into Key Vault by hand, like the webhook's.
var channels = union(
  contains(['', 'mail'], settings.?NOTIFY_1_FORMAT ?? '')
    ? {}
    : {
        NOTIFY_1_URL: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=notify-1-url)'
      },
  settings.?NOTIFY_1_FORMAT != 'standard'
    ? {}
    : {
        NOTIFY_1_SECRET: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=notify-1-secret)'
      },
  contains(['', 'mail'], settings.?NOTIFY_2_FORMAT ?? '')
    ? {}
    : {
        NOTIFY_2_URL: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=notify-2-url)'
      },
  settings.?NOTIFY_2_FORMAT != 'standard'
    ? {}
    : {
        NOTIFY_2_SECRET: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=notify-2-secret)'
      },
  contains(['', 'mail'], settings.?NOTIFY_3_FORMAT ?? '')
    ? {}
    : {
        NOTIFY_3_URL: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=notify-3-url)'
      },
  settings.?NOTIFY_3_FORMAT != 'standard'
    ? {}
    : {
        NOTIFY_3_SECRET: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=notify-3-secret)'
      },
  contains(['', 'mail'], settings.?NOTIFY_4_FORMAT ?? '')
    ? {}
    : {
        NOTIFY_4_URL: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=notify-4-url)'
      },
  settings.?NOTIFY_4_FORMAT != 'standard'
    ? {}
    : {
        NOTIFY_4_SECRET: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=notify-4-secret)'
      },
  contains(['', 'mail'], settings.?NOTIFY_5_FORMAT ?? '')
    ? {}
    : {
        NOTIFY_5_URL: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=notify-5-url)'
      },
  settings.?NOTIFY_5_FORMAT != 'standard'
    ? {}
    : {
        NOTIFY_5_SECRET: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=notify-5-secret)'
      },
  contains(['', 'mail'], settings.?NOTIFY_6_FORMAT ?? '')
    ? {}
    : {
        NOTIFY_6_URL: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=notify-6-url)'
      },
  settings.?NOTIFY_6_FORMAT != 'standard'
    ? {}
    : {
        NOTIFY_6_SECRET: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=notify-6-secret)'
      },
  contains(['', 'mail'], settings.?NOTIFY_7_FORMAT ?? '')
    ? {}
    : {
        NOTIFY_7_URL: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=notify-7-url)'
      },
  settings.?NOTIFY_7_FORMAT != 'standard'
    ? {}
    : {
        NOTIFY_7_SECRET: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=notify-7-secret)'
      },
  contains(['', 'mail'], settings.?NOTIFY_8_FORMAT ?? '')
    ? {}
    : {
        NOTIFY_8_URL: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=notify-8-url)'
      },
  settings.?NOTIFY_8_FORMAT != 'standard'
    ? {}
    : {
        NOTIFY_8_SECRET: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=notify-8-secret)'
      }
)

// What the operator left empty is left to the app's default.
var chosen = toObject(
  filter(items(settings), setting => !empty(setting.value)),
  setting => setting.key,
  setting => setting.value
)

// The host names of apps (Azure docs: Azure Private Endpoint private DNS zone values).
var appDomains = {
  AzureCloud: 'azurewebsites.net'
  AzureUSGovernment: 'azurewebsites.us'
  AzureChinaCloud: 'chinacloudsites.cn'
}

var stream = !auditStream
  ? {}
  : {
      AUDIT_EVENTHUB_NAME: auditHubName
      AUDIT_EVENTHUB_CONSUMER_GROUP: 'pim-cutoff'
      AUDIT_EVENTHUB__fullyQualifiedNamespace: auditNamespace
      AUDIT_EVENTHUB__credential: 'managedidentity'
      AUDIT_EVENTHUB__clientId: identityClientId
    }

var mail = !mails
  ? {}
  : {
      NOTIFY_MAIL_ENDPOINT: mailEndpoint
      NOTIFY_MAIL_SENDER: mailSender
    }

var ready = [
  { name: 'http', instanceCount: alwaysReady.http }
  { name: 'function:principals', instanceCount: alwaysReady.principals }
  { name: 'function:resync', instanceCount: alwaysReady.resync }
  { name: 'function:heartbeat', instanceCount: alwaysReady.heartbeat }
  { name: 'function:directoryAuditStream', instanceCount: auditStream ? alwaysReady.auditStream : 0 }
]
var isReady = filter(ready, one => one.instanceCount > 0)

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: replace(name, 'func-', 'plan-')
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identityId}': {}, '${packageIdentityId}': {} } }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    publicNetworkAccess: publicInbound ? 'Enabled' : 'Disabled'
    virtualNetworkSubnetId: empty(appSubnetId) ? null : appSubnetId
    keyVaultReferenceIdentity: identityId
    siteConfig: { minTlsVersion: '1.2', http20Enabled: true }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: deploymentContainerUrl
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: packageIdentityId }
        }
      }
      runtime: { name: 'node', version: nodeVersion }
      scaleAndConcurrency: {
        instanceMemoryMB: 512
        maximumInstanceCount: maximumInstances
        alwaysReady: isReady
      }
    }
  }

  resource appSettings 'config' = {
    name: 'appsettings'
    properties: union(platform, rotation, webhook, channels, stream, mail, chosen)
  }
  // Graph's endpoints and the function keys stay as they are: nobody is made to sign in, and the app itself refuses whoever has no role.
  // It is there in either case: a resource that a template leaves out stays as it was, and switched on.
  resource authentication 'config' = {
    name: 'authsettingsV2'
    properties: {
      platform: { enabled: operatorSignIn }
      globalValidation: { requireAuthentication: false, unauthenticatedClientAction: 'AllowAnonymous' }
      httpSettings: { requireHttps: true }
      identityProviders: operatorSignIn
        ? {
            azureActiveDirectory: {
              enabled: true
              registration: {
                openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
                clientId: settings.?OPERATORS_AUDIENCE ?? ''
              }
              validation: { allowedAudiences: [settings.?OPERATORS_AUDIENCE ?? ''] }
            }
          }
        : {}
      login: {
        tokenStore: { enabled: false }
        // What a stolen browser is good for.
        cookieExpiration: { convention: 'FixedTime', timeToExpiration: '01:00:00' }
      }
    }
  }
  // Deployments come with Entra tokens only, never with a publishing password.
  resource noFtp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }
  resource noScmPassword 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }
}

// Its zone also has the name of the deployment endpoint (scm), which publicNetworkAccess closes as well.
module endpoint 'private-endpoint.bicep' = if (!publicInbound) {
  params: {
    name: 'pe-${name}'
    location: location
    tags: tags
    targetId: app.id
    groupId: 'sites'
    zone: 'privatelink.${appDomains[environment().name]}'
    subnetId: endpointSubnetId
    networkId: networkId
    privateZones: privateZones
  }
}

output name string = app.name
output hostName string = app.properties.defaultHostName
