import type { ResourceGroup, SeedParameters } from '../compute/resource';
import {
  buildResourceGroup,
  buildSubnet,
  containerSubnet,
  galleryName,
  galleryResourceGroup,
  location,
  platformSubscription,
  secondGallery,
  teamSubscriptions,
  testSubnet,
} from '../names';

export const day = 86_400_000;

export const galleryRef = `/subscriptions/${platformSubscription}/resourceGroups/${galleryResourceGroup}/providers/Microsoft.Compute/galleries/${galleryName}`;

export const secondGalleryRef = `/subscriptions/${platformSubscription}/resourceGroups/${secondGallery.resourceGroup}/providers/Microsoft.Compute/galleries/${secondGallery.name}`;

export const teams = ['payments', 'web', 'data', 'legacy'] as const;
export type Team = (typeof teams)[number];

const subscriptionOfTeam: Readonly<Record<Team, string>> = {
  payments: teamSubscriptions[0],
  web: teamSubscriptions[1],
  data: teamSubscriptions[2],
  legacy: teamSubscriptions[2],
};

export const teamGroup = (team: Team): string => `/subscriptions/${subscriptionOfTeam[team]}/resourceGroups/rg-${team}`;

const teamSubnet = (team: Team): string =>
  `${teamGroup(team)}/providers/Microsoft.Network/virtualNetworks/vnet-${team}/subnets/vms`;

/** Subnets that exist: network cards elsewhere are refused. */
export const knownSubnets: readonly string[] = [testSubnet, buildSubnet, containerSubnet, ...teams.map(teamSubnet)];

/** Subnets that container instances may join. */
export const delegatedSubnets: readonly string[] = [containerSubnet];

export const subnetOf = teamSubnet;

/** A synthetic estate has one subscription for every 20,000 VMs. */
export const vmsPerSubscription = 20_000;

export function syntheticSubscription(n: number): string {
  return teamSubscriptions[n] ?? `5b1f0c2e-3a41-4f7e-9c55-${(0x0d2a7e700000 + n).toString(16).padStart(12, '0')}`;
}

export function estateSubscriptions(seed?: SeedParameters): string[] {
  const count = Math.max(teamSubscriptions.length, seed ? Math.ceil(seed.vms / vmsPerSubscription) : 0);
  return [platformSubscription, ...Array.from({ length: count }, (_, n) => syntheticSubscription(n))];
}

const group = (id: string, tags: Record<string, string>): ResourceGroup => ({
  id,
  name: id.split('/').at(-1) ?? '',
  type: 'Microsoft.Resources/resourceGroups',
  location,
  tags,
  properties: { provisioningState: 'Succeeded' },
});

export function estateGroups(): ResourceGroup[] {
  const platform = `/subscriptions/${platformSubscription}/resourceGroups`;
  return [
    group(`${platform}/${galleryResourceGroup}`, { purpose: 'golden images' }),
    {
      ...group(`${platform}/${secondGallery.resourceGroup}`, { purpose: 'golden images, for disaster recovery' }),
      location: secondGallery.location,
    },
    group(`${platform}/${buildResourceGroup}`, { purpose: 'image builds and test VMs' }),
    ...teams.map((team) => group(teamGroup(team), { team })),
  ];
}
