import type { Params, Route, SandboxResponse } from '../kernel/types';
import type { World } from '../kernel/world';
import { key, notFound } from './arm';
import { scopeError } from './compute/groups';
import { condition } from './conditions';
import { delegatedSubnets, knownSubnets } from './estate/shape';
import { location } from './names';

const type = 'Microsoft.Network/virtualNetworks';

/** Virtual networks, which are there: nobody makes or changes one here. */
export function networkRoutes(world: World): Route[] {
  const path = `/subscriptions/{subscriptionId}/resourceGroups/{group}/providers/${type}/{name}`;
  return [{ method: 'GET', path, handle: (_, params) => get(world, params) }];
}

function get(world: World, { subscriptionId = '', group = '', name = '' }: Params): SandboxResponse {
  const refused = scopeError(world, subscriptionId, group);
  if (refused) return refused;
  const asked = `/subscriptions/${subscriptionId}/resourceGroups/${group}/providers/${type}/${name}/subnets/`;
  const subnets = knownSubnets.filter((id) => key(id).startsWith(key(asked)));
  const [first] = subnets;
  if (first === undefined) return notFound(type, name, group);
  const id = first.replace(/\/subnets\/[^/]+$/i, '');
  return {
    status: 200,
    body: {
      id,
      name: id.split('/').at(-1) ?? '',
      type,
      location,
      properties: {
        provisioningState: 'Succeeded',
        addressSpace: { addressPrefixes: ['10.0.0.0/16'] },
        subnets: subnets.map((subnet, n) => subnetOf(world, subnet, n)),
      },
    },
  };
}

function subnetOf(world: World, id: string, n: number) {
  const policies = condition(world, 'network', { subnet: id })['privateLinkServiceNetworkPolicies'];
  const delegations = delegatedSubnets.some((known) => key(known) === key(id))
    ? [{ name: 'containers', properties: { serviceName: 'Microsoft.ContainerInstance/containerGroups' } }]
    : [];
  return {
    id,
    name: id.split('/').at(-1) ?? '',
    type: `${type}/subnets`,
    properties: {
      provisioningState: 'Succeeded',
      addressPrefix: `10.0.${n}.0/24`,
      delegations,
      // As the subnets of this Azure were made: Azure's own default is `Enabled`.
      privateLinkServiceNetworkPolicies: policies ?? 'Disabled',
      privateEndpointNetworkPolicies: 'Disabled',
    },
  };
}
