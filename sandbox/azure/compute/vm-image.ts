import type { SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key } from '../arm';
import { marketplaceId } from '../estate/vms';
import { baseGuest } from '../guest/base';
import { type Guest, guestOf } from '../guest/guest';
import { findProduct, resolveImage } from '../marketplace/catalogue';
import { latestVersion } from './gallery-versions';
import { isReplicated } from './replication';
import { type JsonObject, object, type Resource, text } from './resource';
import { compute } from './section';

/** What a VM is made of: the reference it echoes, its guest, and what its disk remembers. */
export interface DeployedImage {
  readonly reference: JsonObject;
  readonly creation: JsonObject;
  readonly osType: 'Linux' | 'Windows';
  readonly sizeInGB: number;
  readonly guest: Guest | undefined;
}

/** Resolves the image reference of a VM in a region as Compute does, or answers its refusal. */
export function deployedImage(world: World, reference: JsonObject, region: string): DeployedImage | SandboxResponse {
  const id = text(reference['id']);
  if (id) return fromGallery(world, id, region);
  return fromMarketplace(world, reference, region);
}

function fromGallery(world: World, id: string, region: string): DeployedImage | SandboxResponse {
  const { resources } = compute(world);
  const version = /\/versions\/[^/]+$/i.test(id) ? resources[key(id)] : latestVersion(world, id, region);
  const image = version && resources[key(version.id.replace(/\/versions\/[^/]+$/i, ''))];
  if (!version || !image || !usable(world, version, region)) {
    const message = `The gallery image ${id} is not available in ${region} region. Please contact image owner to replicate to this region, or change your requested region.`;
    return { status: 404, body: { error: { code: 'GalleryImageNotFound', message, target: 'imageReference' } } };
  }
  const disk = object(object(version.properties['storageProfile'])['osDiskImage']);
  return {
    reference: { id, exactVersion: version.name },
    creation: { galleryImageReference: { id: version.id } },
    osType: image.properties['osType'] === 'Windows' ? 'Windows' : 'Linux',
    sizeInGB: Number(disk['sizeInGB'] ?? 30),
    guest: guestOf(world, version.id),
  };
}

function usable(world: World, version: Resource, region: string): boolean {
  const state = String(version.properties['provisioningState']);
  return state !== 'Deleting' && state !== 'Failed' && isReplicated(world, version, region);
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
    guest: baseGuest({ publisher, offer, sku, version: exactVersion }),
  };
}
