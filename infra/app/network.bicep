// A network for one app: a subnet for its instances (Flex Consumption delegates it to Microsoft.App/environments, Azure docs: Integrate your
// function app with a virtual network) and one for private endpoints.
param name string
param location string
param tags object
@description('/24 or larger.')
param range string

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: 'vnet-pim-cutoff-${name}'
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: [range] }
    subnets: [
      {
        name: 'app'
        properties: {
          addressPrefix: cidrSubnet(range, 26, 0)
          delegations: [{ name: 'flex', properties: { serviceName: 'Microsoft.App/environments' } }]
        }
      }
      { name: 'endpoints', properties: { addressPrefix: cidrSubnet(range, 26, 1), privateEndpointNetworkPolicies: 'Disabled' } }
    ]
  }

  resource appSubnet 'subnets' existing = {
    name: 'app'
  }
  resource endpointSubnet 'subnets' existing = {
    name: 'endpoints'
  }
}

output networkId string = network.id
output appSubnetId string = network::appSubnet.id
output endpointSubnetId string = network::endpointSubnet.id
