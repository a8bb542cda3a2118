import { randomUUID } from 'node:crypto';
import { copyOf } from '../../kernel/copy';
import type { Params, SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key } from '../arm';
import { condition } from '../conditions';
import { bootGuest, type Guest, removeGuest, setGuest } from '../guest/guest';
import { nameAdministrator } from '../guest/windows/boot';
import { identityAnswered } from '../identity';
import { termsAccepted } from '../marketplace/agreements';
import { changeNotAllowed, missingParameter } from './errors';
import { refused } from './gallery-shared';
import { onCompletion } from './lro';
import { regionName } from './regions';
import { type JsonObject, list, object, type Resource, text } from './resource';
import { compute } from './section';
import { refusedVm, sizeProblem } from './vm-checks';
import { allocation, type Fate, provisionedLate, startUp } from './vm-fate';
import { misfitOf, planOf, planProblem } from './vm-fit';
import { type DeployedImage, deployedImage } from './vm-image';
import { keptOfMachine, withoutUserData } from './vm-kept';
import { changedLogin, loginProblem, osProfileProblem, secretsOf } from './vm-login';
import { notNow, underMaintenance } from './vm-now';
import { releaseParts, vmDataDisks, vmDisk, vmNetwork } from './vm-parts';
import { deleteLimits, findVm, keepVm, startVmOperation, updateLimits, vmId, vmType } from './vm-shared';
import { powerOf } from './vm-view';

/** World time of a deployment, from the accepted PUT until the agent answers: one to two minutes. */
const deployMs = (name: string): number =>
  60_000 + (Buffer.from(name).reduce((sum, c) => sum + c * 37, 0) % 60) * 1_000;

export function registerVms(): void {
  onCompletion('vm.create', (world, target, { outcome, data }) => {
    const vm = compute(world).resources[target];
    if (isSuperseded(vm, data)) return { error: preempted };
    const refused = object(data['fate']) as unknown as Fate;
    const fate = refused.code
      ? refused
      : (startUp(world, vm) ?? (outcome === 'Failed' ? provisionedLate(vm) : undefined));
    vm.properties['provisioningState'] = fate || outcome !== 'Succeeded' ? 'Failed' : 'Succeeded';
    if (!fate) return undefined;
    compute(world).failures = { ...compute(world).failures, [target]: { ...fate } };
    return { error: fate };
  });
  onCompletion('vm.write', (world, target, { data }) => {
    const vm = compute(world).resources[target];
    if (isSuperseded(vm, data)) return { error: preempted };
    vm.properties['provisioningState'] = 'Succeeded';
    return undefined;
  });
  onCompletion('vm.delete', (world, target, { outcome, atMs }) => {
    const vm = compute(world).resources[target];
    if (!vm) return undefined;
    if (outcome !== 'Succeeded') {
      vm.properties['provisioningState'] = 'Failed';
      return undefined;
    }
    forget(world, vm, atMs);
    return undefined;
  });
}

/** Another write, or a deletion, has overtaken the operation: only the newest says what becomes of the VM. */
function isSuperseded(vm: Resource | undefined, { etag }: JsonObject): vm is undefined {
  return !vm || vm.properties['provisioningState'] === 'Deleting' || vm.etag !== etag;
}

const preempted = {
  code: 'OperationPreempted',
  message: 'Operation execution has been preempted by a more recent operation.',
};

/** The VM is gone, and with it whatever its deleteOptions say. */
function forget(world: World, vm: Resource, atMs: number): void {
  const section = compute(world);
  releaseParts(world, vm, atMs);
  const set = section.resources[key(text(object(vm.properties['virtualMachineScaleSet'])['id']) ?? '')];
  if (set?.sku) set.sku = { ...set.sku, capacity: Math.max(0, Number(set.sku['capacity'] ?? 0) - 1) };
  for (const id of Object.keys(section.resources)) if (id.startsWith(`${key(vm.id)}/`)) delete section.resources[id];
  delete section.resources[key(vm.id)];
  delete section.power[key(vm.id)];
  delete section.generalized?.[key(vm.id)];
  delete section.failures?.[key(vm.id)];
  if (section.seed) section.gone[key(vm.id)] = true;
  removeGuest(world, vm.id);
}

