// An enterprise's: private addresses, a staging group for each image, zones, several subscriptions of teams. No public
// address is made: machines of builds and tests need another way to their updates.
using 'main.bicep'

param environmentName = 'contoso'
param location = 'westeurope'
param tags = { costCenter: '4711', owner: 'platform-team@contoso.example' }

param imageDefinitions = [
  {
    name: 'ubuntu-22'
    title: 'Ubuntu Server 22.04 LTS'
    os: 'Linux'
    publisher: 'contoso'
    offer: 'linux'
    sku: 'ubuntu-22'
    generation: 'V2'
    architecture: 'x64'
    securityType: 'TrustedLaunchSupported'
  }
]
param secondGalleryId = '/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001/resourceGroups/rg-golden-images-dr/providers/Microsoft.Compute/galleries/gold_dr'
param softDelete = true
param directSharing = true
param vhdOutputs = true

param natGateway = false
param privateNetwork = true
param stagingGroupNames = ['rg-image-staging-ubuntu-22']

param databaseSku = { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' }
param zoneRedundant = true
param backupDays = 35
param geoRedundantBackup = true
param databaseAdministrators = [
  { objectId: 'b0bb1e50-0000-4000-8000-000000000001', name: 'goldbot-admins' }
]

// Leave out what goldbot shall not do (docs/roles.md); publishing takes the first three.
param buildingRoles = [
  'goldbot-planner'
  'goldbot-builder'
  'goldbot-publisher'
  'goldbot-log-reader'
  'goldbot-signer'
  'goldbot-trials'
  'goldbot-access'
  'goldbot-sharer'
]

// They were put there after the first deployment: a role needs the secret that it is on.
param webhooksSignedWith = [
  '/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001/resourceGroups/rg-goldbot-contoso/providers/Microsoft.KeyVault/vaults/kv-gold-cdcjrltswrvve/secrets/webhook-tickets'
]

param teamSubscriptions = [
  '5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1002'
  '5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1003'
  '5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1004'
]
param teamRoles = ['goldbot-classifier', 'goldbot-policy', 'goldbot-runner']
