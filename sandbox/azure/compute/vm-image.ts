import type { SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key } from '../arm';
import { condition } from '../conditions';
import { marketplaceId } from '../estate/vms';
import { baseGuest } from '../guest/base';
import { type Guest, guestOf } from '../guest/guest';
import { findProduct, resolveImage } from '../marketplace/catalogue';
import { featureOf } from './features';
import { latestVersion } from './gallery-latest';
import { softDeleted } from './gallery-soft-delete';
import { regionName } from './regions';
import { isReplicated, replicatedAtMs, targetRegions } from './replication';
import { type JsonObject, list, object, type Resource, text } from './resource';
import { compute } from './section';
import { sharedImageId } from './shared-galleries';
import { type PurchasePlan, planOf } from './vm-fit';

/** What a VM is made from: the reference it echoes, its guest, and what its disk remembers. */
export interface DeployedImage {
  readonly reference: JsonObject;
  readonly creation: JsonObject;
  readonly osType: 'Linux' | 'Windows';
  readonly sizeInGB: number;
  readonly guest: Guest | undefined;
  /** An image that was never generalized: its users and its name are inside. */
  readonly specialized?: boolean;
  readonly hyperVGeneration?: string;
  /** The feature `SecurityType`. */
  readonly security?: string | undefined;
  readonly architecture: 'x64' | 'Arm64';
  /** Whether the image knows NVMe controllers. */
  readonly nvme: boolean;
  /** What a machine from it must name because it is bought, or descends from what is. */
  readonly plan?: PurchasePlan | undefined;
  /** The disk encryption set that the version names for this region. */
  readonly encryptionSetId?: string;
  /** Disks that come with the image: lun, size and caching. */
  readonly dataDisks?: readonly ImageDisk[];
}

export interface ImageDisk {
  readonly lun: number;
  readonly sizeInGB: number;
  readonly caching: string;
  readonly encryptionSetId?: string;
}

/** Where a VM is to be made from its image. */
interface Place {
  readonly subscriptionId: string;
  readonly region: string;
}

/** Resolves the image reference of a VM in a region as Compute does, or answers its refusal. */
export function deployedImage(
  world: World,
  reference: JsonObject,
  { subscriptionId, region }: Place,
): DeployedImage | SandboxResponse {
  const id = text(reference['id']);
  if (id && /\/providers\/Microsoft\.Compute\/images\/[^/]+$/i.test(id)) return fromManagedImage(world, id, region);
  if (id) return fromGallery(world, { id, own: { id } }, region);
  const { sharedGalleryImageId, communityGalleryImageId } = reference;
  const own = Object.fromEntries(
    Object.entries({ sharedGalleryImageId, communityGalleryImageId }).filter(([, v]) => typeof v === 'string'),
  ) as JsonObject;
  const [name] = Object.values(own);
  if (name === undefined) return fromMarketplace(world, reference, region);
  const seen = sharedImageId(world, subscriptionId, reference);
  return seen ? fromGallery(world, { id: seen, own }, region) : notAvailable(String(name), region);
}

export function notAvailable(id: string, region: string): SandboxResponse {
  const message = `The gallery image ${id} is not available in ${region} region. Please contact image owner to replicate to this region, or change your requested region.`;
  return { status: 404, body: { error: { code: 'GalleryImageNotFound', message, target: 'imageReference' } } };
}

function fromManagedImage(world: World, id: string, region: string): DeployedImage | SandboxResponse {
  const image = compute(world).resources[key(id)];
  if (!image || regionName(image.location) !== regionName(region)) {
    const message = `The Image '${id}' cannot be found in '${region}' region.`;
    return { status: 404, body: { error: { code: 'ImageNotFound', message, target: 'imageReference' } } };
  }
  if (image.properties['provisioningState'] === 'Creating') {
    const message = `The resource cannot be created from Image '${id}' until Image has been successfully created.`;
    return armError(409, 'OperationNotAllowed', message);
  }
  const storage = object(image.properties['storageProfile']);
  const disk = object(storage['osDisk']);
  const dataDisks = list(storage['dataDisks']).map(object);
  return {
    reference: { id },
    creation: { imageReference: { id: image.id } },
    osType: disk['osType'] === 'Windows' ? 'Windows' : 'Linux',
    sizeInGB: Number(disk['diskSizeGB'] ?? 30),
    guest: guestOf(world, image.id),
    specialized: disk['osState'] === 'Specialized',
    hyperVGeneration: String(image.properties['hyperVGeneration'] ?? 'V1'),
    architecture: 'x64',
    nvme: false,
    dataDisks: dataDisks.map((d) =>
      dataDisk({ ...d, sizeInGB: d['diskSizeGB'] ?? 30, hostCaching: d['caching'] ?? 'None' }),
    ),
  };
}

const dataDisk = (disk: JsonObject): ImageDisk => ({
  lun: Number(disk['lun'] ?? 0),
  sizeInGB: Number(disk['sizeInGB'] ?? 30),
  caching: String(disk['hostCaching'] ?? 'None'),
  ...encryptionSet(disk),
});

function encryptionSet(disk: JsonObject) {
  const id = text(disk['diskEncryptionSetId']);
  return id === undefined ? {} : { encryptionSetId: id };
}

