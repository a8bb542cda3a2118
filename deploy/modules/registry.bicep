metadata description = 'The registry from which Container Apps pulls goldbot\'s image. It is pulled as goldbot\'s identity: there is no password.'

@description('Region of the registry.')
param location string

@description('Name of the registry; unique in all of Azure, letters and digits.')
@maxLength(50)
param registryName string

@description('Whether the registry has a public address. Without one it is a Premium registry, which alone takes private endpoints.')
param publicAccess bool

@description('Where logs go.')
param workspaceId string

@description('Tags of everything that is made.')
param tags object

resource registry 'Microsoft.ContainerRegistry/registries@2025-04-01' = {
  name: registryName
  location: location
  tags: tags
  sku: { name: publicAccess ? 'Basic' : 'Premium' }
  properties: {
    adminUserEnabled: false
    anonymousPullEnabled: false
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
  }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: registry
  name: 'goldbot'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
  }
}

output registryId string = registry.id
