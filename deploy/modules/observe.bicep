metadata description = 'What operators see of goldbot by what it tells itself: a workbook, and alerts on the same values. deploy/observe/ has their queries, which tests hold against the code that tells.'

@description('Region of both.')
param location string

@description('Names begin with this.')
param prefix string

@description('Id of Application Insights, to which goldbot tells what it does.')
param insightsId string

@description('Id of the workspace that keeps it.')
param workspaceId string

@description('Id of the action group that is told.')
param actionGroupId string

@description('Where operators read the runbook: an address before the section, whose name is that of the alert.')
param runbook string

@description('Tags of everything that is made.')
param tags object

// A workspace may have more than one goldbot in it: each table is asked for the values of this one.
var own = ' | where _ResourceId =~ \'${insightsId}\''

var rules = loadJsonContent('../observe/alerts.json').alerts

resource onWhatIsTold 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in rules: {
    name: '${prefix}-${rule.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: '${prefix}-${rule.name}'
      description: '${rule.description} What to do: ${runbook}#${rule.name}'
      severity: rule.severity
      enabled: true
      scopes: [workspaceId]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      // At the first deployment nothing has been told yet, and the tables may not be there.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: replace(rule.query, 'AppMetrics', 'AppMetrics${own}')
            metricMeasureColumn: 'value'
            timeAggregation: 'Maximum'
            operator: rule.operator
            threshold: rule.threshold
            dimensions: map(rule.by, column => { name: column, operator: 'Include', values: ['*'] })
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      autoMitigate: true
      actions: { actionGroups: [actionGroupId] }
    }
  }
]

var tables = ['AppMetrics', 'AppRequests', 'AppDependencies']
var shown = reduce(
  tables,
  string(loadJsonContent('../observe/workbook.json')),
  (text, table) => replace(text, table, '${table}${own}')
)

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, prefix, 'workbook')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: prefix
    description: 'What waits, what Azure and Teams answer, what is refused, and every run step by step.'
    category: 'workbook'
    version: 'Notebook/1.0'
    sourceId: workspaceId
    serializedData: shown
  }
}
