import type { Params, Route, SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { key, notFound } from '../arm';
import { invalidParameter } from './errors';
import { refused } from './gallery-shared';
import type { Resource } from './resource';
import { compute } from './section';

const type = 'Microsoft.Compute/virtualMachineScaleSets';
const instanceType = `${type}/virtualMachines`;
const inGroup = `/subscriptions/{subscriptionId}/resourceGroups/{group}/providers/${type}`;

const headers = {
  'x-ms-ratelimit-remaining-resource':
    'Microsoft.Compute/GetVMScaleSetSubscriptionMaximum;2389,Microsoft.Compute/GetVMScaleSetResource;32',
};

/** Scale sets of the estate, read-only: they are not made or changed here. */
export function scaleSetRoutes(world: World): Route[] {
  const set = `${inGroup}/{set}`;
  return [
    { method: 'GET', path: set, handle: (_, params) => get(world, params) },
    { method: 'GET', path: inGroup, handle: (_, params) => list(world, params) },
    {
      method: 'GET',
      path: `/subscriptions/{subscriptionId}/providers/${type}`,
      handle: (_, params) => list(world, params),
    },
    { method: 'GET', path: `${set}/virtualMachines`, handle: (request, params) => instances(world, request, params) },
    {
      method: 'GET',
      path: `${set}/virtualMachines/{instance}`,
      handle: (_, params) => {
        const found = compute(world).resources[key(`${setId(params)}/virtualMachines/${params['instance']}`)];
        return found ? { status: 200, headers, body: shown(found) } : noInstance(world, params);
      },
    },
  ];
}

const setId = (params: Params): string =>
  `/subscriptions/${params['subscriptionId']}/resourceGroups/${params['group']}/providers/${type}/${params['set']}`;

function setNotFound(world: World, params: Params): SandboxResponse {
  return refused(world, params) ?? notFound(type, params['set'] ?? '', params['group'] ?? '');
}

function noInstance(world: World, params: Params): SandboxResponse {
  if (!compute(world).resources[key(setId(params))]) return setNotFound(world, params);
  const message = `The provided instanceId ${params['instance']} is not an active Virtual Machine Scale Set VM instanceId.`;
  return invalidParameter(message, 'instanceIds');
}

function get(world: World, params: Params): SandboxResponse {
  const set = compute(world).resources[key(setId(params))];
  return set ? { status: 200, headers, body: set } : setNotFound(world, params);
}

function list(world: World, params: Params): SandboxResponse {
  const { subscriptionId, group } = params;
  const scope = key(`/subscriptions/${subscriptionId}/${group ? `resourceGroups/${group}/` : ''}`);
  const all = Object.entries(compute(world).resources);
  const value = all.filter(([id, r]) => r.type === type && id.startsWith(scope)).map(([, r]) => r);
  return refused(world, params) ?? { status: 200, headers, body: { value } };
}

function instances(world: World, _: SandboxRequest, params: Params): SandboxResponse {
  const { resources } = compute(world);
  if (!resources[key(setId(params))]) return setNotFound(world, params);
  const prefix = `${key(setId(params))}/virtualmachines/`;
  const all = Object.entries(resources);
  const value = all.filter(([id, r]) => r.type === instanceType && id.startsWith(prefix)).map(([, r]) => shown(r));
  return { status: 200, headers, body: { value } };
}

const shown = (instance: Resource) => ({ ...instance, instanceId: instance.id.split('/').at(-1) });
