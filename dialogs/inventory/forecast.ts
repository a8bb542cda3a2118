import { definitionId } from '../../core/azure-id';
import type { ImageConfig } from '../../core/catalogue';
import { type BaseOutlook, definitionsOf, type Gap, partial, questions } from '../../core/compliance';
import { isUserError } from '../../core/errors';
import { type BaseAnswers, baseKey, imageRef, knownBase, sourceText, usedBase } from '../../core/images';
import type { CommandContext, Deps } from '../conversation';

/** The outlook for the marketplace images that builds start from. */
export interface Bases {
  readonly rows: readonly BaseOutlook[];
  readonly gaps: readonly Gap[];
}

type Versions = Awaited<ReturnType<Deps['read']['publishedVersions']>>;

/** For every image that the person may see. What Azure does not say is a gap, not good news. */
export async function basesOf({ rights }: CommandContext, deps: Deps): Promise<Bases> {
  const { ask, gaps } = questions();
  const catalogue = deps.catalogue();
  const images = catalogue.images.filter(({ name }) => rights.has('viewer', name));
  const versions = deps.read.publishedVersions(definitionsOf(catalogue));
  // Awaited below, image by image: each that lacks it is told of.
  versions.catch(() => {});
  const known = await basesKnown(images, deps);
  const outlook = async (image: ImageConfig) => outlookOf(image, { known, versions: await versions }, deps);
  const rows = await Promise.all(images.map((image) => ask('base', outlook(image), image.name)));
  const listed = await versions.catch(() => undefined);
  return { rows: rows.flatMap((row) => row ?? []), gaps: [...gaps, ...partial('versions', listed)] };
}

/** @throws UserError why nothing is known of the base. */
function outlookOf(
  image: ImageConfig,
  { known, versions }: { readonly known: BaseAnswers; readonly versions: Versions },
  { catalogue }: Deps,
): BaseOutlook {
  const { azure } = catalogue();
  const base = knownBase(known.get(baseKey(azure.location, image.source)));
  const id = definitionId(imageRef(azure, image)).toLowerCase();
  const used = usedBase(versions.rows.filter(({ source }) => source === id));
  const { announced, at, alternative } = (used !== undefined && base.deprecations[used]) || {};
  return {
    image: image.name,
    base: sourceText(image.source),
    ...(used !== undefined && { used }),
    ...(base.newest !== undefined && { newest: base.newest }),
    ...(announced && {
      deprecation: { ...(at !== undefined && { at }), ...(alternative !== undefined && { alternative }) },
    }),
  };
}

/** What is known of the bases of these images; those that nobody has asked about yet are waited for. */
export async function basesKnown(images: readonly ImageConfig[], deps: Deps): Promise<BaseAnswers> {
  const { location } = deps.catalogue().azure;
  const known = await deps.reads.bases();
  const missing = new Set(images.map(({ source }) => baseKey(location, source)).filter((key) => !known.has(key)));
  if (missing.size === 0) return known;
  try {
    return await deps.read.bases([...missing]);
  } catch (error) {
    if (!isUserError(error)) throw error;
    return known;
  }
}
