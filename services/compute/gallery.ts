import type {
  AlternativeOption,
  GalleryDiskImageSource,
  GalleryImage,
  GalleryImageVersion,
  GalleryOSDiskImage,
  TargetRegion,
  VirtualMachineImage,
} from '@azure/arm-compute';
import type {
  AzureRead,
  AzureWrite,
  GalleryDisk,
  GalleryRef,
  GalleryVersion,
  ImageDefinition,
  ImageRef,
  ImageTraits,
  MarketplaceVersion,
  RegionStatus,
  VersionChange,
} from '../../core/azure';
import { regionKey, sameId } from '../../core/azure-id';
import { call } from '../../core/command-call';
import { UserError } from '../../core/errors';
import { byNumber, compareVersions } from '../../core/images';
import { codeOf, type ReadContext, statusOf, unlessMissing, type WriteContext } from '../azure';
import { patchOf, putOf, wantedOf } from './version-change';

export function galleryRead(
  azure: ReadContext,
): Pick<AzureRead, 'definition' | 'definitions' | 'versions' | 'version'> {
  return {
    /**
     * What an image's definition takes; undefined when its gallery has none of that name.
     *
     * @throws UserError `AZ_NOT_FOUND` (no such gallery), `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`,
     * `AZ_SILENT`.
     * @see GET …/galleries/{gallery}/images/{definition}; after a 404, GET …/galleries/{gallery}/images
     */
    definition: (image) =>
      azure.ask(`asking about the image definition “${image.definition}”`, async () => {
        const { galleryImages } = azure.compute(image.subscription);
        const found = await unlessMissing(galleryImages.get(image.resourceGroup, image.gallery, image.definition));
        if (found) return definitionOf(found);
        await needGallery(azure, image);
        return undefined;
      }),

    /**
     * All definitions of a gallery; every page is read.
     *
     * @throws UserError `AZ_NOT_FOUND` (no such gallery), `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`,
     * `AZ_SILENT`.
     * @see GET …/galleries/{gallery}/images
     */
    definitions: (gallery) =>
      azure.ask(`listing the image definitions of “${gallery.gallery}”`, async () => {
        const { galleryImages } = azure.compute(gallery.subscription);
        const found: ImageDefinition[] = [];
        const pages = galleryImages.listByGallery(gallery.resourceGroup, gallery.gallery);
        for await (const definition of pages) found.push(definitionOf(definition));
        return found;
      }),

    /**
     * All versions of an image definition, lowest number first, without replication state; every page is read.
     *
     * @throws UserError `AZ_NOT_FOUND` (no such definition, with the fact `missing`, or no such gallery), `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`,
     * `AZ_SILENT`.
     * @see GET …/galleries/{gallery}/images/{definition}/versions
     */
    versions: (image) =>
      azure.ask(`listing the versions of “${image.definition}”`, async () => {
        const { galleryImageVersions } = azure.compute(image.subscription);
        const found: GalleryVersion[] = [];
        const pages = galleryImageVersions.listByGalleryImage(image.resourceGroup, image.gallery, image.definition);
        try {
          for await (const version of pages) found.push(versionOf(image, version));
        } catch (error) {
          if (statusOf(error) !== 404) throw error;
          await needGallery(azure, image);
          throw noDefinition(image, error);
        }
        return found.sort((a, b) => compareVersions(a.version, b.version));
      }),

    /**
     * One version with the state of its replication; undefined when there is none.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET …/versions/{version}?$expand=ReplicationStatus
     */
    version: (image, version) =>
      azure.ask(`asking about “${image.definition}” ${version}`, async () => {
        const found = await getVersion(azure, image, version);
        return found && versionOf(image, found);
      }),
  };
}

/** @throws Azure's 404 when the gallery itself is missing: then the mistake is elsewhere. Needs no further right. */
async function needGallery(azure: ReadContext, { subscription, resourceGroup, gallery }: GalleryRef): Promise<void> {
  const { galleryImages } = azure.compute(subscription);
  await galleryImages.listByGallery(resourceGroup, gallery).byPage().next();
}

