// The least that works: what azd deploys after the layer `platform`, whose outputs it reads.
using 'main.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param location = readEnvironmentVariable('AZURE_LOCATION')

param goldbotGroupName = readEnvironmentVariable('GOLDBOT_RESOURCE_GROUP')
param identityId = readEnvironmentVariable('GOLDBOT_IDENTITY_ID')
param databaseId = readEnvironmentVariable('GOLDBOT_DATABASE_ID')
param registryId = readEnvironmentVariable('GOLDBOT_REGISTRY_ID')
param workspaceId = readEnvironmentVariable('GOLDBOT_WORKSPACE_ID')
// Nothing is put out by a platform of an earlier version.
param insightsId = readEnvironmentVariable('GOLDBOT_INSIGHTS_ID', '')
param galleryId = readEnvironmentVariable('GOLDBOT_GALLERY_ID')
param appSubnetId = readEnvironmentVariable('GOLDBOT_APP_SUBNET_ID', '')

// azd env set GOLDBOT_IMAGE <registry>/goldbot@sha256:<digest>
param image = readEnvironmentVariable('GOLDBOT_IMAGE')
// Separated by commas.
param alertEmails = filter(split(readEnvironmentVariable('GOLDBOT_ALERT_EMAILS', ''), ','), email => !empty(email))
