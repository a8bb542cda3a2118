metadata description = 'What lasts: identities, gallery, networks, database, key, registry, logs, and what goldbot may do.'

targetScope = 'subscription'

import { imageDefinition } from '../modules/types.bicep'

@description('Short name of this installation; part of the names that must differ between installations.')
@minLength(2)
@maxLength(12)
param environmentName string

@description('Region of everything. Images are built where the gallery is, and the first replica of every version is there.')
param location string

@description('Tags of everything that is made, besides `application` and `azd-env-name`.')
param tags object = {}

// Names. They are those of the example catalogue, so that a copy of it fits.

@description('Resource group of goldbot itself: its identity, database, key, registry and logs.')
param goldbotGroupName string = 'rg-goldbot-${environmentName}'

@description('Resource group of the gallery, and of the identity that Image Builder builds with.')
param galleryGroupName string = 'rg-golden-images'

@description('Resource group in which image templates and test machines come and go: `buildResourceGroup` of the catalogue.')
param buildGroupName string = 'rg-image-builds'

@description('Name of the gallery.')
param galleryName string = 'gold'

// The gallery.

@description('Id of a gallery that is there. Nothing in it is changed; its definitions must be those that the catalogue names.')
param existingGalleryId string = ''

@description('Id of a second gallery that is there, for disaster recovery: `secondGallery` of the catalogue. goldbot looks at it and, with `goldbot-publisher`, copies versions into it. None when empty.')
param secondGalleryId string = ''

@description('What is built. An existing definition with other values is refused by Azure, not changed.')
param imageDefinitions imageDefinition[] = []

@description('Keep deleted versions for seven days. Only the owner of the subscription may switch it on, after the feature Microsoft.Compute/SIGSoftDelete is registered; it is a preview, and not in national clouds. While it is on, a version whose build failed cannot be deleted (goldbot tells it as left over), scale sets in flexible mode cannot use the gallery, one replica a region is billed until the days are over, the number stays taken, and machines that name a deleted version go on being made from it.')
param softDelete bool = false

@description('Whether a new gallery is made for direct sharing with other subscriptions and tenants (`share`). It cannot be decided later; see deploy/README.md.')
param directSharing bool = false

@description('Whether nobody may delete in the gallery. Then goldbot cannot either: `retire` and the removal of failed candidates are refused.')
param lockGallery bool = false

@description('Whether nobody may delete database, vault and logs.')
param locks bool = true

// Networks.

@description('Addresses of the network of builds and tests, a /24 or larger. Empty: none is made, and the catalogue names subnets that are there.')
param buildNetworkPrefix string = '10.71.0.0/24'

@description('Whether machines in that network reach the internet by a NAT gateway with a public address. Where a policy forbids public addresses: false, and a route of your own.')
param natGateway bool = true

@description('Ids of subnets that are there and that the catalogue names: for test machines, and for builds and their containers, if builds are to be in a network of yours.')
param existingSubnets { tests: string, builds: string, containers: string } = { tests: '', builds: '', containers: '' }

@description('Whether database, vault and registry have private addresses alone, and goldbot runs in a network. The bot\'s own address stays public: Teams comes from the internet.')
param privateNetwork bool = false

@description('Addresses of goldbot\'s own network, a /24 or larger, with `privateNetwork`. Empty: it is in subnets that are there.')
param appNetworkPrefix string = '10.72.0.0/24'

@description('Ids of subnets that are there, with `privateNetwork`: `app` delegated to Microsoft.App/environments, `endpoints` for private endpoints.')
param existingAppSubnets { app: string, endpoints: string } = { app: '', endpoints: '' }

@description('Whether to make the private zones. False where a hub has them and links endpoints by policy.')
param privateDnsZones bool = true

// Builds.

@description('Names of resource groups for builds, one for each image that names it as `stagingResourceGroup`: empty, and for one template alone. Azure demands that Image Builder\'s identity be Contributor of each. None: Image Builder makes groups of its own as it goes (`IT_…`), which a policy that forbids marketplace images cannot name beforehand.')
param stagingGroupNames string[] = []

// Database, key, disks, registry, logs.

@description('Size of the database. Zone redundancy needs `GeneralPurpose` or more.')
param databaseSku { name: string, tier: 'Burstable' | 'GeneralPurpose' | 'MemoryOptimized' } = {
  name: 'Standard_B1ms'
  tier: 'Burstable'
}

