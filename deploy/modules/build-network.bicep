metadata description = 'The network of builds and tests: one subnet each for test machines, build machines, and the containers that Image Builder works from.'

@description('Region of the builds: an image template and its network are in the same one.')
param location string

@description('Name of the virtual network.')
param networkName string

@description('Addresses of the network, a /24 or larger; the three subnets are taken from it.')
param addressPrefix string

@description('Whether machines and containers reach the internet through a NAT gateway with a public address of its own. Without it they need another way out (a firewall, peering) for updates: subnets have no way out by themselves.')
param natGateway bool

@description('Where logs go.')
param workspaceId string

@description('Tags of everything that is made.')
param tags object

var subnets = [
  { name: 'tests', prefix: cidrSubnet(addressPrefix, 26, 0), delegations: [] }
  { name: 'builds', prefix: cidrSubnet(addressPrefix, 26, 1), delegations: [] }
  {
    name: 'containers'
    prefix: cidrSubnet(addressPrefix, 26, 2)
    delegations: [
      {
        name: 'container-groups'
        properties: { serviceName: 'Microsoft.ContainerInstance/containerGroups' }
      }
    ]
  }
]

resource rules 'Microsoft.Network/networkSecurityGroups@2024-07-01' = {
  name: 'nsg-${networkName}'
  location: location
  tags: tags
  properties: {
    securityRules: [
      {
        name: 'builds-from-containers'
        properties: {
          description: 'Image Builder reaches the machine that it builds on by SSH and WinRM, from its container.'
          access: 'Allow'
          direction: 'Inbound'
          priority: 100
          protocol: 'Tcp'
          sourceAddressPrefix: cidrSubnet(addressPrefix, 26, 2)
          sourcePortRange: '*'
          destinationAddressPrefix: cidrSubnet(addressPrefix, 26, 1)
          destinationPortRanges: ['22', '5985', '5986']
        }
      }
      {
        name: 'nothing-else-comes-in'
        properties: {
          description: 'Test machines are spoken to through Azure\'s agent, which asks by itself.'
          access: 'Deny'
          direction: 'Inbound'
          priority: 4096
          protocol: '*'
          sourceAddressPrefix: '*'
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRange: '*'
        }
      }
    ]
  }
}

resource address 'Microsoft.Network/publicIPAddresses@2024-07-01' = if (natGateway) {
  name: 'pip-${networkName}'
  location: location
  tags: tags
  sku: { name: 'Standard' }
  properties: { publicIPAllocationMethod: 'Static' }
}

resource nat 'Microsoft.Network/natGateways@2024-07-01' = if (natGateway) {
  name: 'nat-${networkName}'
  location: location
  tags: tags
  sku: { name: 'Standard' }
  properties: {
    publicIpAddresses: [{ id: address.id }]
    idleTimeoutInMinutes: 10
  }
}

resource network 'Microsoft.Network/virtualNetworks@2024-07-01' = {
  name: networkName
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: [addressPrefix] }
    subnets: [
      for subnet in subnets: {
        name: subnet.name
        properties: {
          addressPrefix: subnet.prefix
          defaultOutboundAccess: false
          // Image Builder in a network of one's own works through a private link service.
          privateLinkServiceNetworkPolicies: 'Disabled'
          networkSecurityGroup: { id: rules.id }
          ...(natGateway ? { natGateway: { id: nat.id } } : {})
          delegations: subnet.delegations
        }
      }
    ]
  }
}

resource rulesLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: rules
  name: 'goldbot'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
  }
}

resource networkLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: network
  name: 'goldbot'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
  }
}

resource addressLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (natGateway) {
  scope: address
  name: 'goldbot'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
  }
}

output networkId string = network.id
