import type { GalleryImageVersion, GalleryImageVersionPublishingProfile, TargetRegion } from '@azure/arm-compute';
import type { AzureWrite, ImageRef, VersionCopy } from '../../core/azure';
import { galleryVersionId } from '../../core/azure-id';
import type { WriteContext } from '../azure';
import { regionsWith } from './version-change';

export function copyWrite(azure: WriteContext): Pick<AzureWrite, 'copyVersion'> {
  return { copyVersion: (image, version, copy) => copyVersion(azure, image, version, copy) };
}

/**
 * Makes a version from another one, out of latest, with the same end of life: of the same image with as many copies in the
 * same regions, of an image of another gallery where it says; returns when Azure has accepted it (copying takes minutes). Safe to repeat while the source stays as it is.
 * On a number whose version was deleted and is kept a PUT restores that one: the caller looks first.
 *
 * @throws UserError `AZ_NOT_FOUND` (no such source, or none in the copy's region), `AZ_CONFLICT`, `AZ_BAD_REQUEST`, `AZ_FORBIDDEN`, `AZ_POLICY`,
 * `AZ_THROTTLED`, `AZ_SILENT`, `FENCED`.
 * @see PUT …/versions/{version} with `storageProfile.source.id`
 */
function copyVersion(azure: WriteContext, image: ImageRef, version: string, copy: VersionCopy): Promise<void> {
  return azure.change(`copying “${image.definition}” ${copy.source} to ${version}`, async () => {
    const { resourceGroup, gallery, definition, subscription } = image;
    const from = copy.elsewhere?.from ?? image;
    const { galleryImageVersions: read } = azure.read.compute(from.subscription);
    const { location, publishingProfile, safetyProfile } = await read.get(
      ...([from.resourceGroup, from.gallery, from.definition, copy.source] as const),
    );
    const { replicaCount, storageAccountType, endOfLifeDate } = publishingProfile ?? {};
    const body: GalleryImageVersion = {
      location: copy.elsewhere?.location ?? location,
      tags: { ...copy.tags },
      publishingProfile: {
        targetRegions: regionsOf(copy, publishingProfile),
        ...(replicaCount !== undefined && { replicaCount }),
        ...(storageAccountType !== undefined && { storageAccountType }),
        ...(endOfLifeDate && { endOfLifeDate }),
        excludeFromLatest: true,
      },
      storageProfile: { source: { id: galleryVersionId(from, copy.source) } },
      safetyProfile: {
        allowDeletionOfReplicatedLocations: false,
        blockDeletionBeforeEndOfLife: safetyProfile?.blockDeletionBeforeEndOfLife ?? false,
      },
    };
    const { galleryImageVersions } = azure.compute(subscription);
    await galleryImageVersions.createOrUpdate(resourceGroup, gallery, definition, version, body).submitted();
  });
}

/** A region's own flag would win over that of the version: it is hidden everywhere until it is shown. */
function regionsOf({ elsewhere }: VersionCopy, profile: GalleryImageVersionPublishingProfile = {}): TargetRegion[] {
  if (elsewhere) return regionsWith({ ...profile, targetRegions: [] }, { regions: elsewhere.regions });
  return (profile.targetRegions ?? []).map(({ excludeFromLatest: _, ...region }) => region);
}