@description('Size of its disk in GiB. The server doubles it when it fills; then say the new size here, since Azure refuses to make it smaller.')
param databaseStorageGB 32 | 64 | 128 | 256 | 512 = 32

@description('Whether a second database server stands by in another zone. Not every region has zones.')
param zoneRedundant bool = false

@description('Days for which every moment of the database can be restored.')
@minValue(7)
@maxValue(35)
param backupDays int = 14

@description('Whether backups are kept in the paired region, too. Cannot be changed later.')
param geoRedundantBackup bool = false

@description('Groups whose members may administer the database beside goldbot.')
param databaseAdministrators { objectId: string, name: string }[] = []

@description('Whether to make a vault with a key that signs birth certificates: `provenance.keyVaultKey` of the catalogue.')
param signingKey bool = true

@description('Whether to make a storage account for VHDs, where images go that have the output `vhd`: `outputs.storageAccount` and `outputs.container` of the catalogue. goldbot sees what is there with the role `goldbot-log-reader`.')
param vhdOutputs bool = false

@description('Whether that account has a public address, which no key and no link opens: Entra alone. In 2022 Microsoft\'s own people said that Image Builder reaches no account behind a firewall; whether that has changed nobody has seen. Where VHDs are refused with private addresses alone: true.')
param vhdPublicAccess bool = !privateNetwork

@description('Id of a registry that has goldbot\'s image. A new one is made when empty.')
param existingRegistryId string = ''

@description('Id of a Log Analytics workspace. A new one is made when empty.')
param existingWorkspaceId string = ''

@description('Days for which a new workspace keeps logs.')
@minValue(30)
@maxValue(730)
param retentionDays int = 90

// What goldbot may do. docs/roles.md says what people lose without each.

@description('Whether to make roles and assignments here. False where another team does: docs/roles.md is the list for it. Needs Owner, or Role Based Access Control Administrator, on every subscription named here.')
param manageRoles bool = true

@description('What goldbot may do in the subscription that builds, beyond looking; publishing takes the first three. `goldbot-trials` lets it make and delete image definitions of the gallery, for the command `try`: leave it out unless you make trials. `goldbot-access` lets it give groups the right to view, create or delete versions, for `grant`: the roles of these are made with it, and a condition keeps it to them. `goldbot-sharer` lets it share the gallery with other subscriptions and tenants, for `share`; only a gallery with `directSharing` can be.')
param buildingRoles ('goldbot-planner' | 'goldbot-builder' | 'goldbot-publisher' | 'goldbot-log-reader' | 'goldbot-signer' | 'goldbot-trials' | 'goldbot-access' | 'goldbot-sharer')[] = []

@description('Ids of the secrets in Key Vault that sign webhooks (`…/vaults/{vault}/secrets/{name}`; they are there, in vaults with Azure RBAC), which `webhooks` of the layer `app` names by their addresses: goldbot\'s identity becomes Key Vault Secrets User of each, and of nothing else in the vault.')
param webhooksSignedWith string[] = []

@description('Ids of the subscriptions whose machines goldbot counts. For a management group see deploy/README.md.')
param teamSubscriptions string[] = []

@description('Name of a management group whose machines goldbot counts, besides: its roles can then be assigned there, which deploy/management-group does. Needs the right to make roles at the group.')
param teamManagementGroup string = ''

@description('What goldbot may change there when people ask for it; nothing when empty. `goldbot-runner` runs commands in machines of teams, which is root on all of them: without it goldbot judges by image reference, disk and tags, and says that nobody looked inside.')
param teamRoles ('goldbot-classifier' | 'goldbot-policy' | 'goldbot-runner')[] = []

