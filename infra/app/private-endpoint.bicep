// One private endpoint with its DNS zone, so that the public name leads to the private address. The zone is made and linked here, unless the
// network team keeps it: then whoever keeps it links it to this network.
param name string
param location string
param tags object
param targetId string
param groupId string
param zone string
param subnetId string
param networkId string
@description('Id of the resource group that has the zone already; empty: it is made here.')
param privateZones string

var zoneId = empty(privateZones)
  ? dns.id
  : resourceId(split(privateZones, '/')[2], split(privateZones, '/')[4], 'Microsoft.Network/privateDnsZones', zone)

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
    properties: { privateDnsZoneConfigs: [{ name: groupId, properties: { privateDnsZoneId: zoneId } }] }
  }
}

resource dns 'Microsoft.Network/privateDnsZones@2024-06-01' = if (empty(privateZones)) {
  name: zone
  location: 'global'
  tags: tags

  resource link 'virtualNetworkLinks' = {
    name: uniqueString(networkId)
    location: 'global'
    properties: { registrationEnabled: false, virtualNetwork: { id: networkId } }
  }
}
