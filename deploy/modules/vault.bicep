metadata description = 'A key vault with the one key that signs birth certificates of published versions.'

@description('Region of the vault.')
param location string

@description('Name of the vault; unique in all of Azure, 24 characters at most.')
@maxLength(24)
param vaultName string

@description('Name of the key.')
param keyName string

@description('Whether the vault has a public address. Entra decides who gets in, in both cases.')
param publicAccess bool

@description('Whether nobody may delete the vault: without its key old certificates can no longer be told from forged ones.')
param locks bool

@description('Where logs go.')
param workspaceId string

@description('Tags of everything that is made.')
param tags object

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: vaultName
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enablePurgeProtection: true
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    // Resource Manager makes the key, from outside of the network.
    networkAcls: { defaultAction: publicAccess ? 'Allow' : 'Deny', bypass: 'AzureServices' }
  }
}

resource key 'Microsoft.KeyVault/vaults/keys@2024-11-01' = {
  parent: vault
  name: keyName
  tags: tags
  properties: {
    kty: 'EC'
    curveName: 'P-256'
    keyOps: ['sign', 'verify']
    attributes: { enabled: true, exportable: false }
  }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: vault
  name: 'goldbot'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'audit', enabled: true }]
  }
}

resource lock 'Microsoft.Authorization/locks@2020-05-01' = if (locks) {
  scope: vault
  name: 'goldbot-vault'
  properties: {
    level: 'CanNotDelete'
    notes: 'The key that certificates of golden images are signed with.'
  }
}

output vaultId string = vault.id
output keyUri string = key.properties.keyUri
