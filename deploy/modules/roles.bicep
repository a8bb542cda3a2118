metadata description = 'Custom roles. Their names are unique in the whole tenant.'

targetScope = 'subscription'

import { customRole } from 'types.bicep'

@description('The roles, as `az role definition create` takes them.')
param roles customRole[]

@description('Ids of the subscriptions in which they may be assigned.')
param assignableScopes string[]

@description('Name of a management group in which they may be assigned, too; none when empty. Azure takes it only for roles without actions on data.')
param managementGroup string

resource definitions 'Microsoft.Authorization/roleDefinitions@2022-04-01' = [
  for role in roles: {
    name: guid(subscription().id, role.Name)
    properties: {
      roleName: role.Name
      description: role.Description
      type: 'CustomRole'
      permissions: [
        {
          actions: role.Actions
          notActions: role.NotActions
          dataActions: role.DataActions
          notDataActions: role.?NotDataActions ?? []
        }
      ]
      assignableScopes: empty(managementGroup) || !empty(role.DataActions)
        ? assignableScopes
        : concat(assignableScopes, [tenantResourceId('Microsoft.Management/managementGroups', managementGroup)])
    }
  }
]
