import { z } from 'zod';
import { noticeCard } from '../../cards';
import { call } from '../../core/command-call';
import { galleryRef } from '../../core/images';
import { readParity } from '../../core/lifecycle';
import { defineCommand, imageName } from '../conversation';
import { ifKnown, presentParity } from '../present';

/** `parity [image]`: whether the second gallery has what the first one offers, and what mends each difference. */
export const parity = defineCommand({
  verb: 'parity',
  summary: 'Compares the second gallery with the first: what it lacks, what it should not offer, and what mends it.',
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
    return presentParity({ catalogue, parity: found, image: name, definitions: definitions ?? [] });
  },
});

const noSecondGallery = noticeCard({
  message: 'The catalogue names no second gallery',
  details: [
    'Name one with `secondGallery` in azure.yaml (name, resourceGroup, best in another region), and goldbot compares it with the first once a week: what it lacks is what nobody could start machines from on the day on which the first one cannot be reached.',
  ],
  next: [call('images')],
});