function noDefinition({ gallery, definition }: ImageRef, cause: unknown): UserError {
  return new UserError('AZ_NOT_FOUND', `The gallery ${gallery} has no image definition ${definition}.`, {
    hint: `Correct \`imageDefinition\` in the file of the image, or make the definition; the list of images has the command.`,
    next: [call('images')],
    facts: { missing: 'image definition' },
    cause,
  });
}

function definitionOf(found: GalleryImage): ImageDefinition {
  const security = featureOf(found.features);
  const { name, product, publisher } = found.purchasePlan ?? {};
  return {
    name: found.name ?? '',
    state: found.osState === 'Specialized' ? 'Specialized' : 'Generalized',
    os: found.osType === 'Windows' ? 'Windows' : 'Linux',
    // Azure leaves out what it takes for granted: the first generation and x64.
    generation: found.hyperVGeneration === 'V2' ? 'V2' : 'V1',
    architecture: found.architecture === 'Arm64' ? 'Arm64' : 'x64',
    ...(security !== undefined && { security }),
    ...(name && { plan: { name, product: product ?? '', publisher: publisher ?? '' } }),
  };
}

function featureOf(features: readonly { name?: string; value?: string }[] | undefined): string | undefined {
  const value = features?.find((f) => sameId(f.name ?? '', 'SecurityType'))?.value;
  return value === undefined || /^(?:None|Standard)$/i.test(value) ? undefined : value;
}

export function galleryWrite(azure: WriteContext): Pick<AzureWrite, 'updateVersion' | 'deleteVersion'> {
  return {
    updateVersion: (image, version, change) => updateVersion(azure, image, version, change),
    deleteVersion: (image, version) => deleteVersion(azure, image, version),
  };
}

/**
 * Sets what `change` names and keeps the rest; returns when Azure has accepted it (replication takes minutes). Safe to
 * repeat: values are absolute, and a version that has them all is left alone. That it has come to be so is for the
 * caller to read: Azure accepts first.
 *
 * @throws UserError `AZ_NOT_FOUND`, `AZ_CONFLICT` (Azure is still working on the version), `AZ_BAD_REQUEST`,
 * `AZ_FORBIDDEN`, `AZ_POLICY`, `AZ_THROTTLED`, `AZ_SILENT`, `FENCED`.
 * @see PATCH …/versions/{version} (the gallery's API version is pinned by the SDK); PUT where Azure refuses it
 */
function updateVersion(azure: WriteContext, image: ImageRef, version: string, change: VersionChange): Promise<void> {
  return azure.change(`updating “${image.definition}” ${version}`, async () => {
    const { resourceGroup, gallery, definition } = image;
    const { galleryImageVersions: read } = azure.read.compute(image.subscription);
    const found = await read.get(resourceGroup, gallery, definition, version);
    const wanted = wantedOf(found, change);
    if (!wanted) return;
    const { galleryImageVersions } = azure.compute(image.subscription);
    try {
      // A poller is a promise of the finished update: wait for its acceptance only.
      await galleryImageVersions.update(resourceGroup, gallery, definition, version, patchOf(wanted)).submitted();
    } catch (error) {
      if (!isUnsupported(error)) throw error;
      // A PUT creates, or restores: only what is still there, and still the same, is put again.
      const again = await getVersion(azure.read, image, version);
      if (!again || !isSame(found, again)) throw error;
      const body = putOf(again, wantedOf(again, change) ?? wanted);
      await galleryImageVersions.createOrUpdate(resourceGroup, gallery, definition, version, body).submitted();
    }
  });
}

/** How Azure might refuse a PATCH as such: none of Microsoft's own tools sends one. */
function isUnsupported(error: unknown): boolean {
  const status = statusOf(error);
  return status === 400 || status === 405;
}

