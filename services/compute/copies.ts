import type { GalleryImageVersion } from '@azure/arm-compute';
import type { AzureWrite, ImageRef, VersionCopy } from '../../core/azure';
import { galleryVersionId } from '../../core/azure-id';
import type { WriteContext } from '../azure';

export function copyWrite(azure: WriteContext): Pick<AzureWrite, 'copyVersion'> {
  return { copyVersion: (image, version, copy) => copyVersion(azure, image, version, copy) };
}

/**
 * Makes a version from another one of the same image, out of latest, with as many copies in the same regions and the same
 * end of life; returns when Azure has accepted it (copying takes minutes). Safe to repeat while the source stays as it is.
 * On a number whose version was deleted and is kept a PUT restores that one: the caller looks first.
 *
 * @throws UserError `AZ_NOT_FOUND` (no such source), `AZ_CONFLICT`, `AZ_BAD_REQUEST`, `AZ_FORBIDDEN`, `AZ_POLICY`,
 * `AZ_THROTTLED`, `AZ_SILENT`, `FENCED`.
 * @see PUT …/versions/{version} with `storageProfile.source.id`
 */
function copyVersion(azure: WriteContext, image: ImageRef, version: string, copy: VersionCopy): Promise<void> {
  return azure.change(`copying “${image.definition}” ${copy.source} to ${version}`, async () => {
    const { resourceGroup, gallery, definition, subscription } = image;
    const { galleryImageVersions: read } = azure.read.compute(subscription);
    const { location, publishingProfile, safetyProfile } = await read.get(
      ...([resourceGroup, gallery, definition, copy.source] as const),
    );
    const { targetRegions = [], replicaCount, storageAccountType, endOfLifeDate } = publishingProfile ?? {};
    const body: GalleryImageVersion = {
      location,
      tags: { ...copy.tags },
      publishingProfile: {
        // A region's own flag would win over that of the version: it is hidden everywhere until it is shown.
        targetRegions: targetRegions.map(({ excludeFromLatest: _, ...region }) => region),
        ...(replicaCount !== undefined && { replicaCount }),
        ...(storageAccountType !== undefined && { storageAccountType }),
        ...(endOfLifeDate && { endOfLifeDate }),
        excludeFromLatest: true,
      },
      storageProfile: { source: { id: galleryVersionId(image, copy.source) } },
      safetyProfile: {
        allowDeletionOfReplicatedLocations: false,
        blockDeletionBeforeEndOfLife: safetyProfile?.blockDeletionBeforeEndOfLife ?? false,
      },
    };
    const { galleryImageVersions } = azure.compute(subscription);
    await galleryImageVersions.createOrUpdate(resourceGroup, gallery, definition, version, body).submitted();
  });
}
