// After platform/bring-your-own.bicepparam: alerts go to an action group that is there. Without insightsId goldbot
// measures nothing: of the shared workspace it needs no more than a place for logs.
using 'main.bicep'

param environmentName = 'contoso'
param location = 'westeurope'

param goldbotGroupName = 'rg-goldbot-contoso'
param identityId = '/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001/resourceGroups/rg-goldbot-contoso/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-goldbot-contoso'
param databaseId = '/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001/resourceGroups/rg-goldbot-contoso/providers/Microsoft.DBforPostgreSQL/flexibleServers/psql-goldbot-cdcjrltswrvve'
param registryId = '/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1002/resourceGroups/rg-shared/providers/Microsoft.ContainerRegistry/registries/crcontoso'
param workspaceId = '/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1002/resourceGroups/rg-shared/providers/Microsoft.OperationalInsights/workspaces/log-contoso'
param galleryId = '/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1002/resourceGroups/rg-shared-images/providers/Microsoft.Compute/galleries/corporate'
param appSubnetId = '/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001/resourceGroups/rg-network/providers/Microsoft.Network/virtualNetworks/vnet-spoke/subnets/apps'

param image = 'crcontoso.azurecr.io/goldbot@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'
param tenants = ['8f6a3c52-1b0e-4d7f-9a1c-2e5b7d904c11', '8f6a3c52-1b0e-4d7f-9a1c-2e5b7d904c12']
param existingActionGroupId = '/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001/resourceGroups/rg-shared/providers/Microsoft.Insights/actionGroups/platform-team'