function isSame(a: GalleryImageVersion, b: GalleryImageVersion): boolean {
  const [made, now] = [a, b].map(({ publishingProfile }) => publishingProfile?.publishedDate?.getTime());
  return made === now;
}

/**
 * Deletes a version; returns when Azure has accepted it. Safe to repeat: a version that is gone or going is not an
 * error.
 *
 * @throws UserError `AZ_CONFLICT` (its end of life blocks deletion, or Azure is working on it), `AZ_FORBIDDEN`,
 * `AZ_THROTTLED`, `AZ_SILENT`, `FENCED`.
 * @see DELETE …/versions/{version}
 */
function deleteVersion(azure: WriteContext, image: ImageRef, version: string): Promise<void> {
  return azure.change(`deleting “${image.definition}” ${version}`, async () => {
    const { galleryImageVersions } = azure.compute(image.subscription);
    const { resourceGroup, gallery, definition } = image;
    try {
      await unlessMissing(galleryImageVersions.delete(resourceGroup, gallery, definition, version).submitted());
    } catch (error) {
      if (statusOf(error) !== 409) throw error;
      const found = await getVersion(azure.read, image, version);
      if (found && found.provisioningState !== 'Deleting') throw error;
    }
  });
}

async function getVersion(azure: ReadContext, image: ImageRef, version: string) {
  const { galleryImageVersions } = azure.compute(image.subscription);
  const expand = { expand: 'ReplicationStatus' } as const;
  return unlessMissing(galleryImageVersions.get(image.resourceGroup, image.gallery, image.definition, version, expand));
}

function versionOf(image: ImageRef, found: GalleryImageVersion): GalleryVersion {
  const { publishingProfile: profile, safetyProfile: safety } = found;
  return {
    id: found.id ?? '',
    image: image.definition,
    version: found.name ?? '',
    provisioningState: (found.provisioningState ?? 'Creating') as GalleryVersion['provisioningState'],
    ...(profile?.publishedDate && { createdAt: profile.publishedDate }),
    ...(profile?.endOfLifeDate && { endOfLife: profile.endOfLifeDate }),
    excludedFromLatest: profile?.excludeFromLatest ?? false,
    blockDeletionBeforeEndOfLife: safety?.blockDeletionBeforeEndOfLife ?? false,
    regions: (profile?.targetRegions ?? []).map((region) => regionOf(region, found)),
    tags: found.tags ?? {},
    ...originOf(found),
  };
}

/** Where its disks came from and how large they are. Image Builder's versions name the blob of the disk alone. */
function originOf({ storageProfile = {} }: GalleryImageVersion): Pick<GalleryVersion, 'source' | 'disks'> {
  const { source: whole, osDiskImage: os, dataDiskImages = [] } = storageProfile;
  const named = idOf(whole?.id ?? whole?.virtualMachineId ?? whole?.communityGalleryImageId);
  const source = named ?? diskSource(os?.source);
  const { source: own, ...disk } = os ?? {};
  const osDisk = os && { ...disk, lun: null, ...(named !== undefined && own && { source: own }) };
  const disks = [...(osDisk ? [osDisk] : []), ...dataDiskImages].map(diskOf);
  return { ...(source !== undefined && { source }), disks };
}

function diskOf({ lun, sizeInGB, source }: GalleryOSDiskImage & { readonly lun: number | null }): GalleryDisk {
  const from = diskSource(source);
  return { lun, ...(sizeInGB !== undefined && { sizeGiB: sizeInGB }), ...(from !== undefined && { source: from }) };
}

/** Names of blobs are compared as they are written; ids of resources are not. */
function diskSource(source: GalleryDiskImageSource | undefined): string | undefined {
  return idOf(source?.id) ?? source?.uri?.split('?')[0];
}

function idOf(id: string | undefined): string | undefined {
  return id?.toLowerCase();
}

