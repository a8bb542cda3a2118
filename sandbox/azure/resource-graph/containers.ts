import { tenantId } from '../../entra/people';
import type { World } from '../../kernel/world';
import { resourceGroups, subscriptionIds } from '../compute/groups';
import type { JsonObject, Resource } from '../compute/resource';
import {
  groupsAbove,
  groupsOver,
  type ManagementGroup,
  managementGroupId,
  managementGroups,
} from '../estate/management-groups';

/** The table `resourcecontainers`: management groups, subscriptions with the names that ARM has for them, resource groups. */
export function containers(world: World): Resource[] {
  const groups = Object.values(resourceGroups(world)).map((group) => ({
    ...group,
    type: 'Microsoft.Resources/subscriptions/resourceGroups',
  }));
  return [...managementGroups.map(managementGroup), ...subscriptionIds(world).map(subscription), ...groups];
}

const chain = (groups: readonly ManagementGroup[]): JsonObject[] =>
  groups.map(({ name, displayName }) => ({ displayName, name }));

function subscription(id: string): Resource {
  return {
    id: `/subscriptions/${id}`,
    name: `contoso-${id.slice(-4)}`,
    type: 'Microsoft.Resources/subscriptions',
    location: '',
    properties: {
      state: 'Enabled',
      managementGroupAncestorsChain: chain(groupsOver(id)),
      subscriptionPolicies: {
        locationPlacementId: 'Public_2014-09-01',
        quotaId: 'EnterpriseAgreement_2014-09-01',
        spendingLimit: 'Off',
      },
    },
  };
}

function managementGroup({ name, displayName, parent }: ManagementGroup): Resource {
  const above = groupsAbove(name);
  return {
    id: managementGroupId(name),
    name,
    type: 'Microsoft.Management/managementGroups',
    location: '',
    properties: {
      displayName,
      tenantId,
      details: {
        version: 1,
        parent: parent === undefined ? {} : { id: managementGroupId(parent), name: parent },
        managementGroupAncestors: above.map((group) => group.name),
        managementGroupAncestorsChain: chain(above),
      },
    },
  };
}
