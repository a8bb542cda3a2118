import { z } from 'zod';
import { galleryRef } from '../../core/images';
import { readParity } from '../../core/lifecycle';
import { defineCommand, imageName } from '../conversation';
import { ifKnown, noSecondGallery, presentParity } from '../present';

/** `parity [image]`: whether the second gallery has what the first one offers, and what mends each difference. */
export const parity = defineCommand({
  verb: 'parity',
  summary: 'Compares the second gallery with the first: what it lacks, what it should not offer, and how to fix that.',
  group: 'Look',
  role: 'viewer',
  effect: 'read',
  args: z.object({ image: imageName.optional() }),
  examples: ['parity', 'parity ubuntu-22'],

  async run(ctx, { image: name }, deps) {
    const catalogue = deps.catalogue();
    const images = catalogue.images.filter(
      (image) => ctx.rights.has('viewer', image.name) && (name === undefined || image.name === name),
    );
    const found = await readParity(deps.read, catalogue, { images, now: ctx.now });
    if (!found) return noSecondGallery;
    const lacksDefinition = found.differences.some(({ kind }) => kind === 'no definition');
    const definitions = lacksDefinition ? await ifKnown(deps.read.definitions(galleryRef(catalogue.azure))) : [];
    const mayCopy = (image: string) => ctx.rights.has('publisher', image);
    return presentParity({ catalogue, parity: found, image: name, definitions: definitions ?? [], mayCopy });
  },
});
