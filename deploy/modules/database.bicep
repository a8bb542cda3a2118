metadata description = 'PostgreSQL for goldbot: Entra tokens are the only way in, TLS the only way there.'

@description('Region of the server.')
param location string

@description('Name of the server; unique in all of Azure.')
param serverName string

@description('Name of goldbot\'s identity: it is the database\'s administrator, and the user in its address.')
param identityName string

@description('Object id of goldbot\'s identity.')
param identityPrincipalId string

@description('Group of people who administer the database beside goldbot: object id and name. Nobody when empty.')
param administrators { objectId: string, name: string }[]

@description('Size. Burstable is enough for hundreds of images; zone redundancy needs `GeneralPurpose`.')
param sku { name: string, tier: 'Burstable' | 'GeneralPurpose' | 'MemoryOptimized' }

@description('Size of its disk in GiB: a power of two, which the server itself doubles when it fills. Azure makes no disk smaller.')
param storageGB int

@description('Whether a second server stands by in another zone. Not in every region.')
param zoneRedundant bool

@description('Days for which every moment can be restored.')
@minValue(7)
@maxValue(35)
param backupDays int

@description('Whether backups are kept in the paired region, too. Cannot be changed later.')
param geoRedundantBackup bool

@description('Whether the server has a public address. Then services in Azure, of any tenant, reach it, and Entra decides who gets in.')
param publicAccess bool

@description('Whether nobody may delete the server.')
param locks bool

@description('Where logs go.')
param workspaceId string

@description('Tags of everything that is made.')
param tags object

resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: serverName
  location: location
  tags: tags
  sku: sku
  properties: {
    version: '17'
    authConfig: {
      activeDirectoryAuth: 'Enabled'
      passwordAuth: 'Disabled'
      tenantId: tenant().tenantId
    }
    storage: { storageSizeGB: storageGB, autoGrow: 'Enabled' }
    backup: {
      backupRetentionDays: backupDays
      geoRedundantBackup: geoRedundantBackup ? 'Enabled' : 'Disabled'
    }
    highAvailability: { mode: zoneRedundant ? 'ZoneRedundant' : 'Disabled' }
    network: { publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled' }
  }
}

// The server takes one change at a time, so each of these waits for the one before.
resource database 'Microsoft.DBforPostgreSQL/flexibleServers/databases@2024-08-01' = {
  parent: server
  name: 'goldbot'
  properties: { charset: 'UTF8', collation: 'en_US.utf8' }
}

resource goldbot 'Microsoft.DBforPostgreSQL/flexibleServers/administrators@2024-08-01' = {
  parent: server
  name: identityPrincipalId
  dependsOn: [database]
  properties: {
    principalName: identityName
    principalType: 'ServicePrincipal'
    tenantId: tenant().tenantId
  }
}

@batchSize(1)
resource people 'Microsoft.DBforPostgreSQL/flexibleServers/administrators@2024-08-01' = [
  for group in administrators: {
    parent: server
    name: group.objectId
    dependsOn: [goldbot]
    properties: {
      principalName: group.name
      principalType: 'Group'
      tenantId: tenant().tenantId
    }
  }
]

// goldbot asks small questions often: compiling each would cost more than answering it.
resource jit 'Microsoft.DBforPostgreSQL/flexibleServers/configurations@2024-08-01' = {
  parent: server
  name: 'jit'
  dependsOn: [people]
  properties: { value: 'off', source: 'user-override' }
}

resource fromAzure 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2024-08-01' = if (publicAccess) {
  parent: server
  name: 'services-in-azure'
  dependsOn: [jit]
  properties: { startIpAddress: '0.0.0.0', endIpAddress: '0.0.0.0' }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: server
  name: 'goldbot'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

resource lock 'Microsoft.Authorization/locks@2020-05-01' = if (locks) {
  scope: server
  name: 'goldbot-database'
  properties: {
    level: 'CanNotDelete'
    notes: 'What goldbot remembers: runs, approvals, audit.'
  }
}

output serverId string = server.id
