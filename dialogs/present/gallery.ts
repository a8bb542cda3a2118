import type { GalleryVersion, ImageRef } from '../../core/azure';
import { type Catalogue, findImage, type ImageConfig } from '../../core/catalogue';
import { isUserError, UserError } from '../../core/errors';
import { highest, imageRef } from '../../core/images';
import type { Deps } from '../conversation';
import { pickVersion } from './versions';

/** An image that the router has already found in the catalogue, with where its versions live. */
export function imageOf(catalogue: Catalogue, name: string): { readonly image: ImageConfig; readonly ref: ImageRef } {
  const image = findImage(catalogue, name);
  if (!image) throw new Error(`${name} left the catalogue while it was being asked about`);
  return { image, ref: imageRef(catalogue.azure, image) };
}

/** @throws UserError `UNKNOWN_VERSION` with what there is instead. */
export function needVersion(versions: readonly GalleryVersion[], word: string, image: string): GalleryVersion {
  const found = pickVersion(versions, word);
  if (found) return found;
  const top = highest(versions.map((v) => v.version));
  const named = /^\d/.test(word) ? `no version ${word} of ${image}` : `no ${word} version of ${image}`;
  throw new UserError('UNKNOWN_VERSION', `The gallery has ${named}.`, {
    hint: top
      ? `See what there is with \`versions ${image}\`; the highest is ${top}.`
      : `Make the first with \`publish ${image}\`.`,
  });
}

/** Something nice to know: undefined when Azure is silent or refuses. */
export async function ifKnown<T>(look: Promise<T>): Promise<T | undefined> {
  try {
    return await look;
  } catch (error) {
    if (isUserError(error)) return undefined;
    throw error;
  }
}

/** VMs by golden version; undefined when nobody could count them. */
export function countMachines(ref: ImageRef, deps: Deps): Promise<ReadonlyMap<string, number> | undefined> {
  return ifKnown(deps.read.machinesByVersion(ref));
}
