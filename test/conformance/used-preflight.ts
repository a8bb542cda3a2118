import type { ImageRef } from '../../core/azure';
import { resourceGroupId, resourceId } from '../../core/azure-id';
import type { PlannedResource } from '../../core/preflight';
import type { Used } from './used';

const principal = '11111111-0000-4000-8000-000000000001';

const machine: PlannedResource = {
  ...{ type: 'Microsoft.Compute/virtualMachines', location: 'westeurope', tags: { team: 'web' }, properties: {} },
  apiVersion: '2024-07-01',
};

const galleryOf = ({ gallery, ...group }: ImageRef): string =>
  resourceId(group, 'Microsoft.Compute/galleries', gallery);

/** What goldbot asks of Azure before a build, and when it looks for what builds have left. */
export const usedByPreflight: readonly Used[] = [
  {
    provider: 'Microsoft.Compute',
    operation: 'Usage_List',
    by: 'coreUsages',
    call: (azure, { place }) => azure.coreUsages(place.subscription, place.location),
  },
  {
    provider: 'Microsoft.Compute',
    operation: 'ResourceSkus_List',
    by: 'machineSizes',
    call: (azure, { place }) => azure.machineSizes(place.subscription, place.location, ['Standard_D2s_v5']),
  },
  {
    provider: 'Microsoft.ManagedIdentity',
    operation: 'UserAssignedIdentities_Get',
    by: 'builderIdentity',
    call: (azure, { id }) => azure.builderIdentity(id),
  },
  {
    provider: 'Microsoft.Authorization',
    operation: 'RoleAssignments_ListForSubscription',
    by: 'grants',
    call: (azure, { place }) => azure.grants(place.subscription, principal),
  },
  {
    provider: 'Microsoft.Authorization',
    operation: 'RoleAssignments_ListForScope',
    by: 'assignmentsAt',
    call: (azure, { image }) => azure.assignmentsAt(image),
  },
  {
    provider: 'Microsoft.Authorization',
    operation: 'RoleDefinitions_List',
    by: 'roleByName',
    call: (azure, { image }) => azure.roleByName(image, 'golden-image-creator'),
  },
  {
    provider: 'Microsoft.Authorization',
    operation: 'RoleAssignments_Create',
    by: 'assignImageRole',
    call: (azure, { image }) =>
      azure.assignImageRole(image, principal, { role: principal, group: principal, why: 'x' }),
  },
  {
    provider: 'Microsoft.Authorization',
    operation: 'RoleAssignments_Delete',
    by: 'removeAssignment',
    call: (azure, { id }) => azure.removeAssignment(id),
  },
  {
    provider: 'Microsoft.Compute',
    operation: 'Galleries_Get',
    by: 'gallerySharing',
    call: (azure, { image }) => azure.gallerySharing(image),
  },
  {
    provider: 'Microsoft.Compute',
    operation: 'GallerySharingProfile_Update',
    by: 'shareGallery',
    call: (azure, { image }) => azure.shareGallery(image, { add: { kind: 'subscription', id: principal } }),
  },
  {
    provider: 'Microsoft.Authorization',
    operation: 'RoleDefinitions_Get',
    by: 'grants',
    call: (azure, { place }) => azure.grants(place.subscription, principal),
  },
  {
    provider: 'Microsoft.Authorization',
    operation: 'Permissions_ListForResourceGroup',
    by: 'ownPermissions',
    call: (azure, { place }) => azure.ownPermissions(resourceGroupId(place)),
  },
  {
    provider: 'Microsoft.Authorization',
    operation: 'Permissions_ListForResource',
    by: 'ownPermissions',
    call: (azure, { image }) => azure.ownPermissions(galleryOf(image)),
  },
  {
    provider: 'Microsoft.Authorization',
    operation: 'ManagementLocks_ListByScope',
    by: 'locksOver',
    call: (azure, { place }) => azure.locksOver(resourceGroupId(place)),
  },
  {
    provider: 'Microsoft.Resources',
    operation: 'ResourceGroups_List',
    by: 'remains',
    call: (azure, { place }) => azure.remains(place, []),
  },
  {
    provider: 'Microsoft.Resources',
    operation: 'Providers_Get',
    by: 'providers',
    call: (azure, { place }) => azure.providers(place.subscription, ['Microsoft.Compute']),
  },
  {
    provider: 'Microsoft.Resources',
    operation: 'Subscriptions_Get',
    by: 'subscription',
    call: (azure, { place }) => azure.subscription(place.subscription),
  },
  {
    provider: 'Microsoft.Resources',
    operation: 'Subscriptions_ListLocations',
    by: 'regions',
    call: (azure, { place }) => azure.regions(place.subscription),
  },
  {
    provider: 'Microsoft.Resources',
    operation: 'ResourceGroups_Get',
    by: 'groupState',
    call: (azure, { place }) => azure.groupState(resourceGroupId(place)),
  },
  {
    provider: 'Microsoft.Resources',
    operation: 'Resources_ListByResourceGroup',
    by: 'groupState',
    call: (azure, { place }) => azure.groupState(resourceGroupId(place)),
  },
  {
    provider: 'Microsoft.Network',
    operation: 'VirtualNetworks_Get',
    by: 'network',
    call: (azure, { id }) => azure.network(id),
  },
  {
    provider: 'Microsoft.PolicyInsights',
    operation: 'PolicyRestrictions_CheckAtResourceGroupScope',
    by: 'policyDenials',
    call: (azure, { place }) => azure.policyDenials(resourceGroupId(place), machine),
  },
  {
    provider: 'Microsoft.PolicyInsights',
    operation: 'PolicyRestrictions_CheckAtSubscriptionScope',
    by: 'policyDenials',
    call: (azure, { place }) => azure.policyDenials(`/subscriptions/${place.subscription}`, machine),
  },
];
