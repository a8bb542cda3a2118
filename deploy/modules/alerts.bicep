metadata description = 'What operators are told of goldbot and of what it guards. What happens to images, people are told by goldbot itself.'

@description('Names begin with this.')
param prefix string

@description('Whom to tell: addresses.')
param emails string[]

@description('Id of an action group that is there; a new one is made when empty.')
param existingActionGroupId string

@description('Id of the container app.')
param appId string

@description('Id of the database server.')
param databaseId string

@description('Id of the gallery.')
param galleryId string

@description('Client id of goldbot\'s identity. Activity alerts cannot leave its own acts out; their text says so.')
param goldbotClientId string

@description('Where operators read the runbook: an address before the section, whose name is that of the alert.')
param runbook string

@description('Tags of everything that is made.')
param tags object

resource newGroup 'Microsoft.Insights/actionGroups@2023-01-01' = if (empty(existingActionGroupId)) {
  name: '${prefix}-operators'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'goldbot'
    enabled: true
    emailReceivers: [
      for (email, index) in emails: {
        name: 'operator-${index + 1}'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

var actionGroupId = empty(existingActionGroupId) ? newGroup.id : existingActionGroupId

var metrics = [
  {
    name: 'restarts'
    of: appId
    namespace: 'Microsoft.App/containerApps'
    metric: 'RestartCount'
    aggregation: 'Maximum'
    threshold: 3
    dimensions: []
    severity: 1
    description: 'goldbot starts again and again. Its log says why: a setting, the catalogue, the database.'
  }
  {
    name: 'errors'
    of: appId
    namespace: 'Microsoft.App/containerApps'
    metric: 'Requests'
    aggregation: 'Total'
    threshold: 20
    dimensions: [{ name: 'statusCodeCategory', operator: 'Include', values: ['5xx'] }]
    severity: 2
    description: 'Teams gets errors from goldbot. Look at its log and at the database.'
  }
  {
    name: 'no-replica'
    of: appId
    namespace: 'Microsoft.App/containerApps'
    metric: 'Replicas'
    aggregation: 'Maximum'
    threshold: 1
    dimensions: []
    severity: 1
    description: 'No replica of goldbot runs: nobody is answered, and no schedule fires. Runs resume where they were once one does.'
  }
  {
    name: 'database-storage'
    of: databaseId
    namespace: 'Microsoft.DBforPostgreSQL/flexibleServers'
    metric: 'storage_percent'
    aggregation: 'Average'
    threshold: 85
    dimensions: []
    severity: 2
    description: 'The database of goldbot fills up. At 95 % it takes no more writes, and goldbot stands still.'
  }
  {
    name: 'database-cpu'
    of: databaseId
    namespace: 'Microsoft.DBforPostgreSQL/flexibleServers'
    metric: 'cpu_percent'
    aggregation: 'Average'
    threshold: 85
    dimensions: []
    severity: 3
    description: 'The database of goldbot is busy: answers get slow.'
  }
]

resource onMetrics 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for alert in metrics: {
    name: '${prefix}-${alert.name}'
    location: 'global'
    tags: tags
    properties: {
      description: '${alert.description} What to do: ${runbook}#${alert.name}'
      severity: alert.severity
      enabled: true
      scopes: [alert.of]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: alert.name
            metricNamespace: alert.namespace
            metricName: alert.metric
            timeAggregation: alert.aggregation
            operator: alert.name == 'no-replica' ? 'LessThan' : 'GreaterThan'
            threshold: alert.threshold
            dimensions: alert.dimensions
          }
        ]
      }
      autoMitigate: true
      actions: [{ actionGroupId: actionGroupId }]
    }
  }
]

var acts = [
  {
    name: 'version-deleted'
    operation: 'Microsoft.Compute/galleries/images/versions/delete'
    what: 'A version was deleted from the gallery.'
  }
  {
    name: 'gallery-shared'
    operation: 'Microsoft.Compute/galleries/share/action'
    what: 'The gallery was shared, or its sharing was reset. goldbot never does that.'
  }
]

// Alerts reach no further than their subscription.
resource onActs 'Microsoft.Insights/activityLogAlerts@2020-10-01' = [
  for act in acts: if (split(galleryId, '/')[2] == subscription().subscriptionId) {
    name: '${prefix}-${act.name}'
    location: 'global'
    tags: tags
    properties: {
      description: '${act.what} If the caller is not goldbot (${goldbotClientId}), ask who it was: goldbot shows its own in `audit`. What to do: ${runbook}#${act.name}'
      enabled: true
      scopes: [galleryId]
      condition: {
        allOf: [
          { field: 'category', equals: 'Administrative' }
          { field: 'operationName', equals: act.operation }
          { field: 'status', equals: 'Succeeded' }
        ]
      }
      actions: { actionGroups: [{ actionGroupId: actionGroupId }] }
    }
  }
]

output actionGroupId string = actionGroupId
