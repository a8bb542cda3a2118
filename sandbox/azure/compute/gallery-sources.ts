import type { SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key } from '../arm';
import { vmGuest } from '../estate/guests';
import { type Guest, guestOf } from '../guest/guest';
import { invalidParameter } from './errors';
import { featureOf } from './features';
import { regionName } from './regions';
import { isReplicated } from './replication';
import { type JsonObject, list, object, type Resource, text } from './resource';
import { compute } from './section';
import { sharedImageId } from './shared-galleries';
import { type PurchasePlan, planOf } from './vm-fit';
import { findVm, isGeneralized, vmType } from './vm-shared';

/** What a version is made of: what it shows at once, what it shows when it is done, and what is inside. */
export interface VersionSource {
  readonly shown: JsonObject;
  readonly done: JsonObject;
  readonly guest: Guest | undefined;
}

interface Wanted {
  readonly storage: JsonObject;
  readonly definition: Resource;
  readonly location: string;
}

/** The facts of a source that must fit the definition. */
interface Facts {
  readonly osType?: string;
  readonly osState?: string;
  readonly generation?: string;
  readonly plan?: PurchasePlan | undefined;
  readonly osDisk: JsonObject;
  readonly dataDisks: readonly JsonObject[];
  readonly guest: Guest | undefined;
}

const imageType = 'Microsoft.Compute/images';
const versionType = 'Microsoft.Compute/galleries/images/versions';

/** The id under `storageProfile.source`, of whatever kind. */
export function fullSourceId(storage: JsonObject): string | undefined {
  const source = object(storage['source']);
  return text(source['id']) ?? text(source['virtualMachineId']) ?? text(source['communityGalleryImageId']);
}

/** The source of one disk: a disk, a snapshot or a VHD. */
export function diskSourceId(disk: unknown): string | undefined {
  const source = object(object(disk)['source']);
  return text(source['id']) ?? text(source['uri']);
}

/** Finds what a new version is made of, or answers Azure's refusal. */
export function versionSource(world: World, wanted: Wanted): VersionSource | SandboxResponse {
  const { storage } = wanted;
  const full = fullSourceId(storage);
  const disks = [storage['osDiskImage'], ...list(storage['dataDiskImages'])].filter((disk) => diskSourceId(disk));
  if (full ? disks.length > 0 : !diskSourceId(storage['osDiskImage'])) {
    return invalidParameter(
      'The gallery artifact version source can only be specified either directly under storageProfile or within individual OS or data disks. One and only one source type (user image, snapshot, disk, virtual machine) can be provided.',
      'galleryArtifactVersion.properties.storageProfile',
    );
  }
  return full ? fromWhole(world, full, wanted) : fromDisks(world, wanted);
}

function fromWhole(world: World, given: string, wanted: Wanted): VersionSource | SandboxResponse {
  const { storage, definition, location } = wanted;
  const source = object(storage['source']);
  const id = text(source['communityGalleryImageId'])
    ? sharedImageId(world, definition.id.split('/')[2] ?? '', source)
    : given;
  const found = id ? (compute(world).resources[key(id)] ?? findVm(world, id)) : undefined;
  if (!found) return sourceNotFound(given);
  if (![imageType, versionType, vmType].includes(found.type)) {
    const message = `The source id: ${given} must either be a managed image, virtual machine or another gallery image version`;
    return invalidParameter(message, 'galleryArtifactVersion.properties.storageProfile.source.id');
  }
  const here = found.type === versionType ? isReplicated(world, found, location) : isIn(found, location);
  if (!here) {
    const message = `Source ${given} is not found. Please check source exists, and is in the same region as gallery image version being created.`;
    return armError(404, 'NotFound', message);
  }
  const facts = factsOf(world, found);
  const mismatch = (found.type === vmType ? unfitVm(found, definition) : undefined) ?? misfit(given, facts, definition);
  if (mismatch) return mismatch;
  const osDiskImage = { ...facts.osDisk, ...hostCaching(storage['osDiskImage']), source: {} };
  return {
    shown: { source },
    done: { osDiskImage, ...(facts.dataDisks.length > 0 && { dataDiskImages: [...facts.dataDisks] }) },
    guest: facts.guest,
  };
}

