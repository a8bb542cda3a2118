metadata description = 'What goldbot and Image Builder may do: custom roles, and where each is assigned. Every role of goldbot\'s own is a file of deploy/roles/, derived from the requests that it sends; docs/roles.md has the reason of each action.'

targetScope = 'subscription'

import { customRole } from 'types.bicep'

@description('Object id of goldbot\'s identity.')
param goldbotPrincipalId string

@description('Object id of the identity that Image Builder builds with.')
param builderPrincipalId string

@description('Id of that identity.')
param builderIdentityId string

@description('Id of the gallery.')
param galleryId string

@description('Id of the second gallery, for disaster recovery; there is none when empty.')
param secondGalleryId string

@description('Resource group of image templates and test machines.')
param buildGroupName string

@description('Resource groups for builds, one for each image; none where Image Builder makes its own.')
param stagingGroupNames string[]

@description('Id of the subnet of test machines, if it is not in the group of the builds.')
param testSubnetId string

@description('Ids of the subnets that builds are in.')
param buildSubnetIds string[]

@description('Id of the key that signs; nothing is signed when empty.')
param keyId string

@description('Ids of secrets in Key Vault that sign webhooks, which goldbot reads.')
param webhooksSignedWith string[]

@description('Id of the container for VHDs; none are made when empty.')
param containerId string

@description('Id of the registry that has goldbot\'s image.')
param registryId string

@description('Id of Application Insights, to which goldbot tells what it does.')
param insightsId string

@description('What goldbot may do in this subscription beyond looking.')
param buildingRoles string[]

@description('Ids of the subscriptions whose machines goldbot counts.')
param teamSubscriptions string[]

@description('Name of a management group in which the roles for teams may be assigned, too; none when empty.')
param teamManagementGroup string

@description('What goldbot may change in them.')
param teamRoles string[]

var goldbotRoles = [
  loadJsonContent('../roles/goldbot-observer.json')
  loadJsonContent('../roles/goldbot-planner.json')
  loadJsonContent('../roles/goldbot-builder.json')
  loadJsonContent('../roles/goldbot-publisher.json')
  loadJsonContent('../roles/goldbot-log-reader.json')
  loadJsonContent('../roles/goldbot-signer.json')
  loadJsonContent('../roles/goldbot-classifier.json')
  loadJsonContent('../roles/goldbot-policy.json')
  loadJsonContent('../roles/goldbot-runner.json')
  loadJsonContent('../roles/goldbot-trials.json')
  loadJsonContent('../roles/goldbot-access.json')
  loadJsonContent('../roles/goldbot-sharer.json')
]

// What `grant` gives groups, beside Azure's own Compute Gallery Image Reader.
var groupRoles = [
  loadJsonContent('../roles/golden-image-creator.json')
  loadJsonContent('../roles/golden-image-deleter.json')
]

// What Microsoft says that Image Builder's identity needs, without what managed images alone need.
var builderRoles customRole[] = [
  {
    Name: 'goldbot-image-builder'
    Description: 'Image Builder writes the versions that goldbot orders into the gallery.'
    Actions: [
      'Microsoft.Compute/galleries/read'
      'Microsoft.Compute/galleries/images/read'
      'Microsoft.Compute/galleries/images/versions/read'
      'Microsoft.Compute/galleries/images/versions/write'
    ]
    NotActions: []
    DataActions: []
  }
  {
    Name: 'goldbot-image-builder-network'
    Description: 'Image Builder puts the machines and the containers of its builds into a subnet.'
    Actions: [
      'Microsoft.Network/virtualNetworks/read'
      'Microsoft.Network/virtualNetworks/subnets/join/action'
    ]
    NotActions: []
    DataActions: []
  }
]

var acrPull = '7f951dda-4ed3-4680-a7ca-43fe172d538d'
// Monitoring Metrics Publisher: sends traces and metrics, and reads none.
var metricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'
// Key Vault Secrets User: reads a secret, and writes none.
var secretsUser = '4633458b-17de-408a-b874-0445c86b69e6'
// Storage Blob Data Contributor. Microsoft does not say which role a VHD needs; this is the least of its own that writes a blob.
var blobContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
// The one built-in role that may write: Azure takes a staging group only from a Contributor of it.
var contributor = 'b24988ac-6180-42a0-ab88-20f7382dd24c'

var building = subscription().subscriptionId
var gallerySubscription = split(galleryId, '/')[2]
var usedIds = filter(concat([galleryId, secondGalleryId, testSubnetId], buildSubnetIds), id => !empty(id))
// Of the galleries and of the networks, where these are not in the subscription that builds.
var otherSubscriptions = filter(union(map(usedIds, id => split(id, '/')[2]), []), id => id != building)
var isCounted = contains(teamSubscriptions, building)
var galleryIsCounted = contains(teamSubscriptions, gallerySubscription)
var granted = union(['goldbot-observer'], buildingRoles, teamRoles)
var givesRights = contains(buildingRoles, 'goldbot-access')
var roleOf = toObject(
  concat(goldbotRoles, groupRoles, builderRoles),
  role => role.Name,
  role => guid(subscription().id, role.Name)
)

