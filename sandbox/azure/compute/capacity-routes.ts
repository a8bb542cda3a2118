import type { Json, Params, Route, SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError } from '../arm';
import { condition } from '../conditions';
import { scopeError } from './groups';
import { coreUse, spotFamily } from './quotas';
import { regionDisplayName, regionName } from './regions';
import { type VmSize, vmSize, vmSizeNames } from './vm-sizes';

/** What a subscription may still have of Microsoft.Compute in a region, and which sizes of machines. */
export function capacityRoutes(world: World): Route[] {
  const under = '/subscriptions/{subscriptionId}/providers/Microsoft.Compute';
  return [
    { method: 'GET', path: `${under}/locations/{location}/usages`, handle: (_, params) => usages(world, params) },
    { method: 'GET', path: `${under}/skus`, handle: (request, params) => skus(world, request, params) },
  ];
}

/** Nobody has recorded these two: they count as other cheap reads do. */
const headers = { 'x-ms-ratelimit-remaining-resource': 'Microsoft.Compute/LowCostGetSubscriptionMaximum;23996' };

const families = (): string[] => [...new Set(vmSizeNames().map((name) => vmSize(name)?.quota ?? ''))].sort();

function usages(world: World, { subscriptionId = '', location = '' }: Params): SandboxResponse {
  const refused = scopeError(world, subscriptionId) ?? noLocation(location);
  if (refused) return refused;
  const counted = (value: string, localizedValue: string, family?: string) => {
    const { limit, used } = coreUse(world, {
      subscriptionId,
      location: regionName(location),
      ...(family && { family }),
    });
    return { limit, unit: 'Count', currentValue: used, name: { value, localizedValue } };
  };
  const value = [
    counted('cores', 'Total Regional vCPUs'),
    ...families().map((family) => counted(family, `${family} vCPUs`, family)),
    counted(spotFamily, 'Total Regional Low-priority vCPUs', spotFamily),
  ];
  return { status: 200, headers, body: { value } };
}

function noLocation(location: string): SandboxResponse | undefined {
  if (regionDisplayName(location) !== undefined) return undefined;
  return armError(
    400,
    'NoRegisteredProviderFound',
    `No registered resource provider found for location '${location}'.`,
  );
}

/** Documented: the location is the one thing that can be asked for. */
const locationFilter = /^location eq '([^']+)'$/i;

function skus(world: World, { url }: SandboxRequest, { subscriptionId = '' }: Params): SandboxResponse {
  const filter = url.searchParams.get('$filter');
  const location = filter === null ? undefined : locationFilter.exec(filter.trim())?.[1];
  if (filter !== null && location === undefined) {
    return armError(400, 'InvalidParameter', `The filter '${filter}' is not supported. Filter by location alone.`);
  }
  const where = location === undefined ? 'westeurope' : regionName(location);
  const value = vmSizeNames().flatMap((name) => {
    const size = vmSize(name);
    return size ? [sku(world, size, where)] : [];
  });
  return scopeError(world, subscriptionId) ?? { status: 200, headers, body: { value } };
}

function sku(world: World, size: VmSize, location: string): Json {
  const closed = condition(world, 'sizes', { location, size: size.name.toLowerCase() })['offered'] === false;
  const capability = (name: string, value: string) => ({ name, value });
  return {
    resourceType: 'virtualMachines',
    name: size.name,
    tier: 'Standard',
    size: size.name.replace(/^Standard_/, ''),
    family: size.quota,
    locations: [location],
    locationInfo: [{ location, zones: ['1', '2', '3'] }],
    capabilities: [
      capability('vCPUs', String(size.cores)),
      capability('HyperVGenerations', size.generations.join(',')),
      capability('CpuArchitectureType', size.architecture),
    ],
    restrictions: closed
      ? [
          {
            type: 'Location',
            values: [location],
            restrictionInfo: { locations: [location] },
            reasonCode: 'NotAvailableForSubscription',
          },
        ]
      : [],
  };
}
