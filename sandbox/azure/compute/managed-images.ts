import { copyOf } from '../../kernel/copy';
import type { Params, Route, SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key, notFound } from '../arm';
import { vmGuest } from '../estate/guests';
import { removeGuest, setGuest } from '../guest/guest';
import { changeNotAllowed, invalidParameter, missingParameter } from './errors';
import { refused } from './gallery-shared';
import { scopeError } from './groups';
import { onCompletion } from './lro';
import { locationProblem } from './names';
import { regionName } from './regions';
import { type JsonObject, list, object, type Resource, text } from './resource';
import { compute } from './section';
import { findVm, isGeneralized, startVmOperation, vmType } from './vm-shared';
import { vmSize } from './vm-sizes';

const type = 'Microsoft.Compute/images';
const inGroup = `/subscriptions/{subscriptionId}/resourceGroups/{group}/providers/${type}`;

const imageId = (params: Params): string =>
  `/subscriptions/${params['subscriptionId']}/resourceGroups/${params['group']}/providers/${type}/${params['name']}`;

const limits = (policy: string, left: number) => ({
  'x-ms-ratelimit-remaining-resource': `Microsoft.Compute/${policy}SubscriptionMaximum;${left}`,
});

export function registerManagedImages(): void {
  onCompletion('managedImage.write', (world, target, { outcome }) => {
    const image = compute(world).resources[target];
    if (!image) return undefined;
    image.properties['provisioningState'] = outcome === 'Succeeded' ? 'Succeeded' : 'Failed';
    if (outcome === 'Succeeded') sizeDisks(world, image);
    return undefined;
  });
  onCompletion('managedImage.delete', (world, target, { outcome }) => {
    if (outcome !== 'Succeeded') return undefined;
    delete compute(world).resources[target];
    removeGuest(world, target);
    return undefined;
  });
}

/** Managed images: what a generalized VM, a disk or a VHD becomes outside of a gallery. */
export function managedImageRoutes(world: World): Route[] {
  const path = `${inGroup}/{name}`;
  return [
    { method: 'GET', path, handle: (_, params) => get(world, params) },
    { method: 'PUT', path, handle: (request, params) => put(world, request, params) },
    { method: 'PATCH', path, handle: (request, params) => patch(world, request, params) },
    { method: 'DELETE', path, handle: (request, params) => remove(world, request, params) },
    { method: 'GET', path: inGroup, handle: (_, params) => listImages(world, params) },
    {
      method: 'GET',
      path: `/subscriptions/{subscriptionId}/providers/${type}`,
      handle: (_, params) => listImages(world, params),
    },
  ];
}

/** What a build leaves as a managed image. */
export interface BuiltImage {
  readonly imageId: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly osType: 'Linux' | 'Windows';
  readonly hyperVGeneration: string;
  readonly diskSizeGB: number;
}

/**
 * Creates the managed image of a build, in place of one that has the same name.
 *
 * @throws Error when there is no such resource group.
 */
export function createImageFromBuild(world: World, built: BuiltImage): void {
  const { imageId, location, tags, osType, hyperVGeneration, diskSizeGB } = built;
  const [, , subscription = '', , group = ''] = imageId.split('/');
  const problem = scopeError(world, subscription, group);
  if (problem) throw new Error(`The resource group '${group}' of the image '${imageId}' was not found.`);
  const osDisk = {
    osType,
    osState: 'Generalized',
    diskSizeGB,
    caching: 'ReadWrite',
    storageAccountType: 'Standard_LRS',
  };
  compute(world).resources[key(imageId)] = {
    id: imageId,
    name: imageId.split('/').at(-1) ?? '',
    type,
    location: regionName(location),
    tags: { ...tags },
    properties: { storageProfile: { osDisk, dataDisks: [] }, hyperVGeneration, provisioningState: 'Succeeded' },
  };
}

function missing(world: World, params: Params): SandboxResponse {
  return refused(world, params) ?? notFound(type, params['name'] ?? '', params['group'] ?? '');
}

