import type { Params, Route, SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { key, notFound } from '../arm';
import { syntheticVmsIn } from '../estate/synthetic';
import { refused } from './gallery-shared';
import type { Resource } from './resource';
import { compute } from './section';
import { withoutUserData } from './vm-kept';
import { findVm, readLimits, vmId, vmType } from './vm-shared';
import { instanceView, vmView } from './vm-view';
import { deleteVm, patchVm, putVm } from './vms';

const inGroup = '/subscriptions/{subscriptionId}/resourceGroups/{group}/providers/Microsoft.Compute/virtualMachines';
const path = `${inGroup}/{vm}`;
const pageSize = 1_000;

export function vmNotFound(world: World, params: Params): SandboxResponse {
  return refused(world, params) ?? notFound(vmType, params['vm'] ?? '', params['group'] ?? '');
}

export function vmRoutes(world: World): Route[] {
  return [
    { method: 'GET', path, handle: (request, params) => get(world, request, params) },
    { method: 'PUT', path, handle: (request, params) => putVm(world, request, params) },
    {
      method: 'PATCH',
      path,
      handle: (request, params) => patchVm(world, request, params) ?? vmNotFound(world, params),
    },
    { method: 'DELETE', path, handle: (request, params) => deleteVm(world, request, params) },
    {
      method: 'GET',
      path: `${path}/instanceView`,
      handle: (_, params) => {
        const vm = findVm(world, vmId(params));
        return vm ? { status: 200, headers: readLimits, body: instanceView(world, vm) } : vmNotFound(world, params);
      },
    },
    { method: 'GET', path: inGroup, handle: (request, params) => list(world, request, params) },
    {
      method: 'GET',
      path: '/subscriptions/{subscriptionId}/providers/Microsoft.Compute/virtualMachines',
      handle: (request, params) => list(world, request, params),
    },
  ];
}

function get(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const vm = findVm(world, vmId(params));
  if (!vm) return vmNotFound(world, params);
  const expand = request.url.searchParams.get('$expand')?.toLowerCase();
  const shown = expand === 'userdata' ? vmView(world, vm) : withoutUserData(vmView(world, vm));
  if (expand !== 'instanceview') {
    return { status: 200, headers: { ...readLimits, ...(vm.etag && { etag: vm.etag }) }, body: shown };
  }
  const properties = { ...shown.properties, instanceView: instanceView(world, vm) };
  return { status: 200, headers: readLimits, body: { ...shown, properties } };
}

/** Pages of 1,000 in the order of creation; the skip token is a count. */
function list(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const error = refused(world, params);
  if (error) return error;
  const { subscriptionId, group } = params;
  const scope = key(`/subscriptions/${subscriptionId}/${group ? `resourceGroups/${group}/` : ''}`);
  const from = Number(request.url.searchParams.get('$skiptoken') ?? 0);
  const page: Resource[] = [];
  let n = 0;
  for (const vm of vmsUnder(world, scope)) {
    if (n >= from && n < from + pageSize) page.push(withoutUserData(vmView(world, vm)));
    n += 1;
    if (n > from + pageSize) break;
  }
  const next = new URL(request.url);
  next.searchParams.set('$skiptoken', String(from + pageSize));
  const body = { value: page, ...(n > from + pageSize && { nextLink: next.href }) };
  return { status: 200, headers: readLimits, body };
}

function* vmsUnder(world: World, scope: string): Generator<Resource> {
  const section = compute(world);
  for (const [id, resource] of Object.entries(section.resources)) {
    if (resource.type === vmType && id.startsWith(scope)) yield resource;
  }
  if (!section.seed) return;
  for (const vm of syntheticVmsIn(section.seed, scope)) {
    if (!section.resources[key(vm.id)] && !section.gone[key(vm.id)]) yield vm;
  }
}
