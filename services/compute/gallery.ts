import type { GalleryDiskImageSource, GalleryImageVersion, GalleryOSDiskImage, TargetRegion } from '@azure/arm-compute';
import type {
  AzureRead,
  AzureWrite,
  GalleryDisk,
  GalleryVersion,
  ImageRef,
  RegionStatus,
  VersionChange,
} from '../../core/azure';
import { regionKey } from '../../core/azure-id';
import { compareVersions } from '../../core/images';
import { copiesIn, type ReadContext, statusOf, unlessMissing, type WriteContext } from '../azure';
import { noDefinition } from './definitions';
import { patchOf, putOf, wantedOf } from './version-change';

export function galleryRead(azure: ReadContext): Pick<AzureRead, 'versions' | 'version'> {
  return {
    /**
     * All versions of an image definition, lowest number first, without replication state; every page is read.
     *
     * @throws UserError `AZ_NOT_FOUND` (no such definition, with the fact `missing`, or no such gallery),
     * `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
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
          throw statusOf(error) === 404 ? await noDefinition(azure, image, error) : error;
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
    ...(safety?.allowDeletionOfReplicatedLocations && { allowsRegionRemoval: true }),
    regions: (profile?.targetRegions ?? []).map((region) => regionOf(region, found)),
    ...(found.location && { home: regionKey(found.location) }),
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
    ...copiesIn(region, publishingProfile),
    state: (status?.state ?? 'Unknown') as RegionStatus['state'],
    progress: status?.progress ?? 0,
    excludedFromLatest: region.excludeFromLatest ?? false,
    ...(region.excludeFromLatest === false && publishingProfile?.excludeFromLatest && { shownThere: true }),
    ...(status?.details && { details: status.details }),
  };
}
