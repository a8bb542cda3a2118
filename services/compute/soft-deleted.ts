import type { AzureRead, AzureWrite, ImageRef } from '../../core/azure';
import { type ReadContext, statusOf, unlessMissing, type WriteContext } from '../azure';

/** Azure's name for what a gallery of images keeps. */
const images = 'Images';

export function softDeletedRead(azure: ReadContext): Pick<AzureRead, 'softDeleted' | 'keepsDeleted'> {
  return {
    /**
     * Versions of an image that were deleted and can still be restored; empty where the gallery keeps none.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET …/galleries/{gallery}/softDeletedArtifactTypes/Images/artifacts/{definition}/versions
     */
    softDeleted: ({ subscription, resourceGroup, gallery, definition }) =>
      azure.ask(`listing the deleted versions of “${definition}”`, async () => {
        const { softDeletedResource } = azure.compute(subscription);
        const found: { version: string; deletedAt?: Date }[] = [];
        try {
          const pages = softDeletedResource.listByArtifactName(resourceGroup, gallery, images, definition);
          for await (const { name, softDeletedTime } of pages) {
            const deletedAt = softDeletedTime === undefined ? undefined : new Date(softDeletedTime);
            found.push({ version: name ?? '', ...(deletedAt && { deletedAt }) });
          }
        } catch (error) {
          if (statusOf(error) !== 404) throw error;
        }
        return found;
      }),

    /**
     * Whether the gallery keeps for a while what is deleted in it.
     *
     * @throws UserError `AZ_NOT_FOUND`, `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET …/galleries/{gallery}
     */
    keepsDeleted: ({ subscription, resourceGroup, gallery }) =>
      azure.ask(`asking whether “${gallery}” keeps what is deleted`, async () => {
        const { softDeletePolicy } = await azure.compute(subscription).galleries.get(resourceGroup, gallery);
        return softDeletePolicy?.isSoftDeleteEnabled === true;
      }),
  };
}

export function softDeletedWrite(azure: WriteContext): Pick<AzureWrite, 'undeleteVersion'> {
  return { undeleteVersion: (image, version) => undelete(azure, image, version) };
}

/**
 * Restores a version that was deleted and is kept; returns when Azure has accepted it. Safe to repeat: a version that is
 * there is left alone. A PATCH cannot make a version of its own, as a PUT could once the time to restore is over.
 *
 * @throws UserError `AZ_NOT_FOUND` (kept no longer), `AZ_CONFLICT`, `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_SILENT`, `FENCED`.
 * @see PATCH …/versions/{version} with `restore`
 */
function undelete(azure: WriteContext, image: ImageRef, version: string): Promise<void> {
  return azure.change(`restoring “${image.definition}” ${version}`, async () => {
    const { resourceGroup, gallery, definition } = image;
    const { galleryImageVersions: read } = azure.read.compute(image.subscription);
    if (await unlessMissing(read.get(resourceGroup, gallery, definition, version))) return;
    const { galleryImageVersions } = azure.compute(image.subscription);
    const body = { restore: true, storageProfile: {} };
    await galleryImageVersions.update(resourceGroup, gallery, definition, version, body).submitted();
  });
}
