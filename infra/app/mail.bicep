// Mails to people who are signed out and to channels: Azure Communication Services, which the app reaches as its own identity. There is no key to keep.
param name string
param tags object
param dataLocation string
param identityPrincipalId string
@description('A domain of your own that was verified; empty: none.')
param ownDomainId string
@description('Empty: an address of the domain of Azure.')
param ownSender string

resource mails 'Microsoft.Communication/emailServices@2023-04-01' = {
  name: 'mail-${name}'
  location: 'global'
  tags: tags
  properties: { dataLocation: dataLocation }
}

// A domain of Azure's needs no DNS record. Put one of your own beside it when people should know the sender.
resource domain 'Microsoft.Communication/emailServices/domains@2023-04-01' = {
  parent: mails
  name: 'AzureManagedDomain'
  location: 'global'
  tags: tags
  properties: { domainManagement: 'AzureManaged', userEngagementTracking: 'Disabled' }
}

resource service 'Microsoft.Communication/communicationServices@2023-04-01' = {
  name: 'acs-${name}'
  location: 'global'
  tags: tags
  properties: { dataLocation: dataLocation, linkedDomains: concat([domain.id], empty(ownDomainId) ? [] : [ownDomainId]) }
}

// Communication and Email Service Owner: there is no built-in role that only sends (Azure docs: built-in roles).
var sendMails = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '09976791-48a7-449e-bb21-39d1a415f350')

resource appSends 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(service.id, identityPrincipalId, sendMails)
  scope: service
  properties: {
    roleDefinitionId: sendMails
    principalId: identityPrincipalId
    principalType: 'ServicePrincipal'
  }
}

output endpoint string = 'https://${service.properties.hostName}'
output sender string = !empty(ownSender) ? ownSender : 'DoNotReply@${domain.properties.mailFromSenderDomain}'
