import type { Params, Route, SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key, notFound } from '../arm';
import { concurrencyConflict, missingParameter, nestedParentNotFound } from './errors';
import { refused } from './gallery-shared';
import { isWindows, runInGuest } from './guest-script';
import { onCompletion } from './lro';
import { regionName } from './regions';
import { type JsonObject, list, object, type Resource, text } from './resource';
import { notReady, parameter } from './run-command-action';
import { compute } from './section';
import { findVm, readLimits, startVmOperation, updateLimits, vmId } from './vm-shared';
import { vmSize } from './vm-sizes';
import { powerOf } from './vm-view';

const type = 'Microsoft.Compute/virtualMachines/runCommands';
const all =
  '/subscriptions/{subscriptionId}/resourceGroups/{group}/providers/Microsoft.Compute/virtualMachines/{vm}/runCommands';

const commandId = (params: Params): string => `${vmId(params)}/runCommands/${params['command']}`;

/** Managed run commands: resources of their VM whose result is in the instance view. */
export function managedRunCommandRoutes(world: World): Route[] {
  const path = `${all}/{command}`;
  return [
    { method: 'PUT', path, handle: (request, params) => put(world, request, params) },
    { method: 'PATCH', path, handle: (request, params) => patch(world, request, params) },
    { method: 'GET', path, handle: (request, params) => get(world, request, params) },
    { method: 'DELETE', path, handle: (request, params) => remove(world, request, params) },
    { method: 'GET', path: all, handle: (request, params) => listAll(world, request, params) },
  ];
}

export function registerManagedRunCommands(world: World): void {
  onCompletion('command.run', (w, target, { outcome, atMs }) => {
    const command = compute(w).resources[target];
    if (!command) return undefined;
    if (outcome !== 'Succeeded') {
      command.properties['provisioningState'] = outcome;
      return undefined;
    }
    const unable = unsupported(w, command);
    if (unable) {
      command.properties['provisioningState'] = 'Failed';
      return { error: unable };
    }
    command.properties['provisioningState'] = 'Succeeded';
    if (command.properties['asyncExecution'] === true) {
      compute(w).commandViews[target] = pending(atMs);
      w.schedule(atMs + scriptMs, 'compute.script', { target });
      return undefined;
    }
    return execute(w, command, atMs);
  });
  onCompletion('command.delete', (w, target, { outcome }) => {
    if (outcome !== 'Succeeded') return undefined;
    delete compute(w).resources[target];
    delete compute(w).commandViews[target];
    return undefined;
  });
  world.on<{ target: string }>('compute.script', ({ target }, atMs) => {
    const command = compute(world).resources[target];
    if (command) execute(world, command, atMs);
  });
}

/** Managed run commands do not work on Linux machines with Arm processors. */
function unsupported(world: World, command: Resource) {
  const vm = findVm(world, command.id.replace(/\/runCommands\/[^/]+$/i, ''));
  const size = vmSize(String(object(vm?.properties['hardwareProfile'])['vmSize']));
  if (!vm || size?.architecture !== 'Arm64' || isWindows(vm)) return undefined;
  const message = `The handler of '${command.name}' does not support the CPU architecture 'Arm64' of VM '${vm.name}'.`;
  return { code: 'VMExtensionHandlerNotSupported', message };
}

/** World time of a script that the VM runs on its own. */
const scriptMs = 10_000;

const pending = (atMs: number): JsonObject => ({
  executionState: 'Running',
  executionMessage: '',
  output: '',
  error: '',
  startTime: new Date(atMs).toISOString(),
});

/** There is nothing to download a script from. The extension's first sentence; its exit code is not confirmed. */
const notDownloaded = { exitCode: -1, output: '', error: '' };
const downloadFailed =
  'File downloads failed. Use either a public script URI that points to .sh file, Azure storage blob SAS URI or storage blob accessible by a managed identity and retry.';

/** Runs the command's script; its failure is not a failure of the resource unless the command asks for that. */
function execute(world: World, command: Resource, atMs: number) {
  const id = key(command.id);
  const vm = findVm(world, command.id.replace(/\/runCommands\/[^/]+$/i, ''));
  if (!vm) return undefined;
  const { properties } = command;
  const parameters = [...list(properties['parameters']), ...list(properties['protectedParameters'])];
  const script = text(object(properties['source'])['script']);
  const ran =
    script === undefined
      ? notDownloaded
      : runInGuest(world, vm, { script, parameters: parameters.map(object).map(parameter), atMs, name: command.name });
  const good = ran.exitCode === 0;
  compute(world).commandViews[id] = {
    exitCode: ran.exitCode,
    executionState: good ? 'Succeeded' : 'Failed',
    executionMessage: good
      ? 'Execution completed'
      : `Execution failed: ${script === undefined ? downloadFailed : `failed to execute command: command terminated with exit status=${ran.exitCode}`}`,
    output: ran.output,
    error: ran.error,
    startTime: new Date(atMs - 2_000).toISOString(),
    endTime: new Date(atMs).toISOString(),
  };
  if (good || properties['treatFailureAsDeploymentFailure'] !== true) return undefined;
  properties['provisioningState'] = 'Failed';
  const message = `VM has reported a failure when processing extension '${command.name}'. Error message: 'Execution failed: exit status=${ran.exitCode}'.`;
  return { error: { code: 'VMExtensionProvisioningError', message } };
}