const isIn = (resource: Resource, location: string) => regionName(resource.location) === regionName(location);

function hostCaching(disk: unknown): JsonObject {
  const caching = object(disk)['hostCaching'];
  return caching === undefined ? {} : { hostCaching: caching };
}

function sourceNotFound(id: string): SandboxResponse {
  return armError(404, 'NotFound', `Source was not found: ${id}. Please make sure the source exists.`);
}

function factsOf(world: World, source: Resource): Facts {
  const storage = object(source.properties['storageProfile']);
  if (source.type === versionType) {
    const definition = compute(world).resources[key(source.id.replace(/\/versions\/[^/]+$/i, ''))];
    const { sizeInGB = 30, hostCaching: caching = 'ReadWrite' } = object(storage['osDiskImage']);
    return {
      ...textOf('osType', definition?.properties['osType']),
      ...textOf('osState', definition?.properties['osState']),
      ...textOf('generation', definition?.properties['hyperVGeneration']),
      plan: planOf(definition?.properties['purchasePlan']),
      osDisk: { sizeInGB, hostCaching: caching },
      dataDisks: list(storage['dataDiskImages']).map(object),
      guest: guestOf(world, source.id),
    };
  }
  const disk = object(storage['osDisk']);
  const isVm = source.type === vmType;
  return {
    ...textOf('osType', disk['osType']),
    osState: isVm ? (isGeneralized(world, source.id) ? 'Generalized' : 'Specialized') : String(disk['osState']),
    ...(isVm ? generationOfDisk(world, disk) : textOf('generation', source.properties['hyperVGeneration'])),
    plan: planOf(source.plan),
    osDisk: { sizeInGB: disk['diskSizeGB'] ?? 30, hostCaching: disk['caching'] ?? 'ReadWrite' },
    dataDisks: list(storage['dataDisks']).map(object).map(dataDiskImage),
    guest: isVm ? vmGuest(world, source) : guestOf(world, source.id),
  };
}

const textOf = (name: string, value: unknown) => (typeof value === 'string' ? { [name]: value } : {});

function generationOfDisk(world: World, disk: JsonObject) {
  const stored = compute(world).resources[key(text(object(disk['managedDisk'])['id']) ?? '')];
  return textOf('generation', stored?.properties['hyperVGeneration']);
}

const dataDiskImage = (disk: JsonObject): JsonObject => ({
  lun: disk['lun'] ?? 0,
  sizeInGB: disk['diskSizeGB'] ?? 30,
  hostCaching: disk['caching'] ?? 'None',
});

/** Azure's wording for a source that is not what the definition promises. */
function misfit(id: string, facts: Facts, definition: Resource): SandboxResponse | undefined {
  const { properties } = definition;
  for (const [what, mine, theirs, suffix] of [
    ['OS state', facts.osState, properties['osState'], 'OS state'],
    ['OS type', facts.osType, properties['osType'], 'OS type generation'],
    ['Hypervisor generation', facts.generation, properties['hyperVGeneration'], 'Hypervisor generation'],
  ] as const) {
    if (mine === undefined || theirs === undefined || mine === theirs) continue;
    const message = `The resource with id '${id}' has a different ${what} ['${mine}'] than the parent gallery image ${suffix} ['${theirs}'].`;
    return what === 'OS state' ? armError(400, 'BadRequest', message) : armError(409, 'Conflict', message);
  }
  if (!facts.plan || JSON.stringify(facts.plan) === JSON.stringify(planOf(properties['purchasePlan'])))
    return undefined;
  const theirs = JSON.stringify(properties['purchasePlan'] ?? null);
  const message = `The resource with id '${id}' has a different plan ['${JSON.stringify(facts.plan)}'] than the parent gallery image plan ['${theirs}'].`;
  return armError(409, 'Conflict', message);
}