// With it goldbot can give groups these three roles, take them from groups again, and give nobody anything else. The ids
// of the two that are made here follow from their names, so that the condition can name them before they are there.
var assignments = 'Microsoft.Authorization/roleAssignments'
var imageReader = 'cf7c76d2-98a3-4358-a134-615aa78bf44d'
var givenIds = concat([imageReader], map(groupRoles, role => roleOf[role.Name]))
var givenRoles = '{${join(givenIds, ', ')}}'
var onlyGroups = 'ForAnyOfAnyValues:StringEqualsIgnoreCase {\'Group\'}'
var given = '@Request[${assignments}:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals ${givenRoles} AND @Request[${assignments}:PrincipalType] ${onlyGroups}'
var taken = '@Resource[${assignments}:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals ${givenRoles} AND @Resource[${assignments}:PrincipalType] ${onlyGroups}'
var accessCondition = '((!(ActionMatches{\'${assignments}/write\'})) OR (${given})) AND ((!(ActionMatches{\'${assignments}/delete\'})) OR (${taken}))'

module definitions 'roles.bicep' = {
  params: {
    roles: concat(
      filter(goldbotRoles, role => contains(granted, role.Name)),
      givesRights ? groupRoles : [],
      builderRoles
    )
    assignableScopes: map(
      union([building], otherSubscriptions, teamSubscriptions),
      id => '/subscriptions/${id}'
    )
    managementGroup: teamManagementGroup
  }
}

module inTeams 'grant-subscription.bicep' = [
  for id in teamSubscriptions: {
    scope: subscription(id)
    params: {
      roles: map(concat(['goldbot-observer'], teamRoles), name => roleOf[name])
      principalId: goldbotPrincipalId
    }
    dependsOn: [definitions]
  }
]

module inSubscription 'grant-subscription.bicep' = {
  params: {
    roles: map(
      filter(
        buildingRoles,
        name => name == 'goldbot-planner' || (name == 'goldbot-log-reader' && empty(stagingGroupNames))
      ),
      name => roleOf[name]
    )
    principalId: goldbotPrincipalId
  }
  dependsOn: [definitions]
}

module inOtherSubscriptions 'grant-subscription.bicep' = [
  for id in otherSubscriptions: {
    scope: subscription(id)
    params: {
      roles: map(filter(buildingRoles, name => name == 'goldbot-planner'), name => roleOf[name])
      principalId: goldbotPrincipalId
    }
    dependsOn: [definitions]
  }
]

module inBuildGroup 'grant.bicep' = {
  scope: resourceGroup(buildGroupName)
  params: {
    kind: 'resource group'
    roles: map(
      filter(
        concat(isCounted ? [] : ['goldbot-observer'], buildingRoles),
        name => contains(['goldbot-observer', 'goldbot-builder'], name)
      ),
      name => roleOf[name]
    )
    principalId: goldbotPrincipalId
  }
  dependsOn: [definitions]
}

module onIdentity 'grant.bicep' = if (contains(buildingRoles, 'goldbot-builder')) {
  scope: resourceGroup(split(builderIdentityId, '/')[4])
  params: {
    kind: 'identity'
    resourceName: last(split(builderIdentityId, '/'))
    roles: [roleOf['goldbot-builder']]
    principalId: goldbotPrincipalId
  }
  dependsOn: [definitions]
}

module onTestSubnet 'grant.bicep' = if (!empty(testSubnetId) && contains(buildingRoles, 'goldbot-builder')) {
  scope: resourceGroup(split(testSubnetId, '/')[?2] ?? building, split(testSubnetId, '/')[?4] ?? buildGroupName)
  params: {
    kind: 'subnet'
    resourceName: split(testSubnetId, '/')[?8] ?? ''
    childName: last(split(testSubnetId, '/'))
    roles: [roleOf['goldbot-builder']]
    principalId: goldbotPrincipalId
  }
  dependsOn: [definitions]
}

module onGallery 'grant.bicep' = {
  scope: resourceGroup(gallerySubscription, split(galleryId, '/')[4])
  params: {
    kind: 'gallery'
    resourceName: last(split(galleryId, '/'))
    roles: map(
      filter(
        concat(galleryIsCounted ? [] : ['goldbot-observer'], buildingRoles),
        name => contains(['goldbot-observer', 'goldbot-publisher', 'goldbot-trials', 'goldbot-sharer'], name)
      ),
      name => roleOf[name]
    )
    principalId: goldbotPrincipalId
  }
  dependsOn: [definitions]
}

