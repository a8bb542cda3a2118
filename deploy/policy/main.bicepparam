// Counts, and refuses nothing: what azd deploys after the layer `platform`.
using 'main.bicep'

param location = readEnvironmentVariable('AZURE_LOCATION')
param galleries = [readEnvironmentVariable('GOLDBOT_GALLERY_ID')]
param buildGroupName = readEnvironmentVariable('GOLDBOT_BUILD_GROUP')
var staging = readEnvironmentVariable('GOLDBOT_STAGING_GROUPS', '')
param stagingGroupNames = empty(staging) ? [] : split(staging, ',')
var teams = readEnvironmentVariable('GOLDBOT_TEAM_SUBSCRIPTIONS', '')
param subscriptions = empty(teams)
  ? [readEnvironmentVariable('AZURE_SUBSCRIPTION_ID')]
  : map(split(teams, ','), id => trim(id))
// azd env set GOLDBOT_DEPLOY_POLICIES false: another team owns Azure Policy.
param deployPolicies = readEnvironmentVariable('GOLDBOT_DEPLOY_POLICIES', '') != 'false'
