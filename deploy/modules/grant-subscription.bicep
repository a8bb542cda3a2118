metadata description = 'Roles of an identity in a whole subscription.'

targetScope = 'subscription'

@description('Names of the role definitions: GUIDs.')
param roles string[]

@description('Object id of the identity.')
param principalId string

resource grants 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in roles: {
    name: guid(subscription().id, role, principalId)
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
      principalId: principalId
      principalType: 'ServicePrincipal'
    }
  }
]
