metadata description = 'The registration through which Teams finds goldbot. It has no secret: its app is goldbot\'s identity.'

@description('Name of the bot; unique in all of Azure.')
@minLength(4)
@maxLength(42)
param botName string

@description('What people read.')
param displayName string

@description('`F0` is free; `S1` has a service level. Teams costs nothing in either.')
param sku 'F0' | 'S1'

@description('Name under which goldbot is reached from the internet.')
param hostName string

@description('Id of goldbot\'s identity.')
param identityId string

@description('Where logs go.')
param workspaceId string

@description('Tags of the bot.')
param tags object

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: last(split(identityId, '/'))
}

resource bot 'Microsoft.BotService/botServices@2022-09-15' = {
  name: botName
  location: 'global'
  kind: 'azurebot'
  tags: tags
  sku: { name: sku }
  properties: {
    displayName: displayName
    endpoint: 'https://${hostName}/api/messages'
    msaAppType: 'UserAssignedMSI'
    msaAppId: identity.properties.clientId
    msaAppMSIResourceId: identityId
    msaAppTenantId: tenant().tenantId
    disableLocalAuth: true
    schemaTransformationVersion: '1.3'
  }
}

resource teams 'Microsoft.BotService/botServices/channels@2022-09-15' = {
  parent: bot
  name: 'MsTeamsChannel'
  location: 'global'
  tags: tags
  properties: {
    channelName: 'MsTeamsChannel'
    properties: { isEnabled: true, acceptedTerms: true }
  }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: bot
  name: 'goldbot'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
  }
}

output clientId string = identity.properties.clientId
