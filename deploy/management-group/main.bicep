metadata description = 'What goldbot may do below a whole management group: for estates with more subscriptions than one wants to list. azd does not reach above a subscription, so this is deployed by hand, after the platform.'

targetScope = 'managementGroup'

@description('Id of the subscription that builds: its platform made the roles, with this group as `teamManagementGroup`.')
@minLength(36)
@maxLength(36)
param platformSubscription string

@description('Object id of goldbot\'s identity.')
@minLength(36)
@maxLength(36)
param principalId string

@description('What goldbot may change below the group when people ask for it, beyond looking; as `teamRoles` of the platform.')
param teamRoles ('goldbot-classifier' | 'goldbot-policy' | 'goldbot-runner')[] = []

resource grants 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in concat(['goldbot-observer'], teamRoles): {
    name: guid(managementGroup().id, role, principalId)
    properties: {
      roleDefinitionId: managementGroupResourceId(
        'Microsoft.Authorization/roleDefinitions',
        guid('/subscriptions/${platformSubscription}', role)
      )
      principalId: principalId
      principalType: 'ServicePrincipal'
    }
  }
]
