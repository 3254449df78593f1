// The event hub that Entra's diagnostic setting writes the directory audit log to. The setting is a tenant resource that authenticates with an
// authorization rule of the namespace (Entra docs: Stream activity logs to an event hub), so local authentication stays on here, with one rule.
// The app reads by its identity and knows no key.
param name string
param location string
param tags object
param identityPrincipalId string

var dataReceiver = subscriptionResourceId(
  'Microsoft.Authorization/roleDefinitions',
  'a638d3c7-ab3a-418d-83e6-5f17a39d4fde'
)

resource namespace 'Microsoft.EventHub/namespaces@2024-01-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: 'Standard', tier: 'Standard', capacity: 1 }
  properties: { minimumTlsVersion: '1.2' }

  // The Azure Monitor service asks for all three rights (Azure docs: Diagnostic settings in Azure Monitor, destination limitations).
  resource send 'authorizationRules' = {
    name: 'entra-diagnostics'
    properties: { rights: ['Listen', 'Manage', 'Send'] }
  }

  resource hub 'eventhubs' = {
    name: 'directory-audits'
    properties: { partitionCount: 2, retentionDescription: { cleanupPolicy: 'Delete', retentionTimeInHours: 72 } }

    resource group 'consumergroups' = {
      name: 'pim-cutoff'
    }
  }
}

resource receive 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(namespace::hub.id, identityPrincipalId, dataReceiver)
  scope: namespace::hub
  properties: {
    principalId: identityPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: dataReceiver
  }
}

// https://NAMESPACE.servicebus.windows.net:443/, or another suffix in another cloud.
output fullyQualifiedNamespace string = split(split(namespace.properties.serviceBusEndpoint, '//')[1], ':')[0]
output hubName string = namespace::hub.name
output sendRuleId string = namespace::send.id
