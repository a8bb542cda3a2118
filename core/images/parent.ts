import type { AzureRead, BuildSource } from '../azure';
import { definitionId, sameId } from '../azure-id';
import { sourceName } from '../build-source';
import type { Catalogue } from '../catalogue';
import { call } from '../command-call';
import { UserError } from '../errors';
import { differenceText, type Fingerprint, forgeries } from './fingerprint';
import { imageRef } from './planning';

/** What goldbot keeps of a version of one of its images that it tested. */
type Recorded = (image: string, version: string) => Promise<Fingerprint | undefined>;

/**
 * Refuses a base that is a version of one of the catalogue's own images and not what goldbot tested and let through: every
 * machine of the child would start from what somebody put there. Of galleries of others goldbot has no record.
 *
 * @throws UserError `CANNOT_BE_BUILT` with what differs, `AZ_…`
 */
export async function mustBeGenuine(
  base: BuildSource,
  { azure, images }: Pick<Catalogue, 'azure' | 'images'>,
  { read, recorded }: { readonly read: Pick<AzureRead, 'version'>; readonly recorded: Recorded },
): Promise<void> {
  if (base.kind !== 'imageVersion') return;
  const parent = images.find((image) => sameId(definitionId(imageRef(azure, image)), definitionId(base.image)));
  if (!parent) return;
  const [found, kept] = [await read.version(base.image, base.version), await recorded(parent.name, base.version)];
  const [first, ...others] = found ? forgeries(found, kept) : [];
  if (!first) return;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  throw new UserError(
    'CANNOT_BE_BUILT',
    `The base ${sourceName(base)} ${base.version} is not what goldbot tested: ${differenceText(first)}${more}. Nothing was built from it.`,
    {
      hint: `Find out who changed it (the activity log of the gallery tells), and publish ${parent.name} anew, or name another of its versions.`,
      next: [call('verify', { what: `${parent.name}@${base.version}` }), call('publish', { image: parent.name })],
    },
  );
}
