import { copyOf } from '../../kernel/copy';
import type { Params, Route, SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key, notFound } from '../arm';
import { concurrencyConflict, missingParameter } from './errors';
import { isWindows, runInGuest } from './guest-script';
import { onCompletion } from './lro';
import { regionName } from './regions';
import { type JsonObject, list, object, type Resource, text } from './resource';
import { parameter } from './run-command-action';
import { type Host, hostOf, hosts } from './run-command-hosts';
import { compute } from './section';
import { readLimits, startVmOperation, updateLimits } from './vm-shared';
import { vmSize } from './vm-sizes';

/** Managed run commands: resources of their machine whose result is in the instance view. */
export function managedRunCommandRoutes(world: World): Route[] {
  return hosts.flatMap((host) => {
    const all = `${host.path}/runCommands`;
    const path = `${all}/{command}`;
    const on = (params: Params): Target => ({
      host,
      params,
      id: `${host.id(params)}/runCommands/${params['command']}`,
    });
    return [
      { method: 'PUT', path, handle: (request, params) => put(world, request, on(params)) },
      { method: 'PATCH', path, handle: (request, params) => patch(world, request, on(params)) },
      { method: 'GET', path, handle: (request, params) => get(world, request, on(params)) },
      { method: 'DELETE', path, handle: (request, params) => remove(world, request, on(params)) },
      { method: 'GET', path: all, handle: (request, params) => listAll(world, request, on(params)) },
    ] satisfies Route[];
  });
}

/** The command that a request is about. */
interface Target {
  readonly host: Host;
  readonly params: Params;
  readonly id: string;
}

const machineIdOf = (command: Resource): string => command.id.replace(/\/runCommands\/[^/]+$/i, '');

const machineOf = (world: World, command: Resource): Resource | undefined =>
  hostOf(machineIdOf(command))?.find(world, machineIdOf(command));

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
  const vm = machineOf(world, command);
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
  const vm = machineOf(world, command);
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

function put(world: World, request: SandboxRequest, { host, params, id }: Target): SandboxResponse {
  const vm = host.find(world, host.id(params));
  if (!vm) return host.missing(world, params);
  const body = object(request.body);
  if (!text(body['location'])) return missingParameter('location');
  const { resources } = compute(world);
  const before = resources[key(id)];
  const problem = host.notReady(world, vm) ?? stillGoing(before);
  if (problem) return problem;
  if (isBusy(before)) return concurrencyConflict();
  const given = object(body['properties']);
  const source = object(given['source']);
  if (!text(source['script']) && !text(source['scriptUri'])) return missingParameter('runCommand.properties.source');
  const command: Resource = {
    id: before?.id ?? id,
    name: before?.name ?? params['command'] ?? '',
    type: `${host.type}/runCommands`,
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

/** A name cannot be used again before its deletion has ended. */
function stillGoing(command: Resource | undefined): SandboxResponse | undefined {
  if (command?.properties['provisioningState'] !== 'Deleting') return undefined;
  const message = `Operation 'PUT Extension' is not allowed on VM extension '${command.name}' since it is marked for deletion. You can only retry the Delete operation (or wait for an ongoing one to complete).`;
  return armError(409, 'OperationNotAllowed', message);
}

const isBusy = (command: Resource | undefined): boolean =>
  ['Creating', 'Updating', 'Deleting'].includes(String(command?.properties['provisioningState']));

function patch(world: World, request: SandboxRequest, target: Target): SandboxResponse {
  const command = compute(world).resources[key(target.id)];
  if (!command) return commandNotFound(world, target);
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
  return { status, headers: { ...head, ...updateLimits }, body: copyOf(shown(command)) };
}

/** Protected parameters are accepted and never shown again. */
function shown(command: Resource): Resource {
  const { protectedParameters: _, runAsPassword: __, ...properties } = command.properties;
  return { ...command, properties };
}

function view(world: World, request: SandboxRequest, { host }: Target, command: Resource): Resource {
  const answer = shown(command);
  const isAsked = request.url.searchParams.get('$expand')?.toLowerCase() === 'instanceview';
  if (!isAsked && !host.showsView) return answer;
  const instanceView = compute(world).commandViews[key(command.id)] ?? {
    executionState: 'Unknown',
    executionMessage: '',
    exitCode: 0,
    output: '',
    error: '',
  };
  return { ...answer, properties: { ...answer.properties, instanceView } };
}

function get(world: World, request: SandboxRequest, target: Target): SandboxResponse {
  const command = compute(world).resources[key(target.id)];
  if (!command) return commandNotFound(world, target);
  return { status: 200, headers: readLimits, body: view(world, request, target, command) };
}

function commandNotFound(world: World, { host, params }: Target): SandboxResponse {
  if (!host.find(world, host.id(params))) return host.missing(world, params);
  const name = `${host.name(params)}/runCommands/${params['command']}`;
  return notFound(host.type, name, params['group'] ?? '');
}

function listAll(world: World, request: SandboxRequest, target: Target): SandboxResponse {
  const { host, params } = target;
  if (!host.find(world, host.id(params))) return host.missing(world, params);
  const prefix = `${key(host.id(params))}/runcommands/`;
  const commands = Object.entries(compute(world).resources).filter(([id]) => id.startsWith(prefix));
  const value = commands.map(([, c]) => view(world, request, target, c));
  return { status: 200, headers: readLimits, body: { value } };
}

function remove(world: World, request: SandboxRequest, { host, params, id }: Target): SandboxResponse {
  const command = compute(world).resources[key(id)];
  if (!command) return host.refused(world, params) ?? { status: 204 };
  const vm = host.find(world, host.id(params));
  const problem = vm && host.cannotDelete(world, vm);
  if (problem) return problem;
  command.properties['provisioningState'] = 'Deleting';
  const operation = { what: 'command.delete', target: key(command.id), afterMs: 5_000 };
  return { status: 202, headers: { ...startVmOperation(world, request, command, operation), ...updateLimits } };
}
