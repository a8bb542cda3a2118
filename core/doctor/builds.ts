import { type Catalogue, type ImageConfig, machinesOf } from '../catalogue';
import { grouped } from '../collections';
import { placesOf } from '../images';
import { type Finding, inWords, type Look, looksBeforeBuilds, own, type PlannedBuild, staging } from '../preflight';
import type { HouseLook } from './house';

/**
 * The looks before a build, for all images of the catalogue: what stands in the way of one often does of all. What
 * goldbot itself may do the doctor looks at by its roles.
 */
export const buildLooks: readonly HouseLook[] = looksBeforeBuilds.filter((one) => one !== own).map(forAllImages);

/** Reads are asked once for all; the rest is one request for each image and more, and people ask Azure meanwhile. */
const imagesAtOnce = 4;

function forAllImages(one: Look<PlannedBuild>): HouseLook {
  return {
    at: one.at,
    find: async ({ azure }, { catalogue, busy }) => {
      // A run at work has filled its own staging group.
      const images = one === staging ? catalogue.images.filter(({ name }) => !busy.has(name)) : catalogue.images;
      const found: (readonly [ImageConfig, Finding])[] = [];
      for (let n = 0; n < images.length; n += imagesAtOnce) {
        const few = images.slice(n, n + imagesAtOnce);
        const looked = few.map(async (image) =>
          (await one.find(azure, buildOf(catalogue, image))).map((finding) => [image, finding] as const),
        );
        found.push(...(await Promise.all(looked)).flat());
      }
      return together(found);
    },
  };
}

/** What `publish` would order, as far as the catalogue alone says it: the looks need neither base nor number. */
function buildOf({ azure }: Catalogue, image: ImageConfig): PlannedBuild {
  const { build, test } = machinesOf(azure, image);
  const { vmSize: buildVmSize, ...settings } = build;
  const { source } = image;
  return {
    image: image.name,
    version: '1.0.0',
    ...placesOf(azure, image),
    identity: azure.identity,
    buildVmSize,
    testVmSize: test.vmSize,
    testSubnetId: test.subnetId,
    buildSettings: settings as NonNullable<PlannedBuild['buildSettings']>,
    ...(test.tags && { testTags: test.tags }),
    base: source.kind === undefined && source.plan ? { plan: source.plan } : {},
  };
}

/** What is found for several images is told once, with whose builds it stops. */
function together(found: readonly (readonly [ImageConfig, Finding])[]): readonly Finding[] {
  const same = grouped(found, ([, { why, short }]) => short?.of ?? why);
  return [...same.values()].flatMap((alike) => {
    const [most] = alike.map(([, finding]) => finding).sort((a, b) => (b.short?.needed ?? 0) - (a.short?.needed ?? 0));
    if (most?.severity !== 'stops') return most ?? [];
    return { ...most, so: `Builds of ${inWords(alike.map(([{ name }]) => name))} do not begin.` };
  });
}
