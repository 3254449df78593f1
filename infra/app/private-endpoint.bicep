// One private endpoint with its DNS zone, so that the public name leads to the private address.
param name string
param location string
param tags object
param targetId string
param groupId string
param zone string
param subnetId string
param networkId string

resource endpoint 'Microsoft.Network/privateEndpoints@2024-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: { id: subnetId }
    privateLinkServiceConnections: [
      { name: groupId, properties: { privateLinkServiceId: targetId, groupIds: [groupId] } }
    ]
  }

  resource names 'privateDnsZoneGroups' = {
    name: 'default'
    properties: { privateDnsZoneConfigs: [{ name: groupId, properties: { privateDnsZoneId: dns.id } }] }
  }
}

resource dns 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: zone
  location: 'global'
  tags: tags

  resource link 'virtualNetworkLinks' = {
    name: uniqueString(networkId)
    location: 'global'
    properties: { registrationEnabled: false, virtualNetwork: { id: networkId } }
  }
}