function put(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const vm = findVm(world, vmId(params));
  if (!vm) return refused(world, params) ?? nestedParentNotFound(params['vm'] ?? '');
  const body = object(request.body);
  if (!text(body['location'])) return missingParameter('location');
  const { resources } = compute(world);
  const before = resources[key(commandId(params))];
  const problem = notReady(world, vm, stopped) ?? stillGoing(before);
  if (problem) return problem;
  if (isBusy(before)) return concurrencyConflict();
  const given = object(body['properties']);
  const source = object(given['source']);
  if (!text(source['script']) && !text(source['scriptUri'])) return missingParameter('runCommand.properties.source');
  const command: Resource = {
    id: before?.id ?? commandId(params),
    name: before?.name ?? params['command'] ?? '',
    type,
    location: regionName(text(body['location']) ?? vm.location),
    ...(body['tags'] !== undefined && { tags: object(body['tags']) as Record<string, string> }),
    properties: {
      timeoutInSeconds: 0,
      asyncExecution: false,
      ...given,
      provisioningState: before ? 'Updating' : 'Creating',
    },
  };
  resources[key(command.id)] = command;
  return accepted(world, request, command, before ? 200 : 201);
}

const stopped = 'Cannot modify extensions in the VM when the VM is not running.';

/** A name cannot be used again before its deletion has ended. */
function stillGoing(command: Resource | undefined): SandboxResponse | undefined {
  if (command?.properties['provisioningState'] !== 'Deleting') return undefined;
  const message = `Operation 'PUT Extension' is not allowed on VM extension '${command.name}' since it is marked for deletion. You can only retry the Delete operation (or wait for an ongoing one to complete).`;
  return armError(409, 'OperationNotAllowed', message);
}

const isBusy = (command: Resource | undefined): boolean =>
  ['Creating', 'Updating', 'Deleting'].includes(String(command?.properties['provisioningState']));

function patch(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const command = compute(world).resources[key(commandId(params))];
  if (!command) return commandNotFound(world, params);
  if (isBusy(command)) return concurrencyConflict();
  const body = object(request.body);
  if (body['tags'] !== undefined) command.tags = object(body['tags']) as Record<string, string>;
  Object.assign(command.properties, object(body['properties']), { provisioningState: 'Updating' });
  return accepted(world, request, command, 200);
}

function accepted(world: World, request: SandboxRequest, command: Resource, status: number): SandboxResponse {
  delete compute(world).commandViews[key(command.id)];
  const asynchronous = command.properties['asyncExecution'] === true;
  const afterMs = asynchronous ? 3_000 : scriptMs + 5_000;
  const head = startVmOperation(world, request, command, { what: 'command.run', target: key(command.id), afterMs });
  return { status, headers: { ...head, ...updateLimits }, body: structuredClone(shown(command)) };
}

/** Protected parameters are accepted and never shown again. */
function shown(command: Resource): Resource {
  const { protectedParameters: _, runAsPassword: __, ...properties } = command.properties;
  return { ...command, properties };
}

function view(world: World, request: SandboxRequest, command: Resource): Resource {
  const answer = shown(command);
  if (request.url.searchParams.get('$expand')?.toLowerCase() !== 'instanceview') return answer;
  const instanceView = compute(world).commandViews[key(command.id)] ?? {
    executionState: 'Unknown',
    executionMessage: '',
    exitCode: 0,
    output: '',
    error: '',
  };
  return { ...answer, properties: { ...answer.properties, instanceView } };
}

function get(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const command = compute(world).resources[key(commandId(params))];
  if (!command) return commandNotFound(world, params);
  return { status: 200, headers: readLimits, body: view(world, request, command) };
}

function commandNotFound(world: World, params: Params): SandboxResponse {
  if (!findVm(world, vmId(params))) return refused(world, params) ?? nestedParentNotFound(params['vm'] ?? '');
  const name = `${params['vm']}/runCommands/${params['command']}`;
  return notFound('Microsoft.Compute/virtualMachines', name, params['group'] ?? '');
}

function listAll(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  if (!findVm(world, vmId(params))) return refused(world, params) ?? nestedParentNotFound(params['vm'] ?? '');
  const prefix = `${key(vmId(params))}/runcommands/`;
  const commands = Object.entries(compute(world).resources).filter(([id]) => id.startsWith(prefix));
  return { status: 200, headers: readLimits, body: { value: commands.map(([, c]) => view(world, request, c)) } };
}

function remove(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const command = compute(world).resources[key(commandId(params))];
  if (!command) return refused(world, params) ?? { status: 204 };
  const vm = findVm(world, vmId(params));
  if (vm && powerOf(world, vm) !== 'running') return armError(409, 'OperationNotAllowed', stopped);
  command.properties['provisioningState'] = 'Deleting';
  const operation = { what: 'command.delete', target: key(command.id), afterMs: 5_000 };
  return { status: 202, headers: { ...startVmOperation(world, request, command, operation), ...updateLimits } };
}
