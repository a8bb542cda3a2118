// Counts, and refuses nothing: what azd deploys after the layer `platform`.
using 'main.bicep'

param location = readEnvironmentVariable('AZURE_LOCATION')
param galleries = [readEnvironmentVariable('GOLDBOT_GALLERY_ID')]
param buildGroupName = readEnvironmentVariable('GOLDBOT_BUILD_GROUP')
param subscriptions = split(
  readEnvironmentVariable('GOLDBOT_TEAM_SUBSCRIPTIONS', readEnvironmentVariable('AZURE_SUBSCRIPTION_ID')),
  ','
)
// azd env set GOLDBOT_DEPLOY_POLICIES false: another team owns Azure Policy.
param deployPolicies = bool(readEnvironmentVariable('GOLDBOT_DEPLOY_POLICIES', 'true'))
