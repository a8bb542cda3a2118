import { tenantId } from '../../entra/people';
import { platformSubscription } from '../names';

/** A management group; the tenant's root has no parent and is named after the tenant. */
export interface ManagementGroup {
  readonly name: string;
  readonly displayName: string;
  readonly parent?: string;
}

const root: ManagementGroup = { name: tenantId, displayName: 'Tenant Root Group' };
const platform: ManagementGroup = { name: 'platform', displayName: 'Platform', parent: tenantId };
const landingZones: ManagementGroup = { name: 'landing-zones', displayName: 'Landing zones', parent: tenantId };

export const managementGroups: readonly ManagementGroup[] = [root, platform, landingZones];

export const managementGroupId = (name: string): string => `/providers/Microsoft.Management/managementGroups/${name}`;

/** Where the policies of the tenant and of the teams live. */
export const rootGroupId = managementGroupId(root.name);
export const landingZonesId = managementGroupId(landingZones.name);

/** The management groups above a subscription, nearest first: the platform's own, all others are landing zones. */
export function groupsOver(subscription: string): readonly ManagementGroup[] {
  return [subscription.toLowerCase() === platformSubscription ? platform : landingZones, root];
}

/** The management groups above a management group, nearest first. */
export function groupsAbove(name: string): readonly ManagementGroup[] {
  const found = managementGroups.find((group) => group.name.toLowerCase() === name.toLowerCase());
  const parent = managementGroups.find((group) => group.name === found?.parent);
  return parent ? [parent, ...groupsAbove(parent.name)] : [];
}