function get(world: World, params: Params): SandboxResponse {
  const image = compute(world).resources[key(imageId(params))];
  if (!image) return missing(world, params);
  return { status: 200, headers: limits('GetImages', 357), body: image };
}

function listImages(world: World, params: Params): SandboxResponse {
  const { subscriptionId, group } = params;
  const scope = key(`/subscriptions/${subscriptionId}/${group ? `resourceGroups/${group}/` : ''}`);
  const all = Object.entries(compute(world).resources);
  const value = all.filter(([id, r]) => r.type === type && id.startsWith(scope)).map(([, r]) => r);
  return refused(world, params) ?? { status: 200, headers: limits('GetImages', 357), body: { value } };
}

function put(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const error = refused(world, params);
  if (error) return error;
  const body = object(request.body);
  const location = text(body['location']);
  if (!location) return missingParameter('location');
  const { resources } = compute(world);
  const before = resources[key(imageId(params))];
  const misplaced = locationProblem(type, location, before, params['group'] ?? '');
  if (misplaced) return misplaced;
  const properties = object(body['properties']);
  if (before) return update(world, request, before, body);
  const made = contentOf(world, imageId(params), properties);
  if ('status' in made) return made;
  const image: Resource = {
    id: imageId(params),
    name: params['name'] ?? '',
    type,
    location: regionName(location),
    tags: object(body['tags']) as Record<string, string>,
    properties: {
      ...made.properties,
      provisioningState: 'Creating',
      hyperVGeneration: properties['hyperVGeneration'] ?? 'V1',
    },
  };
  resources[key(image.id)] = image;
  if (made.guestOf) {
    const guest = vmGuest(world, made.guestOf);
    if (guest) setGuest(world, image.id, guest);
  }
  return accepted(world, request, image, 201);
}

function accepted(world: World, request: SandboxRequest, image: Resource, status: number): SandboxResponse {
  const operation = { what: 'managedImage.write', target: key(image.id), afterMs: 25_000 };
  const head = startVmOperation(world, request, image, operation);
  return { status, headers: { ...head, ...limits('CreateImages', 59) }, body: copyOf(image) };
}

interface Content {
  readonly properties: JsonObject;
  readonly guestOf?: Resource;
}

function contentOf(world: World, id: string, properties: JsonObject): Content | SandboxResponse {
  const vmId = text(object(properties['sourceVirtualMachine'])['id']);
  if (vmId) return fromVm(world, id, vmId, properties);
  const storage = object(properties['storageProfile']);
  const disk = object(storage['osDisk']);
  for (const name of ['osType', 'osState']) {
    if (!text(disk[name])) return missingParameter(`image.storageProfile.osDisk.${name}`);
  }
  const disks = [disk, ...list(storage['dataDisks']).map(object)];
  for (const { managedDisk, snapshot, blobUri } of disks) {
    const source = text(object(managedDisk)['id']) ?? text(object(snapshot)['id']);
    if (source ? !compute(world).resources[key(source)] : !text(blobUri)) return unresolved(source ?? '', id);
  }
  return { properties: { storageProfile: storage } };
}

function unresolved(source: string, id: string): SandboxResponse {
  if (!source)
    return invalidParameter('A disk of the image has no managedDisk, snapshot or blobUri.', 'image.storageProfile');
  const message = `Resource ${source} referenced by resource ${id} was not found. Please make sure that the referenced resource exists, and that both resources are in the same region.`;
  return armError(400, 'InvalidResourceReference', message);
}

/** Managed images know neither trusted launch nor Arm; galleries do. */
function cannotBeImage(vm: Resource): string | undefined {
  const securityType = text(object(vm.properties['securityProfile'])['securityType']);
  if (securityType && securityType !== 'Standard') {
    return `Creation of managed images is not supported for the virtual machine '${vm.name}' with the security type '${securityType}'.`;
  }
  const size = vmSize(String(object(vm.properties['hardwareProfile'])['vmSize']));
  return size?.architecture === 'Arm64'
    ? "Creating an image with virtual machine source of CPU architecture 'Arm64' is not supported. Only 'x64' is supported."
    : undefined;
}

