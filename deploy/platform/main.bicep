metadata description = 'What lasts: identities, gallery, networks of builds and tests, database, key, logs, and the rights of goldbot.'

targetScope = 'subscription'

@description('Short name of this installation; it is part of the names that must differ between installations.')
@minLength(2)
@maxLength(12)
param environmentName string

@description('Region of everything that is made. Images are built, and their versions live first, where the gallery is.')
param location string

@description('Tags of everything that is made, besides the installation\'s own.')
param tags object = {}

@description('Resource group of goldbot itself: its identity, database, key and logs.')
param goldbotGroupName string = 'rg-goldbot-${environmentName}'

@description('Resource group of the gallery and of the identity that Image Builder builds with.')
param galleryGroupName string = 'rg-golden-images'

@description('Resource group in which image templates and test machines come and go.')
param buildGroupName string = 'rg-image-builds'

var allTags = union(tags, { application: 'goldbot', environment: environmentName })

resource goldbotGroup 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: goldbotGroupName
  location: location
  tags: allTags
}

resource galleryGroup 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: galleryGroupName
  location: location
  tags: allTags
}

resource buildGroup 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: buildGroupName
  location: location
  tags: allTags
}

module identities '../modules/identities.bicep' = {
  scope: galleryGroup
  params: {
    location: location
    goldbotName: 'id-goldbot-${environmentName}'
    builderName: 'id-image-builder'
    tags: allTags
  }
}

output GOLDBOT_IDENTITY_ID string = identities.outputs.goldbotId
