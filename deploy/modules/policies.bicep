metadata description = 'Policies of one subscription: golden images alone, tags of machines, and what guest configuration needs.'

targetScope = 'subscription'

@description('What happens to new and changed machines from other images.')
param goldenImages 'audit' | 'deny' | 'off'

@description('What happens to machines without the tags.')
param machineTags 'audit' | 'deny' | 'off'

@description('Whether machines get what guest configuration needs.')
param guestConfiguration bool

@description('Ids of the galleries with golden images.')
param galleries string[]

@description('Ids of scopes within the subscription that are left alone.')
param notScopes string[]

@description('Resource groups whose names begin like this are left alone.')
param buildGroups string[]

@description('The tag that says whose a machine is, and which values it may have; any, if there are none.')
param teamTag { name: string, values: string[] }

@description('Region of the identity that guest configuration\'s prerequisites are deployed as.')
param location string

// As goldbot itself writes it: `npm run bicep` takes it from core/compliance/restriction.ts.
var golden = loadJsonContent('../policy/golden-images.json')

resource goldenDefinition 'Microsoft.Authorization/policyDefinitions@2024-05-01' = if (goldenImages != 'off') {
  name: golden.name
  properties: golden.definition
}

resource goldenAssignment 'Microsoft.Authorization/policyAssignments@2024-05-01' = if (goldenImages != 'off') {
  name: golden.name
  properties: {
    ...golden.assignment
    policyDefinitionId: goldenDefinition.id
    notScopes: notScopes
    parameters: {
      effect: { value: goldenImages }
      galleries: { value: galleries }
      buildGroups: { value: buildGroups }
    }
  }
}

// ARM computes nothing inside of a policy's rule, so definitions come whole out of files.
var tags = loadJsonContent('../policy/tags.json')

resource teamDefinition 'Microsoft.Authorization/policyDefinitions@2024-05-01' = if (machineTags != 'off') {
  name: 'goldbot-team-tag'
  properties: tags.team
}

resource teamAssignment 'Microsoft.Authorization/policyAssignments@2024-05-01' = if (machineTags != 'off') {
  name: 'goldbot-team-tag'
  properties: {
    displayName: 'Machines say which team they belong to'
    policyDefinitionId: teamDefinition.id
    notScopes: notScopes
    enforcementMode: 'Default'
    parameters: {
      effect: { value: machineTags }
      buildGroups: { value: buildGroups }
      tagName: { value: teamTag.name }
      values: { value: teamTag.values }
    }
    nonComplianceMessages: [
      { message: 'Say whose machine this is with the tag ${teamTag.name}. For the teams, ask goldbot: teams.' }
    ]
  }
}

resource modelDefinition 'Microsoft.Authorization/policyDefinitions@2024-05-01' = if (machineTags != 'off') {
  name: 'goldbot-service-model-tag'
  properties: tags.serviceModel
}

resource modelAssignment 'Microsoft.Authorization/policyAssignments@2024-05-01' = if (machineTags != 'off') {
  name: 'goldbot-service-model-tag'
  properties: {
    displayName: 'Machines say whether they are pets or cattle'
    policyDefinitionId: modelDefinition.id
    notScopes: notScopes
    enforcementMode: 'Default'
    parameters: {
      effect: { value: machineTags }
      buildGroups: { value: buildGroups }
    }
    nonComplianceMessages: [
      { message: 'Tag the machine service-model: pet or service-model: cattle. goldbot can do it: classify <machine> pet.' }
    ]
  }
}

// Microsoft's initiative: an identity for each machine, and the extension of its system.
resource guestAssignment 'Microsoft.Authorization/policyAssignments@2024-05-01' = if (guestConfiguration) {
  name: 'goldbot-guest-config'
  location: location
  identity: { type: 'SystemAssigned' }
  properties: {
    displayName: 'Machines have what guest configuration needs'
    policyDefinitionId: tenantResourceId(
      'Microsoft.Authorization/policySetDefinitions',
      '12794019-7a00-42cf-95c2-882eed337cc8'
    )
    notScopes: notScopes
    enforcementMode: 'Default'
  }
}

// The definitions ask for Contributor. What they do is to change machines and to deploy extensions, which this includes.
var virtualMachineContributor = '9980e02c-c2be-4d73-94e8-173b1dc7cf3c'

module guestGrant 'grant-subscription.bicep' = if (guestConfiguration) {
  params: {
    roles: [virtualMachineContributor]
    principalId: guestAssignment!.identity.principalId
  }
}
