import { tenantId } from '../../entra/people';
import type { Params, Route, SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key } from '../arm';
import { condition } from '../conditions';
import { resourceGroups, scopeError, subscriptionIds } from './groups';
import { knownRegions, regionDisplayName, regionName } from './regions';
import { object, type ResourceGroup, text } from './resource';
import { compute } from './section';

/** Subscriptions, which are there, and resource groups, which can be made and deleted. */
export function groupRoutes(world: World): Route[] {
  const all = '/subscriptions/{subscriptionId}/resourcegroups';
  const subscription = (id: string) => ({
    id: `/subscriptions/${id}`,
    subscriptionId: id,
    tenantId,
    displayName: `contoso-${id.slice(-4)}`,
    state: condition(world, 'subscriptions', { subscription: id })['state'] ?? 'Enabled',
  });
  return [
    { method: 'PUT', path: `${all}/{group}`, handle: (request, params) => put(world, request, params) },
    { method: 'DELETE', path: `${all}/{group}`, handle: (request, params) => remove(world, request, params) },
    {
      method: 'GET',
      path: '/subscriptions/{subscriptionId}/operationresults/{group}',
      handle: (request, params) => {
        const going = resourceGroups(world)[groupId(params)];
        return going ? { status: 202, headers: { location: request.url.href, 'retry-after': '15' } } : { status: 200 };
      },
    },
    {
      method: 'GET',
      path: '/subscriptions/{subscriptionId}/locations',
      handle: (_, params) => locations(world, params['subscriptionId'] ?? ''),
    },
    { method: 'GET', path: all, handle: (request, params) => list(world, request, params) },
    { method: 'GET', path: `${all}/{group}`, handle: (_, params) => get(world, params) },
    {
      method: 'GET',
      path: `${all}/{group}/resources`,
      handle: (request, params) => resources(world, request, params),
    },
    {
      method: 'GET',
      path: '/subscriptions',
      handle: () => ({ status: 200, body: { value: subscriptionIds(world).map(subscription) } }),
    },
    {
      method: 'GET',
      path: '/subscriptions/{subscriptionId}',
      handle: (_, params) =>
        scopeError(world, params['subscriptionId'] ?? '') ?? {
          status: 200,
          body: subscription((params['subscriptionId'] ?? '').toLowerCase()),
        },
    },
  ];
}

const groupId = (params: Params): string =>
  key(`/subscriptions/${params['subscriptionId']}/resourceGroups/${params['group']}`);

function locations(world: World, subscriptionId: string): SandboxResponse {
  const value = knownRegions().map((name) => ({
    id: `/subscriptions/${subscriptionId}/locations/${name}`,
    name,
    type: 'Region',
    displayName: regionDisplayName(name),
    regionalDisplayName: regionDisplayName(name),
    metadata: { regionType: 'Physical', regionCategory: 'Recommended' },
  }));
  return scopeError(world, subscriptionId) ?? { status: 200, body: { value } };
}

function put(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const { subscriptionId = '', group: name = '' } = params;
  const body = object(request.body);
  const location = text(body['location']);
  const problem = scopeError(world, subscriptionId);
  if (problem) return problem;
  const groups = resourceGroups(world);
  const before = groups[groupId(params)];
  if (!location) return armError(400, 'LocationRequired', 'The location property is required for this definition.');
  if (before && regionName(before.location) !== regionName(location)) {
    const message = `Invalid resource group location '${location}'. The Resource group already exists in location '${before.location}'.`;
    return armError(409, 'InvalidResourceGroupLocation', message);
  }
  const tags = object(body['tags']) as Record<string, string>;
  const id = before?.id ?? `/subscriptions/${subscriptionId}/resourceGroups/${name}`;
  const group: ResourceGroup = {
    id,
    name: before?.name ?? name,
    type: 'Microsoft.Resources/resourceGroups',
    location: regionName(location),
    tags,
    properties: { provisioningState: 'Succeeded' },
  };
  groups[key(id)] = group;
  return { status: before ? 200 : 201, body: group };
}

/** World time until a group is gone with everything that is in it. */
const deletionMs = 5 * 60_000;

function remove(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const group = resourceGroups(world)[groupId(params)];
  if (!group) return get(world, params);
  group.properties.provisioningState = 'Deleting';
  world.schedule(world.clock.nowMs() + deletionMs, 'resources.group', { id: key(group.id) });
  const { subscriptionId, group: name } = params;
  const version = request.url.searchParams.get('api-version') ?? '';
  const location = `https://management.azure.com/subscriptions/${subscriptionId}/operationresults/${name}?api-version=${version}`;
  return { status: 202, headers: { location, 'retry-after': '15' } };
}

export function registerGroups(world: World): void {
  world.on<{ id: string }>('resources.group', ({ id }) => {
    delete resourceGroups(world)[id];
    const { resources } = compute(world);
    for (const resource of Object.keys(resources)) if (resource.startsWith(`${id}/`)) delete resources[resource];
  });
}

function get(world: World, params: Params): SandboxResponse {
  const id = `/subscriptions/${params['subscriptionId']}/resourceGroups/${params['group']}`.toLowerCase();
  const found = resourceGroups(world)[id];
  if (found) return { status: 200, body: found };
  const message = `Resource group '${params['group']}' could not be found.`;
  return scopeError(world, params['subscriptionId'] ?? '') ?? armError(404, 'ResourceGroupNotFound', message);
}

/** What is in a group, as ARM tells it of every type. `$top` is understood, and no other question. */
function resources(world: World, { url }: SandboxRequest, params: Params): SandboxResponse {
  const group = get(world, params);
  if (group.status !== 200) return group;
  const within = `${groupId(params)}/`;
  const value = Object.entries(compute(world).resources)
    .filter(([id]) => id.startsWith(within))
    .map(([, { id, name, type, location, tags }]) => ({ id, name, type, location, ...(tags && { tags }) }));
  const top = Number(url.searchParams.get('$top') ?? value.length);
  return { status: 200, body: { value: value.slice(0, top) } };
}

/** Documented: groups can be asked for by one tag and its value. */
const byTag = /^tagName eq '([^']*)' and tagValue eq '([^']*)'$/i;

function list(world: World, { url }: SandboxRequest, params: Params): SandboxResponse {
  const filter = url.searchParams.get('$filter');
  const [, tag, wanted] = byTag.exec(filter ?? '') ?? [];
  if (filter !== null && tag === undefined) {
    return armError(400, 'InvalidFilterInQueryString', `Invalid $filter '${filter}' specified in the query string.`);
  }
  const scope = `/subscriptions/${params['subscriptionId']}/`.toLowerCase();
  const value = Object.entries(resourceGroups(world))
    .filter(([id, { tags }]) => id.startsWith(scope) && (tag === undefined || tags[tag] === wanted))
    .map(([, g]) => g);
  return scopeError(world, params['subscriptionId'] ?? '') ?? { status: 200, body: { value } };
}