module onSecondGallery 'grant.bicep' = if (!empty(secondGalleryId)) {
  scope: resourceGroup(split(secondGalleryId, '/')[?2] ?? building, split(secondGalleryId, '/')[?4] ?? buildGroupName)
  params: {
    kind: 'gallery'
    resourceName: last(split(secondGalleryId, '/'))
    roles: map(
      filter(
        concat(contains(teamSubscriptions, split(secondGalleryId, '/')[?2] ?? building) ? [] : ['goldbot-observer'], buildingRoles),
        name => contains(['goldbot-observer', 'goldbot-publisher'], name)
      ),
      name => roleOf[name]
    )
    principalId: goldbotPrincipalId
  }
  dependsOn: [definitions]
}

module accessOnGallery 'grant.bicep' = if (givesRights) {
  scope: resourceGroup(gallerySubscription, split(galleryId, '/')[4])
  params: {
    kind: 'gallery'
    resourceName: last(split(galleryId, '/'))
    roles: [roleOf['goldbot-access']]
    principalId: goldbotPrincipalId
    condition: accessCondition
  }
  dependsOn: [definitions]
}

module onKey 'grant.bicep' = if (!empty(keyId) && contains(buildingRoles, 'goldbot-signer')) {
  scope: resourceGroup(split(keyId, '/')[?2] ?? building, split(keyId, '/')[?4] ?? buildGroupName)
  params: {
    kind: 'key'
    resourceName: split(keyId, '/')[?8] ?? ''
    childName: last(split(keyId, '/'))
    roles: [roleOf['goldbot-signer']]
    principalId: goldbotPrincipalId
  }
  dependsOn: [definitions]
}

module onSecrets 'grant.bicep' = [
  for id in webhooksSignedWith: {
    scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
    params: {
      kind: 'secret'
      resourceName: split(id, '/')[8]
      childName: last(split(id, '/'))
      roles: [secretsUser]
      principalId: goldbotPrincipalId
    }
  }
]

module onRegistry 'grant.bicep' = {
  scope: resourceGroup(split(registryId, '/')[2], split(registryId, '/')[4])
  params: {
    kind: 'registry'
    resourceName: last(split(registryId, '/'))
    roles: [acrPull]
    principalId: goldbotPrincipalId
  }
}

module onInsights 'grant.bicep' = {
  scope: resourceGroup(split(insightsId, '/')[2], split(insightsId, '/')[4])
  params: {
    kind: 'insights'
    resourceName: last(split(insightsId, '/'))
    roles: [metricsPublisher]
    principalId: goldbotPrincipalId
  }
}

module inStagingGroups 'grant.bicep' = [
  for name in stagingGroupNames: if (contains(buildingRoles, 'goldbot-log-reader')) {
    scope: resourceGroup(name)
    params: {
      kind: 'resource group'
      roles: [roleOf['goldbot-log-reader']]
      principalId: goldbotPrincipalId
    }
    dependsOn: [definitions]
  }
]

// Where Image Builder makes its own groups, goldbot has the role in the whole subscription.
module onContainer 'grant.bicep' = if (!empty(containerId) && !empty(stagingGroupNames) && contains(buildingRoles, 'goldbot-log-reader')) {
  scope: resourceGroup(split(containerId, '/')[?2] ?? building, split(containerId, '/')[?4] ?? buildGroupName)
  params: {
    kind: 'container'
    resourceName: split(containerId, '/')[?8] ?? ''
    childName: last(split(containerId, '/'))
    roles: [roleOf['goldbot-log-reader']]
    principalId: goldbotPrincipalId
  }
  dependsOn: [definitions]
}

module builderOnContainer 'grant.bicep' = if (!empty(containerId)) {
  scope: resourceGroup(split(containerId, '/')[?2] ?? building, split(containerId, '/')[?4] ?? buildGroupName)
  params: {
    kind: 'container'
    resourceName: split(containerId, '/')[?8] ?? ''
    childName: last(split(containerId, '/'))
    roles: [blobContributor]
    principalId: builderPrincipalId
  }
}

module builderOnGallery 'grant.bicep' = {
  scope: resourceGroup(gallerySubscription, split(galleryId, '/')[4])
  params: {
    kind: 'gallery'
    resourceName: last(split(galleryId, '/'))
    roles: [roleOf['goldbot-image-builder']]
    principalId: builderPrincipalId
  }
  dependsOn: [definitions]
}

module builderOnSubnets 'grant.bicep' = [
  for id in buildSubnetIds: {
    scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
    params: {
      kind: 'subnet'
      resourceName: split(id, '/')[8]
      childName: last(split(id, '/'))
      roles: [roleOf['goldbot-image-builder-network']]
      principalId: builderPrincipalId
    }
    dependsOn: [definitions]
  }
]

module builderInStagingGroups 'grant.bicep' = [
  for name in stagingGroupNames: {
    scope: resourceGroup(name)
    params: {
      kind: 'resource group'
      roles: [contributor]
      principalId: builderPrincipalId
    }
  }
]
