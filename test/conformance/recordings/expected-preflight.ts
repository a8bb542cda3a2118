import { type Expected, inGroup } from './expectation';

const subscription = '/subscriptions/*/providers';
const onDefinition = `${inGroup}/Microsoft.Compute/galleries/*/images/*/providers/Microsoft.Authorization`;

/** Of what goldbot asks before a build, no tape has an answer yet. */
export const preflight: readonly Expected[] = [
  { operation: 'Usage_List', shape: `GET ${subscription}/Microsoft.Compute/locations/*/usages` },
  { operation: 'ResourceSkus_List', shape: `GET ${subscription}/Microsoft.Compute/skus` },
  { operation: 'ResourceGroups_List', shape: 'GET /subscriptions/*/resourceGroups' },
  { operation: 'Subscriptions_Get', shape: 'GET /subscriptions/*' },
  { operation: 'Subscriptions_ListLocations', shape: 'GET /subscriptions/*/locations' },
  { operation: 'ResourceGroups_Get', shape: 'GET /subscriptions/*/resourceGroups/*' },
  { operation: 'Resources_ListByResourceGroup', shape: 'GET /subscriptions/*/resourceGroups/*/resources' },
  { operation: 'Providers_Get', shape: `GET ${subscription}/*` },
  {
    operation: 'UserAssignedIdentities_Get',
    shape: `GET ${inGroup}/Microsoft.ManagedIdentity/userAssignedIdentities/*`,
  },
  { operation: 'VirtualNetworks_Get', shape: `GET ${inGroup}/Microsoft.Network/virtualNetworks/*` },
  {
    operation: 'RoleAssignments_ListForSubscription',
    shape: `GET ${subscription}/Microsoft.Authorization/roleAssignments`,
  },
  {
    operation: 'RoleAssignments_ListForScope',
    shape: `GET ${onDefinition}/roleAssignments`,
  },
  { operation: 'RoleDefinitions_List', shape: `GET ${subscription}/Microsoft.Authorization/roleDefinitions` },
  { operation: 'RoleAssignments_Create', shape: `PUT ${onDefinition}/roleAssignments/*` },
  { operation: 'RoleAssignments_Delete', shape: `DELETE ${onDefinition}/roleAssignments/*` },
  { operation: 'RoleDefinitions_Get', shape: `GET ${subscription}/Microsoft.Authorization/roleDefinitions/*` },
  { operation: 'Permissions_ListForResourceGroup', shape: `GET ${inGroup}/Microsoft.Authorization/permissions` },
  {
    operation: 'Permissions_ListForResource',
    shape: `GET ${inGroup}/Microsoft.Compute/galleries/*/providers/Microsoft.Authorization/permissions`,
  },
  { operation: 'ManagementLocks_ListByScope', shape: `GET ${inGroup}/Microsoft.Authorization/locks` },
  {
    operation: 'PolicyRestrictions_CheckAtResourceGroupScope',
    shape: `POST ${inGroup}/Microsoft.PolicyInsights/checkPolicyRestrictions`,
  },
  {
    operation: 'PolicyRestrictions_CheckAtSubscriptionScope',
    shape: `POST ${subscription}/Microsoft.PolicyInsights/checkPolicyRestrictions`,
  },
];
