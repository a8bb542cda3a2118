import type { Params, Route, SandboxRequest, SandboxResponse } from '../kernel/types';
import type { World } from '../kernel/world';
import { armError, key, notFound } from './arm';
import { scopeError } from './compute/groups';
import { regionName } from './compute/regions';
import { type JsonObject, list, object, text } from './compute/resource';
import { condition } from './conditions';
import { delegatedSubnets, knownSubnets } from './estate/shape';
import { location } from './names';

const type = 'Microsoft.Network/virtualNetworks';

interface Network {
  readonly id: string;
  readonly location: string;
  readonly tags: JsonObject;
  readonly addressPrefixes: readonly string[];
  /** As they were put. */
  readonly subnets: readonly { readonly name: string; readonly properties: JsonObject }[];
}

interface NetworksSection {
  /** By lower-case id. */
  made: Record<string, Network>;
}

const networks = (world: World): Record<string, Network> =>
  world.section<NetworksSection>('networks', () => ({ made: world.isEmpty ? {} : ofStory() })).made;

/** The networks of the estate. As their subnets were made: Azure's own default is `Enabled`. */
function ofStory(): Record<string, Network> {
  const ids = [...new Set(knownSubnets.map((id) => id.replace(/\/subnets\/[^/]+$/i, '')))];
  const made = ids.map((id): Network => {
    const subnets = knownSubnets.filter((subnet) => subnet.startsWith(`${id}/`));
    const all = subnets.map((subnet, n) => ({
      name: subnet.split('/').at(-1) ?? '',
      properties: {
        addressPrefix: `10.0.${n}.0/24`,
        privateLinkServiceNetworkPolicies: 'Disabled',
        delegations: delegatedSubnets.includes(subnet)
          ? [{ name: 'containers', properties: { serviceName: containerGroups } }]
          : [],
      },
    }));
    return { id, location, tags: {}, addressPrefixes: ['10.0.0.0/16'], subnets: all };
  });
  return Object.fromEntries(made.map((one) => [key(one.id), one]));
}

const containerGroups = 'Microsoft.ContainerInstance/containerGroups';

/** A subnet by its id; undefined when there is none. */
function subnetNamed(world: World, id: string): Network['subnets'][number] | undefined {
  const [, network = '', name = ''] = /^(.*)\/subnets\/([^/]+)$/i.exec(id) ?? [];
  return networks(world)[key(network)]?.subnets.find((one) => key(one.name) === key(name));
}

export const hasSubnet = (world: World, id: string): boolean => subnetNamed(world, id) !== undefined;

/** Whether container instances may be put into a subnet. */
export function takesContainers(world: World, id: string): boolean {
  const delegations = list(subnetNamed(world, id)?.properties['delegations']).map((one) => object(one)['properties']);
  return delegations.some((one) => key(text(object(one)['serviceName']) ?? '') === key(containerGroups));
}

/** Whether a subnet's policies keep private link services out: Azure's default for what nobody has set. */
export function refusesPrivateLinks(world: World, id: string): boolean {
  const made = text(subnetNamed(world, id)?.properties['privateLinkServiceNetworkPolicies']) ?? 'Enabled';
  return (condition(world, 'network', { subnet: id })['privateLinkServiceNetworkPolicies'] ?? made) === 'Enabled';
}

/** Virtual networks with their subnets in one body; nobody deletes one here. */
export function networkRoutes(world: World): Route[] {
  const path = `/subscriptions/{subscriptionId}/resourceGroups/{group}/providers/${type}/{name}`;
  return [
    { method: 'GET', path, handle: (_, params) => get(world, params) },
    { method: 'PUT', path, handle: (request, params) => put(world, request, params) },
  ];
}

const idOf = ({ subscriptionId, group, name }: Params): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/${group}/providers/${type}/${name}`;

function get(world: World, params: Params): SandboxResponse {
  const refused = scopeError(world, params['subscriptionId'] ?? '', params['group']);
  if (refused) return refused;
  const found = networks(world)[key(idOf(params))];
  return found
    ? { status: 200, body: view(world, found) }
    : notFound(type, params['name'] ?? '', params['group'] ?? '');
}

function put(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const refused = scopeError(world, params['subscriptionId'] ?? '', params['group']);
  if (refused) return refused;
  const body = object(request.body);
  const properties = object(body['properties']);
  const where = text(body['location']);
  if (where === undefined) {
    return armError(400, 'LocationRequired', 'The location property is required for this definition.');
  }
  const addressPrefixes = list(object(properties['addressSpace'])['addressPrefixes']).map(String);
  if (addressPrefixes.length === 0) {
    const message = 'The address space of a virtual network must have at least one address prefix.';
    return armError(400, 'InvalidRequestFormat', message);
  }
  const subnets = list(properties['subnets']).map((one) => ({
    name: text(object(one)['name']) ?? '',
    properties: object(object(one)['properties']),
  }));
  const all = networks(world);
  const before = all[key(idOf(params))];
  const made = { id: before?.id ?? idOf(params), location: regionName(where), tags: object(body['tags']) };
  all[key(made.id)] = { ...made, addressPrefixes, subnets };
  return { ...get(world, params), status: before ? 200 : 201 };
}

function view(world: World, { id, location: where, tags, addressPrefixes, subnets }: Network): JsonObject {
  return {
    id,
    name: id.split('/').at(-1) ?? '',
    type,
    location: where,
    ...(Object.keys(tags).length > 0 && { tags }),
    properties: {
      provisioningState: 'Succeeded',
      addressSpace: { addressPrefixes: [...addressPrefixes] },
      subnets: subnets.map(({ name, properties }) => subnetView(world, `${id}/subnets/${name}`, { name, properties })),
    },
  };
}

function subnetView(world: World, id: string, { name, properties }: Network['subnets'][number]): JsonObject {
  return {
    id,
    name,
    type: `${type}/subnets`,
    properties: {
      ...properties,
      provisioningState: 'Succeeded',
      delegations: list(properties['delegations']),
      privateLinkServiceNetworkPolicies: refusesPrivateLinks(world, id) ? 'Enabled' : 'Disabled',
      privateEndpointNetworkPolicies: properties['privateEndpointNetworkPolicies'] ?? 'Disabled',
    },
  };
}
