metadata description = 'What binds others: machines come from golden images, say whose they are, and can be looked into. Azure Policy enforces it whether or not goldbot runs.'

targetScope = 'subscription'

@description('Whether anything is made here. False where another team owns Azure Policy: it finds in deploy/README.md what to assign, and goldbot\'s `restrict` does without.')
param deployPolicies bool = true

@description('Region of the identity of guest configuration\'s assignment.')
param location string

@description('Ids of the subscriptions that are bound; this one must be among them if it is to be bound.')
param subscriptions string[] = [subscription().subscriptionId]

@description('Ids of the galleries with golden images.')
@minLength(1)
param galleries string[]

@description('Resource group of the builds in this subscription. It and Image Builder\'s own groups are left alone: builds start from marketplace images.')
param buildGroupName string

@description('Names of the resource groups for builds that images name as `stagingResourceGroup`: builds are made in them.')
param stagingGroupNames string[] = []

@description('Ids of other scopes that are left alone.')
param notScopes string[] = []

@description('New and changed machines from other images are counted, refused, or nothing. `deny` also refuses changes such as another size to machines that are there: try `audit` first, and ask goldbot for a dry run with `restrict`.')
param goldenImages 'audit' | 'deny' | 'off' = 'audit'

@description('Machines without the tags are counted, refused, or nothing.')
param machineTags 'audit' | 'deny' | 'off' = 'audit'

@description('The tag that says whose a machine is, as teams.yaml of the catalogue names it, and its values; any, if there are none.')
param teamTag { name: string, values: string[] } = { name: 'team', values: [] }

@description('Whether machines get what guest configuration needs: an identity of their own and an extension. This changes machines of teams, new ones at once and old ones by a remediation that somebody starts.')
param guestConfiguration bool = false

// Told before anything is made.
var noGalleries = filter(galleries, id => !contains(toLower(id), '/providers/microsoft.compute/galleries/'))
var checkedGalleries = empty(noGalleries)
  ? galleries
  : fail('galleries: “${join(noGalleries, '”, “')}”: not the id of a gallery, so that no machine would be golden.')

module policies '../modules/policies.bicep' = [
  for id in subscriptions: if (deployPolicies) {
    scope: subscription(id)
    params: {
      goldenImages: goldenImages
      machineTags: machineTags
      guestConfiguration: guestConfiguration
      galleries: checkedGalleries
      notScopes: concat(
        filter(notScopes, scope => startsWith(toLower(scope), toLower('/subscriptions/${id}/'))),
        id == subscription().subscriptionId
          ? map(concat([buildGroupName], stagingGroupNames), name => '${subscription().id}/resourceGroups/${name}')
          : []
      )
      buildGroups: id == subscription().subscriptionId ? ['IT_${buildGroupName}_'] : []
      teamTag: teamTag
      location: location
    }
  }
]
