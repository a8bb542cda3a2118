// Into what is there: a gallery in another subscription, subnets of a hub, workspace, registry, and private zones that a
// policy of the hub links.
using 'main.bicep'

param environmentName = 'contoso'
param location = 'westeurope'

param existingGalleryId = '/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1002/resourceGroups/rg-shared-images/providers/Microsoft.Compute/galleries/corporate'

param buildNetworkPrefix = ''
param existingSubnets = {
  tests: '/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001/resourceGroups/rg-network/providers/Microsoft.Network/virtualNetworks/vnet-spoke/subnets/tests'
  builds: '/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001/resourceGroups/rg-network/providers/Microsoft.Network/virtualNetworks/vnet-spoke/subnets/builds'
  containers: '/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001/resourceGroups/rg-network/providers/Microsoft.Network/virtualNetworks/vnet-spoke/subnets/containers'
}

param privateNetwork = true
param appNetworkPrefix = ''
param existingAppSubnets = {
  app: '/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001/resourceGroups/rg-network/providers/Microsoft.Network/virtualNetworks/vnet-spoke/subnets/apps'
  endpoints: '/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001/resourceGroups/rg-network/providers/Microsoft.Network/virtualNetworks/vnet-spoke/subnets/endpoints'
}
param privateDnsZones = false

param existingRegistryId = '/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1002/resourceGroups/rg-shared/providers/Microsoft.ContainerRegistry/registries/crcontoso'
param existingWorkspaceId = '/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1002/resourceGroups/rg-shared/providers/Microsoft.OperationalInsights/workspaces/log-contoso'

// Leave out what goldbot shall not do (docs/roles.md); publishing takes the first three.
param buildingRoles = [
  'goldbot-planner'
  'goldbot-builder'
  'goldbot-publisher'
  'goldbot-log-reader'
  'goldbot-signer'
]

param teamSubscriptions = ['5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1003']
param teamManagementGroup = 'mg-landing-zones'
param teamRoles = ['goldbot-classifier', 'goldbot-policy']
