import type { SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key } from '../arm';
import { condition } from '../conditions';
import { concurrencyConflict } from './errors';
import type { Resource } from './resource';
import { compute } from './section';
import { isGeneralized } from './vm-shared';

/**
 * Why something cannot be done to a VM in the state that it is in; undefined when it can. `spent`: may be done to one
 * whose disks are an image already.
 */
export function notNow(world: World, vm: Resource, action: string, spent = false): SandboxResponse | undefined {
  const state = String(vm.properties['provisioningState']);
  if (state === 'Deleting')
    return notAllowed(
      action,
      vm.name,
      'marked for deletion. You can only retry the Delete operation (or wait for an ongoing one to complete)',
    );
  if (state === 'Creating') return concurrencyConflict();
  return (
    underMaintenance(world, vm) ??
    (!spent && isGeneralized(world, vm.id) ? notAllowed(action, vm.name, 'generalized') : undefined)
  );
}

/** Azure works on the host. */
export function underMaintenance(world: World, vm: Resource): SandboxResponse | undefined {
  if (condition(world, 'maintenance', { vm: vm.id })['running'] !== true) return undefined;
  const message = `The resource '${vm.id}' cannot be updated due to ongoing platform update.`;
  return armError(409, 'ResourceUpdateBlockedOnPlatformUpdate', message);
}

/** A change of power that is under way, or any other write where the power is to change. */
export function poweringNow(world: World, vm: Resource, action: string): SandboxResponse | undefined {
  const to = compute(world).powering?.[key(vm.id)];
  if (to !== undefined) {
    const message = `There is an ongoing operation that is changing the power state of the VM '${vm.name}' to ${to}. Please perform operation '${action}' after some time.`;
    return armError(409, 'OperationNotAllowed', message);
  }
  if (vm.properties['provisioningState'] !== 'Updating') return undefined;
  return notAllowed(action, vm.name, 'in the middle of another operation');
}

export function notAllowed(action: string, name: string, state: string): SandboxResponse {
  const message = `Operation '${action}' is not allowed on VM '${name}' since the VM is ${state}.`;
  return armError(409, 'OperationNotAllowed', message);
}
