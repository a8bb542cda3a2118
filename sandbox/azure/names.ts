/** Fixed names of the initial estate; `catalog/` names the same things, as a user's catalogue would. */
export const platformSubscription = '5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001';
export const teamSubscriptions = [
  '5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1002',
  '5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1003',
  '5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1004',
] as const;
export const location = 'westeurope';
export const galleryResourceGroup = 'rg-golden-images';
export const galleryName = 'gold';
/** The gallery for disaster recovery, in another region. */
export const secondGallery = {
  name: 'gold_dr',
  resourceGroup: 'rg-golden-images-dr',
  location: 'northeurope',
} as const;
export const buildResourceGroup = 'rg-image-builds';
export const builderIdentity = `/subscriptions/${platformSubscription}/resourceGroups/${galleryResourceGroup}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-image-builder`;
const imagesNetwork = `/subscriptions/${platformSubscription}/resourceGroups/${buildResourceGroup}/providers/Microsoft.Network/virtualNetworks/vnet-images`;
export const testSubnet = `${imagesNetwork}/subnets/tests`;
export const buildSubnet = `${imagesNetwork}/subnets/builds`;
/** What is made of images outside of the gallery goes to this account. */
export const outputsAccount = 'goldenimagesb001';
/** The vault with the key that certificates may be signed with. */
export const vaultName = 'kv-golden-images';
export const vaultId = `/subscriptions/${platformSubscription}/resourceGroups/${galleryResourceGroup}/providers/Microsoft.KeyVault/vaults/${vaultName}`;
export const outputsContainer = 'vhds';
/** In the same account: checkpoints of goldbot's audit. */
export const auditContainer = 'audit';
/** Delegated to container instances, as Image Builder needs it. */
export const containerSubnet = `${imagesNetwork}/subnets/containers`;
