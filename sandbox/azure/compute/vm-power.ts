import type { Params, Route, SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key } from '../arm';
import { concurrencyConflict } from './errors';
import { onCompletion } from './lro';
import type { Resource } from './resource';
import { compute } from './section';
import { vmNotFound } from './vm-routes';
import { deleteLimits, findVm, isGeneralized, keepVm, startVmOperation, updateLimits, vmId } from './vm-shared';
import { powerOf } from './vm-view';

const path = '/subscriptions/{subscriptionId}/resourceGroups/{group}/providers/Microsoft.Compute/virtualMachines/{vm}';

const powers = { start: 'running', restart: 'running', powerOff: 'stopped', deallocate: 'deallocated' } as const;
type Action = keyof typeof powers;

export function registerPower(): void {
  onCompletion('vm.power', (world, target, { data, outcome }) => {
    if (outcome !== 'Succeeded') return undefined;
    const { power, resources } = compute(world);
    if (!resources[target]) return undefined;
    if (data['power'] === 'running') delete power[target];
    else power[target] = data['power'] as 'stopped' | 'deallocated';
    return undefined;
  });
}

/** Starting, stopping, deallocating and generalizing VMs. */
export function vmPowerRoutes(world: World): Route[] {
  return [
    ...Object.keys(powers).map(
      (action): Route => ({
        method: 'POST',
        path: `${path}/${action}`,
        handle: (request, params) => power(world, request, params, action as Action),
      }),
    ),
    { method: 'POST', path: `${path}/generalize`, handle: (_, params) => generalize(world, params) },
  ];
}

function power(world: World, request: SandboxRequest, params: Params, action: Action): SandboxResponse {
  const vm = keepVm(world, vmId(params));
  if (!vm) return vmNotFound(world, params);
  if (isBusy(vm)) return concurrencyConflict();
  if ((action === 'start' || action === 'restart') && isGeneralized(world, vm.id)) {
    return notAllowed(action, vm.name, 'generalized');
  }
  const operation = { what: 'vm.power', target: key(vm.id), afterMs: 20_000, data: { power: powers[action] } };
  const limits = action === 'deallocate' ? deleteLimits : updateLimits;
  return { status: 202, headers: { ...startVmOperation(world, request, vm, operation), ...limits } };
}

const isBusy = (vm: Resource): boolean => ['Creating', 'Deleting'].includes(String(vm.properties['provisioningState']));

function notAllowed(action: string, name: string, state: string): SandboxResponse {
  const message = `Operation '${action}' is not allowed on VM '${name}' since the VM is ${state}.`;
  return armError(409, 'OperationNotAllowed', message);
}

/** Marks the VM, at once and forever: what is inside is the caller's business. */
function generalize(world: World, params: Params): SandboxResponse {
  const vm = findVm(world, vmId(params));
  if (!vm) return vmNotFound(world, params);
  if (isBusy(vm)) return concurrencyConflict();
  if (powerOf(world, vm) === 'running') return notAllowed('generalize', vm.name, 'running');
  const section = compute(world);
  section.generalized = { ...section.generalized, [key(vm.id)]: true };
  return { status: 200, headers: updateLimits };
}