function fromVm(
  world: World,
  id: string,
  vmId: string,
  { sourceVirtualMachine = {} }: JsonObject,
): Content | SandboxResponse {
  const vm = findVm(world, vmId);
  if (!vm) return unresolved(vmId, id);
  if (!isGeneralized(world, vm.id)) {
    const message = `The operation 'Create Image' requires the Virtual Machine '${vm.name}' to be Generalized.`;
    return armError(409, 'OperationNotAllowed', message);
  }
  const unfit = cannotBeImage(vm);
  if (unfit) return armError(409, 'OperationNotAllowed', unfit);
  const { osDisk, dataDisks } = object(vm.properties['storageProfile']);
  const taken = (disk: JsonObject): JsonObject => {
    const { id: diskId = '', storageAccountType = 'Premium_LRS' } = object(disk['managedDisk']);
    return { managedDisk: { id: diskId }, caching: disk['caching'] ?? 'None', storageAccountType };
  };
  const os = object(osDisk);
  return {
    guestOf: vm,
    properties: {
      sourceVirtualMachine,
      storageProfile: {
        osDisk: { osType: os['osType'] ?? 'Linux', osState: 'Generalized', ...taken(os) },
        dataDisks: list(dataDisks)
          .map(object)
          .map((disk): JsonObject => ({ lun: disk['lun'] ?? 0, ...taken(disk) })),
      },
    },
  };
}

/** The sizes of the disks are known once the image exists. */
function sizeDisks(world: World, image: Resource): void {
  const storage = object(image.properties['storageProfile']);
  for (const disk of [object(storage['osDisk']), ...list(storage['dataDisks']).map(object)]) {
    const source = text(object(disk['managedDisk'])['id']) ?? text(object(disk['snapshot'])['id']) ?? '';
    disk['diskSizeGB'] ??= compute(world).resources[key(source)]?.properties['diskSizeGB'] ?? 30;
  }
}

/** An image's source cannot be changed later; its tags can. */
function update(world: World, request: SandboxRequest, image: Resource, body: JsonObject): SandboxResponse {
  const asked = text(object(object(body['properties'])['sourceVirtualMachine'])['id']);
  const source = text(object(image.properties['sourceVirtualMachine'])['id']);
  if (asked && key(asked) !== key(source ?? '')) return changeNotAllowed('image.sourceVirtualMachine.id');
  if (body['tags'] !== undefined) image.tags = object(body['tags']) as Record<string, string>;
  image.properties['provisioningState'] = 'Updating';
  return accepted(world, request, image, 200);
}

function patch(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const image = compute(world).resources[key(imageId(params))];
  return image ? update(world, request, image, object(request.body)) : missing(world, params);
}

function remove(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const image = compute(world).resources[key(imageId(params))];
  if (!image) return refused(world, params) ?? { status: 204 };
  const used = beingProvisioned(world, image);
  if (used.length > 0) {
    const message = `Operation 'Delete' is not allowed on Image '${image.name}' since the VMs '${used.join(', ')}' are being provisioned using the image.`;
    return armError(409, 'OperationNotAllowed', message);
  }
  image.properties['provisioningState'] = 'Deleting';
  const operation = { what: 'managedImage.delete', target: key(image.id), afterMs: 5_000 };
  return {
    status: 202,
    headers: { ...startVmOperation(world, request, image, operation), ...limits('DeleteImages', 59) },
  };
}

function beingProvisioned(world: World, image: Resource): string[] {
  return Object.values(compute(world).resources).flatMap((r) => {
    if (r.type !== vmType || r.properties['provisioningState'] !== 'Creating') return [];
    const { id } = object(object(r.properties['storageProfile'])['imageReference']);
    return key(String(id ?? '')) === key(image.id) ? [r.name] : [];
  });
}
