import type { Json, Params, Route, SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key } from '../arm';
import { invalidParameter } from './errors';
import { isWindows, runInGuest } from './guest-script';
import { onCompletion } from './lro';
import { type JsonObject, list, object, type Resource, text } from './resource';
import { compute } from './section';
import { insideOf } from './vm-fate';
import { notNow } from './vm-now';
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
    delete compute(world).acting?.[target];
    if (!vm || outcome !== 'Succeeded') return undefined;
    if (insideOf(world, vm).runCommand === 'silent') return { error: neverReported(vm) };
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
  const refused = notReady(world, vm, 'The operation requires the VM to be running (or set to run).');
  if (refused) return refused;
  const section = compute(world);
  if (section.acting?.[key(vm.id)]) {
    const message =
      'Run command extension execution is in progress. Please wait for completion before invoking a run command.';
    return armError(409, 'Conflict', message);
  }
  section.acting = { ...section.acting, [key(vm.id)]: true };
  const data: JsonObject = { script: list(body['script']).join('\n'), parameters: list(body['parameters']) };
  const head = startVmOperation(world, request, vm, {
    what: 'vm.runCommand',
    target: key(vm.id),
    afterMs: 15_000,
    data,
  });
  return { status: 202, headers: { ...head, ...updateLimits } };
}

/** Why nothing can run in this VM now; `unless` says what it takes in the words of whoever asks. */
export function notReady(world: World, vm: Resource, unless: string): SandboxResponse | undefined {
  const problem = notNow(world, vm, 'run command', true);
  if (problem) return problem;
  if (powerOf(world, vm) !== 'running') return armError(409, 'OperationNotAllowed', unless);
  if (insideOf(world, vm).agent !== 'silent') return undefined;
  const message = `VM '${vm.name}' has not reported status for VM agent or extensions. Verify that the OS is up and healthy, the VM has a running VM agent, and that it can establish outbound connections to Azure storage.`;
  return armError(409, 'VMAgentStatusCommunicationError', message);
}

function neverReported({ name }: Resource) {
  const message = `The VM agent on VM '${name}' has not reported the latest status for the extension 'RunCommandLinux'.`;
  return { code: 'VMExtensionProvisioningTimeout', message };
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
