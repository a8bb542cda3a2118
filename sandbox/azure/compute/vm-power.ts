import type { Params, Route, SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key } from '../arm';
import { onCompletion } from './lro';
import { object, type Resource } from './resource';
import { compute } from './section';
import { notAllowed, notNow, poweringNow } from './vm-now';
import { vmNotFound } from './vm-routes';
import { deleteLimits, findVm, keepVm, startVmOperation, updateLimits, vmId } from './vm-shared';
import { powerOf } from './vm-view';

const path = '/subscriptions/{subscriptionId}/resourceGroups/{group}/providers/Microsoft.Compute/virtualMachines/{vm}';

const powers = { start: 'running', restart: 'running', powerOff: 'stopped', deallocate: 'deallocated' } as const;
type Action = keyof typeof powers;

export function registerPower(): void {
  onCompletion('vm.power', (world, target, { data, outcome }) => {
    const { power, resources, powering } = compute(world);
    delete powering?.[target];
    if (outcome !== 'Succeeded') return undefined;
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
  const problem =
    notNow(world, vm, action, leaves.has(action)) ?? poweringNow(world, vm, action) ?? outOfPower(world, vm, action);
  if (problem) return problem;
  const section = compute(world);
  section.powering = { ...section.powering, [key(vm.id)]: powers[action] };
  const operation = { what: 'vm.power', target: key(vm.id), afterMs: 20_000, data: { power: powers[action] } };
  const limits = action === 'deallocate' ? deleteLimits : updateLimits;
  return { status: 202, headers: { ...startVmOperation(world, request, vm, operation), ...limits } };
}

/** What a machine whose disks are an image already may still be asked. */
const leaves: ReadonlySet<Action> = new Set(['powerOff', 'deallocate']);

function outOfPower(world: World, vm: Resource, action: Action): SandboxResponse | undefined {
  const isDeallocated = powerOf(world, vm) === 'deallocated';
  if (isDeallocated && (action === 'restart' || action === 'powerOff')) {
    return notAllowed(action, vm.name, 'deallocated or marked to be deallocated');
  }
  const disk = object(object(vm.properties['storageProfile'])['osDisk']);
  if (action !== 'deallocate' || disk['diffDiskSettings'] === undefined) return undefined;
  return armError(
    409,
    'OperationNotAllowed',
    `Deallocate is not supported for VM '${vm.name}' with an ephemeral OS disk.`,
  );
}

/** Marks the VM, at once and forever: what is inside is the caller's business. */
function generalize(world: World, params: Params): SandboxResponse {
  const vm = findVm(world, vmId(params));
  if (!vm) return vmNotFound(world, params);
  const problem = notNow(world, vm, 'generalize', true);
  if (problem) return problem;
  if (powerOf(world, vm) === 'running') return notAllowed('generalize', vm.name, 'running');
  const section = compute(world);
  section.generalized = { ...section.generalized, [key(vm.id)]: true };
  return { status: 200, headers: updateLimits };
}