// What fits together only if one looks at several parameters. All of it is told at once, before anything is made.
var noSubnet = empty(appNetworkPrefix) && (empty(existingAppSubnets.app) || empty(existingAppSubnets.endpoints))
var mistakes = filter(
  [
    zoneRedundant && databaseSku.tier == 'Burstable'
      ? 'zoneRedundant: a Burstable database has no standby; choose a GeneralPurpose databaseSku.'
      : ''
    privateNetwork && noSubnet
      ? 'privateNetwork: say appNetworkPrefix, or both existingAppSubnets.'
      : ''
    empty(buildNetworkPrefix) && empty(existingSubnets.tests)
      ? 'existingSubnets: without buildNetworkPrefix the subnet of test machines must be one that is there.'
      : ''
    empty(existingSubnets.builds) != empty(existingSubnets.containers)
      ? 'existingSubnets: Image Builder needs both builds and containers, or neither.'
      : ''
    !empty(existingGalleryId) && !empty(imageDefinitions)
      ? 'imageDefinitions: nothing is changed in the gallery that existingGalleryId names; leave them out.'
      : ''
    lockGallery && !empty(existingGalleryId)
      ? 'lockGallery: the gallery that existingGalleryId names is not locked from here; leave it out.'
      : ''
    !empty(existingGalleryId) && !contains(toLower(existingGalleryId), '/providers/microsoft.compute/galleries/')
      ? 'existingGalleryId: “${existingGalleryId}” is not the id of a gallery.'
      : ''
    !empty(secondGalleryId) && !contains(toLower(secondGalleryId), '/providers/microsoft.compute/galleries/')
      ? 'secondGalleryId: “${secondGalleryId}” is not the id of a gallery.'
      : ''
    !empty(existingRegistryId) && !contains(toLower(existingRegistryId), '/providers/microsoft.containerregistry/registries/')
      ? 'existingRegistryId: “${existingRegistryId}” is not the id of a registry.'
      : ''
    empty(filter(webhooksSignedWith, id => length(split(id, '/')) != 11 || !contains(toLower(id), '/providers/microsoft.keyvault/vaults/') || toLower(split(id, '/')[?9] ?? '') != 'secrets'))
      ? ''
      : 'webhooksSignedWith: say ids of secrets (/subscriptions/…/providers/Microsoft.KeyVault/vaults/…/secrets/…), neither addresses nor the secrets themselves.'
    empty(webhooksSignedWith) || manageRoles
      ? ''
      : 'webhooksSignedWith: without manageRoles no role is assigned here; leave them out, and let the other team make goldbot\'s identity Key Vault Secrets User of them.'
  ],
  mistake => !empty(mistake)
)
var checkedName = empty(mistakes) ? environmentName : fail(join(mistakes, ' '))

var allTags = union(tags, { application: 'goldbot', 'azd-env-name': checkedName })
var unique = uniqueString(subscription().id, environmentName)
var building = subscription().subscriptionId

var names = {
  goldbotIdentity: 'id-goldbot-${environmentName}'
  builderIdentity: 'id-image-builder'
  buildNetwork: 'vnet-images'
  appNetwork: 'vnet-goldbot-${environmentName}'
  workspace: 'log-goldbot-${environmentName}'
  insights: 'appi-goldbot-${environmentName}'
  database: 'psql-goldbot-${unique}'
  vault: 'kv-gold-${unique}'
  key: 'goldbot'
  registry: 'crgoldbot${unique}'
  disks: 'stgold${unique}'
  container: 'vhds'
}

// Ids are put together here, so that outputs and the next layer know them before anything is made.
var goldbotIdentityId = resourceId(building, goldbotGroupName, 'Microsoft.ManagedIdentity/userAssignedIdentities', names.goldbotIdentity)
var builderIdentityId = resourceId(building, galleryGroupName, 'Microsoft.ManagedIdentity/userAssignedIdentities', names.builderIdentity)
var galleryId = empty(existingGalleryId)
  ? resourceId(building, galleryGroupName, 'Microsoft.Compute/galleries', galleryName)
  : existingGalleryId
var workspaceId = empty(existingWorkspaceId)
  ? resourceId(building, goldbotGroupName, 'Microsoft.OperationalInsights/workspaces', names.workspace)
  : existingWorkspaceId
var insightsId = resourceId(building, goldbotGroupName, 'Microsoft.Insights/components', names.insights)
var registryId = empty(existingRegistryId)
  ? resourceId(building, goldbotGroupName, 'Microsoft.ContainerRegistry/registries', names.registry)
  : existingRegistryId
var buildNetworkId = resourceId(building, buildGroupName, 'Microsoft.Network/virtualNetworks', names.buildNetwork)
var disksId = resourceId(building, galleryGroupName, 'Microsoft.Storage/storageAccounts', names.disks)
var vaultId = resourceId(building, goldbotGroupName, 'Microsoft.KeyVault/vaults', names.vault)
var makesAppNetwork = privateNetwork && !empty(appNetworkPrefix)
var appNetworkId = makesAppNetwork
  ? resourceId(building, goldbotGroupName, 'Microsoft.Network/virtualNetworks', names.appNetwork)
  : join(take(split(existingAppSubnets.endpoints, '/'), 9), '/')
