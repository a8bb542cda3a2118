metadata description = 'A private address of a service, and the name by which it is found.'

@description('Region of the network.')
param location string

@description('Name of the endpoint.')
param endpointName string

@description('Id of the subnet that it is in.')
param subnetId string

@description('Id of the network in which the name is known.')
param networkId string

@description('Id of the service.')
param serviceId string

@description('Which part of the service, as Azure calls it: `postgresqlServer`, `vault`, `registry`.')
param groupId string

@description('Name of the private zone of such services.')
param zoneName string

@description('Whether to make the zone. Where a hub has them, Azure Policy there usually links endpoints to it.')
param makeZone bool

@description('Whether names of such services of others are still found as everywhere else: a zone answers for all of them.')
param othersToo bool

@description('Tags of everything that is made.')
param tags object

resource endpoint 'Microsoft.Network/privateEndpoints@2024-07-01' = {
  name: endpointName
  location: location
  tags: tags
  properties: {
    subnet: { id: subnetId }
    privateLinkServiceConnections: [
      {
        name: endpointName
        properties: { privateLinkServiceId: serviceId, groupIds: [groupId] }
      }
    ]
  }
}

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = if (makeZone) {
  name: zoneName
  location: 'global'
  tags: tags
}

resource link 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = if (makeZone) {
  parent: zone
  name: 'goldbot'
  location: 'global'
  tags: tags
  properties: {
    registrationEnabled: false
    ...(othersToo ? { resolutionPolicy: 'NxDomainRedirect' } : {})
    virtualNetwork: { id: networkId }
  }
}

resource names 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-07-01' = if (makeZone) {
  parent: endpoint
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [
      { name: replace(zoneName, '.', '-'), properties: { privateDnsZoneId: zone.id } }
    ]
  }
}
