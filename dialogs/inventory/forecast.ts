import type { ImageConfig } from '../../core/catalogue';
import { type BaseOutlook, type Gap, questions } from '../../core/compliance';
import { imageRef, latestBase, latestPublished, noneIfMissing, tattooFromTags } from '../../core/images';
import type { CommandContext, Deps } from '../conversation';

/** The outlook for the marketplace images that builds start from. */
export interface Bases {
  readonly rows: readonly BaseOutlook[];
  readonly gaps: readonly Gap[];
}

/** For every image that the person may see. What Azure does not say is a gap, not good news. */
export async function basesOf({ rights }: CommandContext, deps: Deps): Promise<Bases> {
  const { ask, gaps } = questions();
  const images = deps.catalogue().images.filter(({ name }) => rights.has('viewer', name));
  const rows = await Promise.all(images.map((image) => ask('base', baseOf(image, deps), image.name)));
  return { rows: rows.flatMap((row) => row ?? []), gaps };
}

async function baseOf(image: ImageConfig, { read, catalogue }: Deps): Promise<BaseOutlook> {
  const { azure } = catalogue();
  const { publisher, offer, sku } = image.source;
  const [versions, bases] = await Promise.all([
    noneIfMissing(read.versions(imageRef(azure, image))),
    read.marketplaceVersions(azure.location, image.source),
  ]);
  const tags = latestPublished(versions)?.tags;
  const used = tags && tattooFromTags(tags)?.source.split(':').at(-1);
  const newest = latestBase(bases)?.version;
  // The marketplace's lists do not mention deprecation; the version itself does.
  const assessed = used === undefined ? undefined : await read.marketplaceVersion(azure.location, image.source, used);
  const { at, alternative } = assessed?.deprecation ?? {};
  return {
    image: image.name,
    base: [publisher, offer, sku].join(':'),
    ...(used !== undefined && { used }),
    ...(newest !== undefined && { newest }),
    ...(assessed?.deprecation && {
      deprecation: { ...(at && { at: at.toISOString() }), ...(alternative !== undefined && { alternative }) },
    }),
  };
}
