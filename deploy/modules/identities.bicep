metadata description = 'The two identities of goldbot: its own, and the one that Image Builder builds with.'

@description('Region of the identities.')
param location string

@description('Name of the identity that goldbot signs in with: to Azure, Microsoft Graph, Teams and PostgreSQL.')
param goldbotName string

@description('Name of the identity that Image Builder builds with. goldbot hands it over and never signs in as it.')
param builderName string

@description('Tags of everything that is made.')
param tags object

resource goldbot 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: goldbotName
  location: location
  tags: tags
}

resource builder 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: builderName
  location: location
  tags: tags
}

output goldbotId string = goldbot.id
output goldbotPrincipalId string = goldbot.properties.principalId
output builderId string = builder.id
output builderPrincipalId string = builder.properties.principalId
