import type { AzureRead, GalleryVersion, ImageRef } from '../azure';
import type { VersionFacts } from './latest';

/**
 * The list of versions does not say where copies have arrived. While Azure works on a version that matters: nobody can
 * take it where it is still being copied to. Each of those is asked about by itself.
 *
 * @throws UserError `AZ_…`
 */
export async function withCopies<One extends VersionFacts>(
  read: Pick<AzureRead, 'version'>,
  image: ImageRef,
  all: readonly One[],
): Promise<readonly (One | GalleryVersion)[]> {
  const known = await Promise.all(
    all.map((one) => (one.provisioningState === 'Updating' ? read.version(image, one.version) : one)),
  );
  return known.filter((one) => one !== undefined);
}