var appSubnetId = makesAppNetwork ? '${appNetworkId}/subnets/app' : existingAppSubnets.app
var endpointSubnetId = makesAppNetwork ? '${appNetworkId}/subnets/endpoints' : existingAppSubnets.endpoints

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

resource stagingGroups 'Microsoft.Resources/resourceGroups@2025-04-01' = [
  for name in stagingGroupNames: {
    name: name
    location: location
    tags: allTags
  }
]

module goldbotIdentity '../modules/identity.bicep' = {
  scope: goldbotGroup
  params: { location: location, identityName: names.goldbotIdentity, tags: allTags }
}

module builderIdentity '../modules/identity.bicep' = {
  scope: galleryGroup
  params: { location: location, identityName: names.builderIdentity, tags: allTags }
}

module logs '../modules/logs.bicep' = {
  scope: goldbotGroup
  params: {
    location: location
    existingWorkspaceId: existingWorkspaceId
    workspaceName: names.workspace
    insightsName: names.insights
    retentionDays: retentionDays
    locks: locks
    tags: allTags
  }
}

module gallery '../modules/gallery.bicep' = if (empty(existingGalleryId)) {
  scope: galleryGroup
  params: {
    location: location
    galleryName: galleryName
    definitions: imageDefinitions
    softDelete: softDelete
    directSharing: directSharing
    lockGallery: lockGallery
    tags: allTags
  }
}

module buildNetwork '../modules/build-network.bicep' = if (!empty(buildNetworkPrefix)) {
  scope: buildGroup
  params: {
    location: location
    networkName: names.buildNetwork
    addressPrefix: buildNetworkPrefix
    natGateway: natGateway
    workspaceId: workspaceId
    tags: allTags
  }
  dependsOn: [logs]
}

module appNetwork '../modules/app-network.bicep' = if (makesAppNetwork) {
  scope: goldbotGroup
  params: {
    location: location
    networkName: names.appNetwork
    addressPrefix: appNetworkPrefix
    workspaceId: workspaceId
    tags: allTags
  }
  dependsOn: [logs]
}

module database '../modules/database.bicep' = {
  scope: goldbotGroup
  params: {
    location: location
    serverName: names.database
    identityName: names.goldbotIdentity
    identityPrincipalId: goldbotIdentity.outputs.principalId
    administrators: databaseAdministrators
    sku: databaseSku
    storageGB: databaseStorageGB
    zoneRedundant: zoneRedundant
    backupDays: backupDays
    geoRedundantBackup: geoRedundantBackup
    publicAccess: !privateNetwork
    locks: locks
    workspaceId: workspaceId
    tags: allTags
  }
  dependsOn: [logs]
}

module vault '../modules/vault.bicep' = if (signingKey) {
  scope: goldbotGroup
  params: {
    location: location
    vaultName: names.vault
    keyName: names.key
    publicAccess: !privateNetwork
    locks: locks
    workspaceId: workspaceId
    tags: allTags
  }
  dependsOn: [logs]
}

module registry '../modules/registry.bicep' = if (empty(existingRegistryId)) {
  scope: goldbotGroup
  params: {
    location: location
    registryName: names.registry
    publicAccess: !privateNetwork
    workspaceId: workspaceId
    tags: allTags
  }
  dependsOn: [logs]
}

module disks '../modules/disks.bicep' = if (vhdOutputs) {
  scope: galleryGroup
  params: {
    location: location
    accountName: names.disks
    containerName: names.container
    publicAccess: vhdPublicAccess
    workspaceId: workspaceId
    tags: allTags
  }
  dependsOn: [logs]
}

var services = [
  {
    name: 'database'
    id: resourceId(building, goldbotGroupName, 'Microsoft.DBforPostgreSQL/flexibleServers', names.database)
    part: 'postgresqlServer'
    // As the cloud calls it: of databases it tells the suffix of the other kind alone.
    zone: 'privatelink.postgres${replace(environment().suffixes.sqlServerHostname, 'windows.net', 'azure.com')}'
    isMade: true
  }
  {
    name: 'vault'
    id: vaultId
    part: 'vault'
    zone: 'privatelink${replace(environment().suffixes.keyvaultDns, '.vault.', '.vaultcore.')}'
    isMade: signingKey
  }
  {
    name: 'registry'
    id: resourceId(building, goldbotGroupName, 'Microsoft.ContainerRegistry/registries', names.registry)
    part: 'registry'
    zone: 'privatelink${environment().suffixes.acrLoginServer}'
    isMade: empty(existingRegistryId)
  }
  {
    name: 'disks'
    id: disksId
    part: 'blob'
    zone: blobZone
    isMade: vhdOutputs
  }
]
var blobZone = 'privatelink.blob.${environment().suffixes.storage}'

