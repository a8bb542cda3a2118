import type { Params, Route, SandboxRequest, SandboxResponse } from '../../../kernel/types';
import type { World } from '../../../kernel/world';
import { key } from '../../arm';
import { refused } from '../gallery-shared';
import { type JsonObject, object, type Resource } from '../resource';
import { compute } from '../section';
import { instanceView, powerOf, powerStatus } from '../vm-view';
import { healthStatus } from './health';
import {
  findSet,
  instanceIdOf,
  instancesOf,
  isFlexible,
  noInstance,
  onSet,
  readHeaders,
  setId,
  setNotFound,
  setPath,
  setsInGroup,
  setType,
} from './sets';

const headers = readHeaders;

/** What is asked about scale sets and their instances. */
export function readRoutes(world: World): Route[] {
  const instance = `${setPath}/virtualMachines/{instance}`;
  return [
    { method: 'GET', path: setPath, handle: onSet(world, (set) => shownSet(set)) },
    { method: 'GET', path: `${setPath}/instanceView`, handle: onSet(world, (set) => viewOfSet(world, set)) },
    { method: 'GET', path: setsInGroup, handle: (_, params) => listed(world, params) },
    {
      method: 'GET',
      path: `/subscriptions/{subscriptionId}/providers/${setType}`,
      handle: (_, params) => listed(world, params),
    },
    { method: 'GET', path: `${setPath}/virtualMachines`, handle: onSet(world, (set) => instances(world, set)) },
    {
      method: 'GET',
      path: instance,
      handle: onInstance(world, (set, found) => ({ status: 200, headers, body: shownInstance(world, set, found) })),
    },
    {
      method: 'GET',
      path: `${instance}/instanceView`,
      handle: onInstance(world, (set, found) => ({ status: 200, headers, body: viewOf(world, set, found) })),
    },
  ];
}

/** Does something with the instance of an address; those of flexible sets are asked for as virtual machines. */
export function onInstance(
  world: World,
  act: (set: Resource, instance: Resource, request: SandboxRequest) => SandboxResponse,
): (request: SandboxRequest, params: Params) => SandboxResponse {
  return (request, params) => {
    const set = findSet(world, setId(params));
    if (!set) return setNotFound(world, params);
    const found = compute(world).resources[key(`${set.id}/virtualMachines/${params['instance']}`)];
    return found ? act(set, found, request) : noInstance(params['instance'] ?? '');
  };
}

const shownSet = (set: Resource): SandboxResponse => ({
  status: 200,
  headers: { ...headers, ...(set.etag && { etag: set.etag }) },
  body: set,
});

function listed(world: World, params: Params): SandboxResponse {
  const { subscriptionId, group } = params;
  const scope = key(`/subscriptions/${subscriptionId}/${group ? `resourceGroups/${group}/` : ''}`);
  const all = Object.entries(compute(world).resources);
  const value = all.filter(([id, r]) => r.type === setType && id.startsWith(scope)).map(([, r]) => r);
  return refused(world, params) ?? { status: 200, headers, body: { value } };
}

function instances(world: World, set: Resource): SandboxResponse {
  const all = isFlexible(set) ? [] : instancesOf(world, set);
  return { status: 200, headers, body: { value: all.map((instance) => shownInstance(world, set, instance)) } };
}

/** An instance as it is shown, always with its view. */
export function shownInstance(world: World, set: Resource, instance: Resource) {
  const properties = { ...instance.properties, instanceView: viewOf(world, set, instance) };
  return { ...instance, instanceId: instanceIdOf(instance), properties };
}

function viewOf(world: World, set: Resource, instance: Resource): JsonObject {
  if (isFlexible(set)) return { ...instanceView(world, instance), ...healthStatus(world, set, instance) };
  return {
    statuses: [provisioning(instance), powerStatus(powerOf(world, instance))],
    ...healthStatus(world, set, instance),
  };
}

function provisioning({ properties }: Resource): JsonObject {
  const state = String(properties['provisioningState']).toLowerCase();
  const level = state === 'failed' ? 'Error' : 'Info';
  return { code: `ProvisioningState/${state}`, level, displayStatus: `Provisioning ${state}` };
}

/** How many instances are in which state. */
function viewOfSet(world: World, set: Resource): SandboxResponse {
  const codes = instancesOf(world, set).map((instance) => String(provisioning(instance)['code']));
  const statusesSummary = [...new Set(codes)].map((code) => ({ code, count: codes.filter((c) => c === code).length }));
  const state = provisioning(set);
  const time = String(object(set.properties)['timeCreated'] ?? world.clock.now().toISOString());
  const body = { virtualMachine: { statusesSummary }, statuses: [{ ...state, time }] };
  return { status: 200, headers, body };
}
