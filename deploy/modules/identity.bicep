metadata description = 'A user-assigned managed identity: nobody holds a secret of it.'

@description('Region of the identity.')
param location string

@description('Name of the identity.')
param identityName string

@description('Tags of the identity.')
param tags object

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: identityName
  location: location
  tags: tags
}

output principalId string = identity.properties.principalId
output clientId string = identity.properties.clientId
