import type { GalleryImage } from '@azure/arm-compute';
import type { AzureRead, GalleryRef, ImageDefinition, ImageRef } from '../../core/azure';
import { sameId } from '../../core/azure-id';
import { call } from '../../core/command-call';
import { UserError } from '../../core/errors';
import { type ReadContext, unlessMissing } from '../azure';

export function definitionRead(azure: ReadContext): Pick<AzureRead, 'definition' | 'definitions'> {
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
  };
}

/** @throws Azure's 404 when the gallery itself is missing: then the mistake is elsewhere. Needs no further right. */
async function needGallery(azure: ReadContext, { subscription, resourceGroup, gallery }: GalleryRef): Promise<void> {
  const { galleryImages } = azure.compute(subscription);
  await galleryImages.listByGallery(resourceGroup, gallery).byPage().next();
}

/**
 * Why the versions of an image were answered with 404.
 * @throws Azure's 404 when the gallery itself is missing.
 */
export async function noDefinition(azure: ReadContext, image: ImageRef, cause: unknown): Promise<UserError> {
  await needGallery(azure, image);
  const { gallery, definition } = image;
  return new UserError('AZ_NOT_FOUND', `The gallery ${gallery} has no image definition ${definition}.`, {
    hint: `Correct \`imageDefinition\` in the file of the image, or create the definition; the list of images has the command.`,
    next: [call('images')],
    facts: { missing: 'image definition' },
    cause,
  });
}

export function definitionOf(found: Partial<GalleryImage>): ImageDefinition {
  const security = securityOf(found.features);
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

/** Azure's feature `SecurityType`; undefined for standard machines. */
export function securityOf(features: readonly { name?: string; value?: string }[] | undefined): string | undefined {
  const value = features?.find((f) => sameId(f.name ?? '', 'SecurityType'))?.value;
  return value === undefined || /^(?:None|Standard)$/i.test(value) ? undefined : value;
}