export function putVm(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const error = refused(world, params);
  if (error) return error;
  const id = vmId(params);
  const before = keepVm(world, id);
  const body = object(request.body);
  if (before) return updateVm(world, request, before, body);
  const location = text(body['location']);
  if (!location) return missingParameter('location');
  const properties = object(body['properties']);
  const problem = refusedVm(world, { id, location, zone: text(list(body['zones'])[0]) }, properties);
  if (problem) return problem;
  const storage = object(properties['storageProfile']);
  const subscriptionId = params['subscriptionId'] ?? '';
  const image = deployedImage(world, object(storage['imageReference']), {
    subscriptionId,
    region: regionName(location),
  });
  if ('status' in image) return image;
  const unfit = misfitOf(image, properties) ?? unpaid(world, id, body, image) ?? loginOf(image, id, properties);
  if (unfit) return unfit;
  const vm = createVm(world, { id, location: regionName(location), body, image });
  const fate = allocation(world, vm, properties);
  const data: JsonObject = { etag: vm.etag ?? '', ...(fate && { fate: { ...fate } }) };
  const operation = { what: 'vm.create', target: key(id), afterMs: deployMs(vm.name), data };
  const head = startVmOperation(world, request, vm, operation);
  return {
    status: 201,
    headers: { ...head, ...updateLimits, etag: '"1"' },
    body: copyOf(withoutUserData(vm)),
  };
}

function loginOf(image: DeployedImage, vmId: string, properties: JsonObject): SandboxResponse | undefined {
  const specialized = image.specialized === true;
  const problem = osProfileProblem(properties, specialized);
  if (problem || specialized) return problem;
  return loginProblem(image.osType, vmId.split('/').at(-1) ?? '', object(properties['osProfile']));
}

function unpaid(world: World, vmId: string, { plan }: JsonObject, image: DeployedImage): SandboxResponse | undefined {
  const subscriptionId = vmId.split('/')[2] ?? '';
  return planProblem(image, planOf(plan), { vmId, accepted: (p) => termsAccepted(world, { subscriptionId, ...p }) });
}

interface Creation {
  readonly id: string;
  readonly location: string;
  readonly body: JsonObject;
  readonly image: DeployedImage;
}

function createVm(world: World, { id, location, body, image }: Creation): Resource {
  const properties = object(body['properties']);
  const storage = object(properties['storageProfile']);
  const name = id.split('/').at(-1) ?? '';
  const disk = vmDisk(world, {
    vmId: id,
    location,
    image,
    osDisk: object(storage['osDisk']),
  });
  const asked = list(storage['dataDisks']).map(object);
  const dataDisks = vmDataDisks(world, { vmId: id, location, image, asked });
  const controller = storage['diskControllerType'] ?? (image.hyperVGeneration === 'V1' ? undefined : 'SCSI');
  const network = vmNetwork(world, { vmId: id, location, profile: object(properties['networkProfile']) });
  const vm: Resource = {
    id,
    name,
    type: vmType,
    location,
    tags: object(body['tags']) as Record<string, string>,
    etag: '"1"',
    ...(body['identity'] ? { identity: identityAnswered(object(body['identity']), id) } : {}),
    ...(body['plan'] ? { plan: object(body['plan']) } : {}),
    ...(body['zones'] ? { zones: body['zones'] as string[] } : {}),
    properties: {
      hardwareProfile: object(properties['hardwareProfile']),
      ...keptOfMachine(properties),
      provisioningState: 'Creating',
      vmId: randomUUID(),
      storageProfile: {
        imageReference: image.reference,
        osDisk: disk,
        dataDisks,
        ...(controller && { diskControllerType: controller }),
      },
      ...(!image.specialized && { osProfile: echoedProfile(object(properties['osProfile']), image.osType, name) }),
      networkProfile: network,
      timeCreated: world.clock.now().toISOString(),
    },
  };
  const section = compute(world);
  section.resources[key(id)] = vm;
  section.secrets = { ...section.secrets, [key(id)]: secretsOf(object(properties['osProfile'])) };
  if (image.guest) setGuest(world, id, provisioned(image.guest, object(properties['osProfile']), name));
  return vm;
}

