import type { Json, Params, Route, SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key } from '../arm';
import { concurrencyConflict, invalidParameter } from './errors';
import { isWindows, runInGuest } from './guest-script';
import { onCompletion } from './lro';
import { type JsonObject, list, object, type Resource, text } from './resource';
import { vmNotFound } from './vm-routes';
import { findVm, startVmOperation, updateLimits, vmId } from './vm-shared';
import { powerOf } from './vm-view';

/** The run command action: one script at a time, its outputs in one message. */
export function runCommandRoutes(world: World): Route[] {
  const path =
    '/subscriptions/{subscriptionId}/resourceGroups/{group}/providers/Microsoft.Compute/virtualMachines/{vm}/runCommand';
  return [{ method: 'POST', path, handle: (request, params) => start(world, request, params) }];
}

export function registerRunCommand(): void {
  onCompletion('vm.runCommand', (world, target, { data, outcome, atMs }) => {
    const vm = findVm(world, target);
    if (!vm || outcome !== 'Succeeded') return undefined;
    const parameters = list(data['parameters']).map(object).map(parameter);
    const ran = runInGuest(world, vm, { script: String(data['script']), parameters, atMs });
    return { result: { value: isWindows(vm) ? windowsMessages(ran) : [linuxMessage(ran)] } };
  });
}

function start(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const vm = findVm(world, vmId(params));
  if (!vm) return vmNotFound(world, params);
  const body = object(request.body);
  const command = text(body['commandId']);
  const wanted = isWindows(vm) ? 'RunPowerShellScript' : 'RunShellScript';
  if (command?.toLowerCase() !== wanted.toLowerCase()) {
    return invalidParameter(
      `The value '${command ?? ''}' of parameter commandId is not valid for this VM. Use ${wanted}.`,
      'commandId',
    );
  }
  const refused = notReady(world, vm);
  if (refused) return refused;
  const data: JsonObject = { script: list(body['script']).join('\n'), parameters: list(body['parameters']) };
  const head = startVmOperation(world, request, vm, {
    what: 'vm.runCommand',
    target: key(vm.id),
    afterMs: 15_000,
    data,
  });
  return { status: 202, headers: { ...head, ...updateLimits } };
}

/** Why nothing can run in this VM now. */
export function notReady(world: World, vm: Resource): SandboxResponse | undefined {
  const state = String(vm.properties['provisioningState']);
  if (state === 'Creating' || state === 'Deleting') return concurrencyConflict();
  if (powerOf(world, vm) === 'running') return undefined;
  return armError(409, 'OperationNotAllowed', 'Cannot modify extensions in the VM when the VM is not running.');
}

export function parameter(given: JsonObject): { name?: string; value: string } {
  const name = text(given['name']);
  return { ...(name && { name }), value: text(given['value']) ?? '' };
}

function linuxMessage({ exitCode, output, error }: { exitCode: number; output: string; error: string }): Json {
  const head =
    exitCode === 0
      ? 'Enable succeeded: '
      : `Enable failed: failed to execute command: command terminated with exit status=${exitCode}`;
  return {
    code: exitCode === 0 ? 'ProvisioningState/succeeded' : `ProvisioningState/failed/${exitCode}`,
    level: exitCode === 0 ? 'Info' : 'Error',
    displayStatus: exitCode === 0 ? 'Provisioning succeeded' : 'Provisioning failed',
    message: `${head}\n[stdout]\n${output}\n[stderr]\n${error}`,
  };
}

function windowsMessages({ output, error }: { output: string; error: string }): Json {
  const message = (stream: string, said: string): Json => ({
    code: `ComponentStatus/${stream}/succeeded`,
    level: 'Info',
    displayStatus: 'Provisioning succeeded',
    message: said,
  });
  return [message('StdOut', output), message('StdErr', error)];
}