module endpoints '../modules/private-endpoint.bicep' = [
  for service in services: if (privateNetwork && service.isMade) {
    scope: goldbotGroup
    params: {
      location: location
      endpointName: 'pe-goldbot-${environmentName}-${service.name}'
      subnetId: endpointSubnetId
      networkId: appNetworkId
      serviceId: service.id
      groupId: service.part
      zoneName: service.zone
      makeZone: privateDnsZones
      othersToo: service.part == 'blob'
      tags: allTags
    }
    dependsOn: [appNetwork, database, vault, registry, disks]
  }
]

// Builds are in a network of their own, from which they write VHDs.
module disksForBuilds '../modules/private-endpoint.bicep' = if (privateNetwork && vhdOutputs && !empty(buildNetworkPrefix)) {
  scope: buildGroup
  params: {
    location: location
    endpointName: 'pe-${names.buildNetwork}-disks'
    subnetId: '${buildNetworkId}/subnets/builds'
    networkId: buildNetworkId
    serviceId: disksId
    groupId: 'blob'
    zoneName: blobZone
    makeZone: privateDnsZones
    // Image Builder has accounts of its own for each build.
    othersToo: true
    tags: allTags
  }
  dependsOn: [buildNetwork, disks]
}

module rights '../modules/rights.bicep' = if (manageRoles) {
  params: {
    goldbotPrincipalId: goldbotIdentity.outputs.principalId
    builderPrincipalId: builderIdentity.outputs.principalId
    builderIdentityId: builderIdentityId
    galleryId: galleryId
    secondGalleryId: secondGalleryId
    buildGroupName: buildGroupName
    stagingGroupNames: stagingGroupNames
    testSubnetId: existingSubnets.tests
    buildSubnetIds: empty(buildNetworkPrefix)
      ? filter([existingSubnets.builds, existingSubnets.containers], id => !empty(id))
      : ['${buildNetworkId}/subnets/builds', '${buildNetworkId}/subnets/containers']
    keyId: signingKey ? '${vaultId}/keys/${names.key}' : ''
    webhooksSignedWith: webhooksSignedWith
    containerId: vhdOutputs ? '${disksId}/blobServices/default/containers/${names.container}' : ''
    registryId: registryId
    insightsId: insightsId
    buildingRoles: buildingRoles
    teamSubscriptions: teamSubscriptions
    teamManagementGroup: teamManagementGroup
    teamRoles: teamRoles
  }
  dependsOn: [buildGroup, stagingGroups, gallery, buildNetwork, logs, vault, disks, registry]
}

// What the next layers ask for, by the names under which azd keeps it; and what the catalogue names.

output GOLDBOT_RESOURCE_GROUP string = goldbotGroupName
output GOLDBOT_IDENTITY_ID string = goldbotIdentityId
output GOLDBOT_REGISTRY_ID string = registryId
output GOLDBOT_WORKSPACE_ID string = workspaceId
output GOLDBOT_INSIGHTS_ID string = insightsId
output GOLDBOT_APP_SUBNET_ID string = privateNetwork ? appSubnetId : ''
output GOLDBOT_DATABASE_ID string = services[0].id
output GOLDBOT_GALLERY_ID string = galleryId
output GOLDBOT_BUILD_GROUP string = buildGroupName
output GOLDBOT_STAGING_GROUPS string = join(stagingGroupNames, ',')
output GOLDBOT_BUILDER_IDENTITY_ID string = builderIdentityId
output GOLDBOT_TEST_SUBNET_ID string = empty(buildNetworkPrefix) ? existingSubnets.tests : '${buildNetworkId}/subnets/tests'
output GOLDBOT_KEY string = signingKey ? 'https://${names.vault}${environment().suffixes.keyvaultDns}/keys/${names.key}' : ''
output GOLDBOT_OUTPUT_ACCOUNT string = vhdOutputs ? names.disks : ''
output GOLDBOT_OUTPUT_CONTAINER string = vhdOutputs ? names.container : ''