/** How a version is encrypted in a region: its system's disk, and its data disks by lun. */
function encryptionIn(version: Resource, region: string): { os: JsonObject; data: (disk: JsonObject) => JsonObject } {
  const target = targetRegions(version).find((t) => regionName(String(t['name'])) === regionName(region));
  const encryption = object(target?.['encryption']);
  const byLun = list(encryption['dataDiskImages']).map(object);
  const data = (disk: JsonObject) => ({ ...byLun.find((d) => d['lun'] === disk['lun']), ...disk });
  return { os: object(encryption['osDiskImage']), data };
}

/** A version requested by its number is found even while it is soft-deleted; it is never the latest. */
function fromGallery(
  world: World,
  { id, own }: { readonly id: string; readonly own: JsonObject },
  region: string,
): DeployedImage | SandboxResponse {
  const { resources } = compute(world);
  const exact = /\/versions\/[^/]+$/i.test(id) && !/\/versions\/latest$/i.test(id);
  const definitionId = id.replace(/\/versions\/latest$/i, '');
  const version = exact ? (resources[key(id)] ?? softDeleted(world, id)) : latestVersion(world, definitionId, region);
  const image = version && resources[key(version.id.replace(/\/versions\/[^/]+$/i, ''))];
  if (!version || !image || !usable(world, version, region)) return notAvailable(String(Object.values(own)[0]), region);
  const storage = object(version.properties['storageProfile']);
  const disk = object(storage['osDiskImage']);
  const encryption = encryptionIn(version, region);
  return {
    reference: { ...own, exactVersion: version.name },
    creation: { galleryImageReference: { id: version.id } },
    osType: image.properties['osType'] === 'Windows' ? 'Windows' : 'Linux',
    sizeInGB: Number(disk['sizeInGB'] ?? 30),
    guest: guestOf(world, version.id),
    specialized: image.properties['osState'] === 'Specialized',
    hyperVGeneration: String(image.properties['hyperVGeneration'] ?? 'V2'),
    architecture: image.properties['architecture'] === 'Arm64' ? 'Arm64' : 'x64',
    nvme: /nvme/i.test(featureOf(image, 'DiskControllerTypes') ?? ''),
    plan: planOf(image.properties['purchasePlan']),
    security: featureOf(image, 'SecurityType'),
    ...encryptionSet(encryption.os),
    dataDisks: list(storage['dataDiskImages']).map(object).map(encryption.data).map(dataDisk),
  };
}

/** Some regions take minutes more until machines can be made from what is replicated there. */
function isSpread(world: World, version: Resource, location: string): boolean {
  const lag = Number(condition(world, 'regions', { location })['imageLagMinutes'] ?? 0);
  return lag === 0 || world.clock.nowMs() >= (replicatedAtMs(world, version, location) ?? 0) + lag * 60_000;
}

function usable(world: World, version: Resource, region: string): boolean {
  const state = String(version.properties['provisioningState']);
  return (
    state !== 'Deleting' &&
    state !== 'Failed' &&
    isReplicated(world, version, region) &&
    isSpread(world, version, region)
  );
}

function fromMarketplace(world: World, reference: JsonObject, region: string): DeployedImage | SandboxResponse {
  const [publisher = '', offer = '', sku = '', version = ''] = ['publisher', 'offer', 'sku', 'version'].map((n) =>
    text(reference[n]),
  );
  const found = resolveImage({ publisher, offer, sku, version }, world.clock.nowMs());
  if (!found) {
    if (!publisher || !offer || !sku || !version) {
      const message = 'The imageReference must have an id, or a publisher, an offer, a sku and a version.';
      return { status: 400, body: { error: { code: 'InvalidParameter', message, target: 'imageReference' } } };
    }
    const known = findProduct(publisher, offer, sku);
    const message = known
      ? `The version '${version}' of the platform image '${publisher}:${offer}:${sku}' is not available in ${region}. Verify that all fields in the storage profile are correct.`
      : `The platform image '${publisher}:${offer}:${sku}:${version}' is not available. Verify that all fields in the storage profile are correct. For more details about storage profile information, please refer to https://aka.ms/storageprofile`;
    return armError(known ? 400 : 404, 'PlatformImageNotFound', message);
  }
  const exactVersion = found.image.version;
  if (found.image.state === 'Deprecated') {
    const message = `The platform image '${publisher}:${offer}:${sku}:${exactVersion}' is deprecated.`;
    return { status: 404, body: { error: { code: 'ImageVersionDeprecated', message, target: 'imageReference' } } };
  }
  const resolved = { publisher, offer, sku, exactVersion };
  return {
    reference: { publisher, offer, sku, version, exactVersion },
    creation: { imageReference: { id: marketplaceId(resolved) } },
    osType: found.product.os,
    sizeInGB: found.product.os === 'Windows' ? 127 : 30,
    hyperVGeneration: found.product.generation,
    ...(found.product.generation === 'V2' && { security: 'TrustedLaunchSupported' }),
    architecture: found.product.architecture,
    nvme: true,
    plan: found.product.plan,
    guest: baseGuest({ publisher, offer, sku, version: exactVersion }),
  };
}
