import { copyOf } from '../../kernel/copy';
import type { Params, SandboxRequest } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { key } from '../arm';
import { syntheticVm } from '../estate/synthetic';
import { startLro } from './lro';
import type { JsonObject, Resource } from './resource';
import { compute } from './section';

export const vmType = 'Microsoft.Compute/virtualMachines';

export const vmId = (params: Params): string =>
  `/subscriptions/${params['subscriptionId']}/resourceGroups/${params['group']}/providers/${vmType}/${params['vm']}`;

/** A live VM; one of a synthetic estate is computed, and kept once it is touched. */
export function findVm(world: World, id: string): Resource | undefined {
  const section = compute(world);
  const live = section.resources[key(id)];
  if (live || !section.seed || section.gone[key(id)]) return live;
  return syntheticVm(section.seed, id);
}

/** Like `findVm`, for a caller that is going to change it. */
export function keepVm(world: World, id: string): Resource | undefined {
  const vm = findVm(world, id);
  if (!vm) return undefined;
  const { resources } = compute(world);
  resources[key(id)] ??= copyOf(vm);
  return resources[key(id)];
}

/** Marked as generalized: its disks can become an image, and it can never start again. */
export const isGeneralized = (world: World, id: string): boolean => compute(world).generalized?.[key(id)] === true;

interface VmOperation {
  readonly what: string;
  readonly target: string;
  readonly afterMs: number;
  readonly data?: JsonObject;
}

export function startVmOperation(
  world: World,
  request: SandboxRequest,
  vm: Resource,
  { afterMs, ...operation }: VmOperation,
): Record<string, string> {
  return startLro(world, request, {
    subscriptionId: vm.id.split('/')[2] ?? '',
    location: vm.location,
    style: 'operations',
    endsAtMs: world.clock.nowMs() + afterMs,
    ...operation,
  });
}

export const updateLimits = {
  'x-ms-ratelimit-remaining-resource':
    'Microsoft.Compute/UpdateVMSubscriptionMaximum;1499,Microsoft.Compute/UpdateVMResource;11',
};

/** Deleting and deallocating share one budget. */
export const deleteLimits = {
  'x-ms-ratelimit-remaining-resource':
    'Microsoft.Compute/DeleteVMSubscriptionMaximum;1499,Microsoft.Compute/DeleteVMResource;11',
};

export const readLimits = {
  'x-ms-ratelimit-remaining-resource':
    'Microsoft.Compute/LowCostGetSubscriptionMaximum;23996,Microsoft.Compute/LowCostGetResource;32',
};
