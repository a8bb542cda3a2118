metadata description = 'Where logs and traces go: a Log Analytics workspace, if there is none, and Application Insights on it.'

@description('Region of both.')
param location string

@description('Id of a workspace that is there; a new one is made when empty.')
param existingWorkspaceId string

@description('Name of the new workspace.')
param workspaceName string

@description('Name of Application Insights.')
param insightsName string

@description('Days for which the new workspace keeps logs.')
@minValue(30)
@maxValue(730)
param retentionDays int

@description('Whether nobody may delete the new workspace.')
param locks bool

@description('Tags of everything that is made.')
param tags object

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' = if (empty(existingWorkspaceId)) {
  name: workspaceName
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: retentionDays
    features: { disableLocalAuth: true }
  }
}

resource workspaceLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (empty(existingWorkspaceId)) {
  scope: workspace
  name: 'goldbot'
  properties: {
    workspaceId: workspace.id
    logs: [{ categoryGroup: 'audit', enabled: true }]
  }
}

resource lock 'Microsoft.Authorization/locks@2020-05-01' = if (locks && empty(existingWorkspaceId)) {
  scope: workspace
  name: 'goldbot-logs'
  properties: {
    level: 'CanNotDelete'
    notes: 'Logs of goldbot.'
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: insightsName
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: empty(existingWorkspaceId) ? workspace.id : existingWorkspaceId
    IngestionMode: 'LogAnalytics'
    // Who sends signs in: there is no key that could leak, and its connection string is no secret but an address.
    DisableLocalAuth: true
  }
}

resource insightsLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: insights
  name: 'goldbot'
  properties: {
    workspaceId: empty(existingWorkspaceId) ? workspace.id : existingWorkspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
  }
}

output workspaceId string = empty(existingWorkspaceId) ? workspace.id : existingWorkspaceId