/** The first boot, with the name and the administrator that the profile gives. */
function provisioned(image: Guest, profile: JsonObject, name: string): Guest {
  const guest = bootGuest(image, text(profile['computerName']) ?? name);
  const administrator = text(profile['adminUsername']);
  if (administrator !== undefined) nameAdministrator(guest, administrator);
  return guest;
}

/** Passwords and custom data are accepted and never shown again. */
function echoedProfile(profile: JsonObject, osType: 'Linux' | 'Windows', name: string): JsonObject {
  const { adminPassword: _, customData: __, ...kept } = profile;
  const linux = osType === 'Linux';
  const configuration = linux ? 'linuxConfiguration' : 'windowsConfiguration';
  const defaults: JsonObject = {
    ...(linux ? { disablePasswordAuthentication: false } : { enableAutomaticUpdates: true }),
    provisionVMAgent: true,
    patchSettings: { patchMode: linux ? 'ImageDefault' : 'AutomaticByOS', assessmentMode: 'ImageDefault' },
  };
  return {
    computerName: name,
    ...kept,
    [configuration]: { ...defaults, ...object(profile[configuration]) },
    secrets: [],
    allowExtensionOperations: true,
    requireGuestProvisionSignal: true,
  };
}

function updateVm(world: World, request: SandboxRequest, vm: Resource, body: JsonObject): SandboxResponse {
  const problem = notNow(world, vm, 'update');
  if (problem) return problem;
  const properties = object(body['properties']);
  const asked = object(object(properties['storageProfile'])['imageReference']);
  const current = object(object(vm.properties['storageProfile'])['imageReference']);
  if (asked['id'] !== undefined && key(String(asked['id'])) !== key(String(current['id'] ?? ''))) {
    return changeNotAllowed('imageReference.id');
  }
  const login = { profile: object(vm.properties['osProfile']), secrets: compute(world).secrets?.[key(vm.id)] ?? {} };
  const other = changedLogin(login, object(properties['osProfile']));
  if (other) return other;
  const hardware = object(properties['hardwareProfile']);
  const before = text(object(vm.properties['hardwareProfile'])['vmSize']) ?? '';
  if (hardware['vmSize'] && key(String(hardware['vmSize'])) !== key(before)) {
    const unfit =
      sizeProblem(world, { id: vm.id, location: vm.location, before }, properties) ??
      otherCluster(world, vm, text(hardware['vmSize']) ?? '');
    if (unfit) return unfit;
  }
  if (body['tags'] !== undefined) vm.tags = object(body['tags']) as Record<string, string>;
  if (hardware['vmSize'])
    vm.properties['hardwareProfile'] = { ...object(vm.properties['hardwareProfile']), ...hardware };
  vm.etag = `"${Number((vm.etag ?? '"1"').replaceAll('"', '')) + 1}"`;
  vm.properties['provisioningState'] = 'Updating';
  const operation = { what: 'vm.write', target: key(vm.id), afterMs: 5_000, data: { etag: vm.etag } };
  const head = startVmOperation(world, request, vm, operation);
  return { status: 200, headers: { ...head, ...updateLimits }, body: copyOf(withoutUserData(vm)) };
}

/** A machine that is allocated can only get a size that its cluster has. */
function otherCluster(world: World, vm: Resource, size: string): SandboxResponse | undefined {
  if (powerOf(world, vm) === 'deallocated') return undefined;
  if (condition(world, 'sizes', { location: vm.location, size })['inEachCluster'] !== false) return undefined;
  const message = `Unable to resize the VM '${vm.name}' because the requested size ${size} is not available in the current hardware cluster. Please deallocate the VM, or choose another size.`;
  return armError(409, 'OperationNotAllowed', message);
}

export function patchVm(world: World, request: SandboxRequest, params: Params): SandboxResponse | undefined {
  const vm = keepVm(world, vmId(params));
  return vm && updateVm(world, request, vm, object(request.body));
}

export function deleteVm(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  if (!findVm(world, vmId(params))) return refused(world, params) ?? { status: 204 };
  const vm = keepVm(world, vmId(params)) as Resource;
  const busy = underMaintenance(world, vm);
  if (busy) return busy;
  vm.properties['provisioningState'] = 'Deleting';
  const head = startVmOperation(world, request, vm, { what: 'vm.delete', target: key(vm.id), afterMs: 35_000 });
  return { status: 202, headers: { ...head, ...deleteLimits } };
}
