// After platform/private.bicepparam: in the network of goldbot, over zones, behind a name of one's own.
using 'main.bicep'

param environmentName = 'contoso'
param location = 'westeurope'
param tags = { costCenter: '4711', owner: 'platform-team@contoso.example' }

param goldbotGroupName = 'rg-goldbot-contoso'
param identityId = '/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001/resourceGroups/rg-goldbot-contoso/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-goldbot-contoso'
param databaseId = '/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001/resourceGroups/rg-goldbot-contoso/providers/Microsoft.DBforPostgreSQL/flexibleServers/psql-goldbot-cdcjrltswrvve'
param registryId = '/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001/resourceGroups/rg-goldbot-contoso/providers/Microsoft.ContainerRegistry/registries/crgoldbotcdcjrltswrvve'
param workspaceId = '/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001/resourceGroups/rg-goldbot-contoso/providers/Microsoft.OperationalInsights/workspaces/log-goldbot-contoso'
param insightsId = '/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001/resourceGroups/rg-goldbot-contoso/providers/Microsoft.Insights/components/appi-goldbot-contoso'
param galleryId = '/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001/resourceGroups/rg-golden-images/providers/Microsoft.Compute/galleries/gold'
param appSubnetId = '/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001/resourceGroups/rg-goldbot-contoso/providers/Microsoft.Network/virtualNetworks/vnet-goldbot-contoso/subnets/app'

param image = 'crgoldbotcdcjrltswrvve.azurecr.io/goldbot@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'
param replicas = { least: 2, most: 4 }
param size = { cores: '1', memory: '2Gi' }
param zoneRedundant = true
param botSku = 'S1'
param proxy = 'http://proxy.contoso.example:3128'
param noProxy = '.contoso.example'
param certificateAuthority = loadTextContent('authority.example.pem')
param webhooks = [
  { variable: 'GOLDBOT_WEBHOOK_TICKETS', from: 'https://kv-gold-cdcjrltswrvve.vault.azure.net/secrets/webhook-tickets' }
]
param publicHostName = 'goldbot.contoso.example'
param alertEmails = ['platform-team@contoso.example']