function regionOf(region: TargetRegion, { publishingProfile, replicationStatus }: GalleryImageVersion): RegionStatus {
  const status = replicationStatus?.summary?.find((s) => regionKey(s.region ?? '') === regionKey(region.name));
  return {
    name: region.name,
    replicas: region.regionalReplicaCount ?? publishingProfile?.replicaCount ?? 1,
    state: (status?.state ?? 'Unknown') as RegionStatus['state'],
    progress: status?.progress ?? 0,
    excludedFromLatest: region.excludeFromLatest ?? false,
    ...(status?.details && { details: status.details }),
  };
}

/** `subscription`: the one that builds; the marketplace answers the same in any. */
export function marketplaceRead(
  azure: ReadContext,
  subscription: string,
): Pick<AzureRead, 'marketplaceVersions' | 'marketplaceVersion'> {
  return {
    /**
     * All versions of a marketplace image in a region, oldest first, without deprecation (one call; Azure does not page
     * it).
     *
     * @throws UserError `AZ_NOT_FOUND` (no such publisher, offer or SKU there), `AZ_FORBIDDEN`, `AZ_THROTTLED`,
     * `AZ_SILENT`.
     * @see GET …/locations/{location}/publishers/{publisher}/artifacttypes/vmimage/offers/{offer}/skus/{sku}/versions
     */
    marketplaceVersions: (location, { publisher, offer, sku }) =>
      azure.ask(`listing the versions of ${publisher}:${offer}:${sku}`, async () => {
        const { virtualMachineImages } = azure.compute(subscription);
        const found = await virtualMachineImages.list(location, publisher, offer, sku);
        return found.map(({ name }) => ({ version: name })).sort(byNumber);
      }),

    /**
     * One exact version with its traits and what its publisher says about its deprecation; undefined when there is
     * none. Azure says nothing else about a version that is deprecated.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET …/skus/{sku}/versions/{version}
     */
    marketplaceVersion: (location, { publisher, offer, sku }, version) =>
      azure.ask(`asking about ${publisher}:${offer}:${sku}:${version}`, async () => {
        const { virtualMachineImages } = azure.compute(subscription);
        try {
          return marketplaceVersionOf(await virtualMachineImages.get(location, publisher, offer, sku, version));
        } catch (error) {
          // The same status as for a version that never existed; the code tells them apart.
          if (codeOf(error) === 'ImageVersionDeprecated') return { version, deprecation: { state: 'Deprecated' } };
          if (statusOf(error) === 404) return undefined;
          throw error;
        }
      }),
  };
}

function marketplaceVersionOf(found: VirtualMachineImage): MarketplaceVersion {
  const { name, imageDeprecationStatus: status } = found;
  const traits = traitsOf(found);
  const plain = { version: name, ...(traits && { traits }) };
  if (!status?.imageState || status.imageState === 'Active') return plain;
  const alternative = alternativeOf(status.alternativeOption);
  const deprecation = {
    state: status.imageState,
    ...(status.scheduledDeprecationTime && { at: status.scheduledDeprecationTime }),
    ...(alternative && { alternative }),
  };
  return { ...plain, deprecation };
}

/** Undefined when Azure does not say what it is: nothing is compared with a guess. */
function traitsOf({ osDiskImage, hyperVGeneration, architecture, features, plan }: VirtualMachineImage) {
  const security = featureOf(features);
  const os = osDiskImage?.operatingSystem;
  if (!os || !hyperVGeneration) return undefined;
  const traits: ImageTraits = {
    os: os === 'Windows' ? 'Windows' : 'Linux',
    generation: hyperVGeneration === 'V2' ? 'V2' : 'V1',
    architecture: architecture === 'Arm64' ? 'Arm64' : 'x64',
    ...(security !== undefined && { security }),
    ...(plan && { plan: { name: plan.name, product: plan.product, publisher: plan.publisher } }),
  };
  return traits;
}

/** The value is the name of an offer, or of a plan of the same offer. */
function alternativeOf(option: AlternativeOption | undefined): string | undefined {
  if (!option?.value || !option.type || option.type === 'None') return undefined;
  return `${option.type.toLowerCase()} ${option.value}`;
}
