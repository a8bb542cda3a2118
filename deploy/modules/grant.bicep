metadata description = 'Roles of an identity on one resource, or on its whole resource group.'

@description('What the roles are for.')
param kind 'resource group' | 'container' | 'gallery' | 'identity' | 'insights' | 'key' | 'registry' | 'secret' | 'subnet'

@description('Name of the resource; for a key, a secret, a subnet and a container, of the vault, the network and the storage account around it. Empty for the group.')
param resourceName string = ''

@description('Name of the key, the secret, the subnet or the container.')
param childName string = ''

@description('Names of the role definitions: GUIDs.')
param roles string[]

@description('Object id of the identity.')
param principalId string

@description('Where the roles hold, on a gallery alone: a condition of Azure, version 2.0. Everywhere when empty.')
param condition string = ''

resource gallery 'Microsoft.Compute/galleries@2024-03-03' existing = if (kind == 'gallery') {
  name: resourceName
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = if (kind == 'identity') {
  name: resourceName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = if (kind == 'insights') {
  name: resourceName
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = if (kind == 'key' || kind == 'secret') {
  name: resourceName

  resource key 'keys' existing = if (kind == 'key') {
    name: childName
  }

  resource secret 'secrets' existing = if (kind == 'secret') {
    name: childName
  }
}

resource registry 'Microsoft.ContainerRegistry/registries@2025-04-01' existing = if (kind == 'registry') {
  name: resourceName
}

resource network 'Microsoft.Network/virtualNetworks@2024-07-01' existing = if (kind == 'subnet') {
  name: resourceName

  resource subnet 'subnets' existing = if (kind == 'subnet') {
    name: childName
  }
}

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' existing = if (kind == 'container') {
  name: resourceName

  resource blobs 'blobServices' existing = if (kind == 'container') {
    name: 'default'

    resource container 'containers' existing = if (kind == 'container') {
      name: childName
    }
  }
}

resource onContainer 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in roles: if (kind == 'container') {
    scope: account::blobs::container
    name: guid(account::blobs::container.id, role, principalId)
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
      principalId: principalId
      principalType: 'ServicePrincipal'
    }
  }
]

resource onGroup 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in roles: if (kind == 'resource group') {
    name: guid(resourceGroup().id, role, principalId)
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
      principalId: principalId
      principalType: 'ServicePrincipal'
    }
  }
]

resource onGallery 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in roles: if (kind == 'gallery') {
    scope: gallery
    name: guid(gallery.id, role, principalId)
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
      principalId: principalId
      principalType: 'ServicePrincipal'
      ...(empty(condition) ? {} : { condition: condition, conditionVersion: '2.0' })
    }
  }
]

resource onIdentity 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in roles: if (kind == 'identity') {
    scope: identity
    name: guid(identity.id, role, principalId)
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
      principalId: principalId
      principalType: 'ServicePrincipal'
    }
  }
]

resource onInsights 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in roles: if (kind == 'insights') {
    scope: insights
    name: guid(insights.id, role, principalId)
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
      principalId: principalId
      principalType: 'ServicePrincipal'
    }
  }
]

resource onKey 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in roles: if (kind == 'key') {
    scope: vault::key
    name: guid(vault::key.id, role, principalId)
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
      principalId: principalId
      principalType: 'ServicePrincipal'
    }
  }
]

resource onRegistry 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in roles: if (kind == 'registry') {
    scope: registry
    name: guid(registry.id, role, principalId)
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
      principalId: principalId
      principalType: 'ServicePrincipal'
    }
  }
]

resource onSecret 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in roles: if (kind == 'secret') {
    scope: vault::secret
    name: guid(vault::secret.id, role, principalId)
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
      principalId: principalId
      principalType: 'ServicePrincipal'
    }
  }
]

resource onSubnet 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in roles: if (kind == 'subnet') {
    scope: network::subnet
    name: guid(network::subnet.id, role, principalId)
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
      principalId: principalId
      principalType: 'ServicePrincipal'
    }
  }
]
