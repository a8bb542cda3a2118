import type { AzureRead, ImageRef } from '../azure';
import type { VersionFacts } from './latest';

/**
 * The list of versions does not say where copies have arrived. While Azure works on a version that matters: nobody can
 * take it where it is still being copied to. Each of those is asked about by itself.
 *
 * @throws UserError `AZ_…`
 */
export async function withCopies(
  read: Pick<AzureRead, 'version'>,
  image: ImageRef,
  all: readonly VersionFacts[],
): Promise<readonly VersionFacts[]> {
  const known = await Promise.all(
    all.map((one) => (one.provisioningState === 'Updating' ? read.version(image, one.version) : one)),
  );
  return known.filter((one) => one !== undefined);
}