/** What a VM may not have, or be, to become a version of a gallery. */
function unfitVm(vm: Resource, definition: Resource): SandboxResponse | undefined {
  const { osDisk, dataDisks } = object(vm.properties['storageProfile']);
  const ultra = list(dataDisks)
    .map(object)
    .find((d) => /^ultra/i.test(String(object(d['managedDisk'])['storageAccountType'])));
  const bad =
    object(osDisk)['diffDiskSettings'] === undefined
      ? ultra && `UltraSSD disk '${String(object(ultra['managedDisk'])['id'])}'`
      : 'ephemeral OS disk';
  const target = 'galleryImageVersion.properties.storageProfile.source.virtualMachineId';
  if (bad) return invalidParameter(`The source VM '${vm.id}' cannot contain ${bad}.`, target);
  const security = featureOf(definition, 'SecurityType');
  if (security !== 'TrustedLaunchSupported') return undefined;
  return invalidParameter(
    `The security type '${security}' of the gallery image is not supported for the source '${vm.id}'. Only VHD blobs, user images and gallery image versions are supported.`,
    'galleryImageVersion.properties.storageProfile.source.id',
  );
}

function fromDisks(world: World, { storage, definition }: Wanted): VersionSource | SandboxResponse {
  const osDisk = object(storage['osDiskImage']);
  const dataDisks = list(storage['dataDiskImages']).map(object);
  const problem = disksProblem([osDisk, ...dataDisks], dataDisks) ?? missingDisk(world, [osDisk, ...dataDisks]);
  if (problem) return problem;
  const stored = compute(world).resources[key(diskSourceId(osDisk) ?? '')];
  const generation = textOf('generation', stored?.properties['hyperVGeneration']);
  const osType = textOf('osType', stored?.properties['osType']);
  const nothing = { osDisk: {}, dataDisks: [], guest: undefined };
  const mismatch = misfit(diskSourceId(osDisk) ?? '', { ...nothing, ...generation, ...osType }, definition);
  if (mismatch) return mismatch;
  const sized = (disk: JsonObject, caching: string): JsonObject => ({
    hostCaching: caching,
    ...disk,
    sizeInGB: compute(world).resources[key(diskSourceId(disk) ?? '')]?.properties['diskSizeGB'] ?? 30,
  });
  const shown = { osDiskImage: osDisk, ...(dataDisks.length > 0 && { dataDiskImages: dataDisks }) };
  const dataDiskImages = dataDisks.map((disk) => sized(disk, 'None'));
  const done = { osDiskImage: sized(osDisk, 'ReadWrite'), ...(dataDisks.length > 0 && { dataDiskImages }) };
  const vm = stored?.managedBy ? findVm(world, stored.managedBy) : undefined;
  return { shown, done, guest: vm && vmGuest(world, vm) };
}

function disksProblem(all: readonly JsonObject[], dataDisks: readonly JsonObject[]): SandboxResponse | undefined {
  const target = 'galleryArtifactVersion.properties.storageProfile.dataDiskImages';
  const luns = dataDisks.map((disk) => disk['lun']);
  if (new Set(luns).size < luns.length) {
    const message =
      'Duplicated lun numbers have been detected in the input data disks. Lun number must be unique for each data disk.';
    return invalidParameter(message, target);
  }
  const ids = all.map((disk) => object(disk['source'])['id']).filter((id) => id !== undefined);
  if (new Set(ids).size === ids.length) return undefined;
  return invalidParameter(
    'Duplicated source ids are found in the input disks. Source id should be unique for each disk.',
    target,
  );
}

/** The sandbox keeps no storage accounts of customers: every VHD in a blob container is assumed to exist. */
function missingDisk(world: World, disks: readonly JsonObject[]): SandboxResponse | undefined {
  for (const disk of disks) {
    const { id, uri } = object(disk['source']);
    if (text(uri) && !/^https:\/\/[^/]+\.blob\.[^/]+\/.+\.vhd$/i.test(String(uri))) {
      return invalidParameter(
        `The value '${uri}' of parameter source.uri is not the URI of a VHD in a blob container.`,
      );
    }
    if (!text(id)) continue;
    if (!/\/providers\/Microsoft\.Compute\/(disks|snapshots)\/[^/]+$/i.test(String(id))) {
      return invalidParameter(`The source id: ${id} must be a managed disk or snapshot.`);
    }
    if (!compute(world).resources[key(String(id))]) return sourceNotFound(String(id));
  }
  return undefined;
}
