import { definitionId } from '../../core/azure-id';
import { sourceText } from '../../core/build-source';
import type { ImageConfig } from '../../core/catalogue';
import {
  type BaseOutlook,
  definitionsOf,
  type Gap,
  type PublishedBases,
  partial,
  publishedBases,
  questions,
} from '../../core/compliance';
import { isUserError } from '../../core/errors';
import { type BaseAnswers, baseKey, imageRef, isNewerBase, knownBase, outlookOf, usedBase } from '../../core/images';
import type { CommandContext, Deps } from '../conversation';

/** The outlook for the marketplace images that builds start from, and that golden versions were built from. */
export interface Bases {
  readonly rows: readonly BaseOutlook[];
  readonly published: PublishedBases['retiring'];
  readonly gaps: readonly Gap[];
  /** World time of the oldest look that this rests on; absent when there was none. */
  readonly asOf?: Date;
}

type Versions = Awaited<ReturnType<Deps['read']['publishedVersions']>>;

interface Judging {
  readonly known: BaseAnswers;
  readonly versions: Versions;
  /** World time. */
  readonly now: Date;
}

/** For every image that the person may see. What Azure does not say is a gap, not good news. */
export async function basesOf(
  { rights, now }: CommandContext,
  bases: Promise<BaseAnswers>,
  deps: Deps,
): Promise<Bases> {
  const { ask, gaps } = questions();
  const catalogue = deps.catalogue();
  const images = catalogue.images.filter(({ name }) => rights.has('viewer', name));
  const versions = deps.read.publishedVersions(definitionsOf(catalogue));
  // Awaited below, image by image: each that lacks it is told of.
  versions.catch(() => {});
  const known = await bases;
  const outlook = async (image: ImageConfig) => outlookOfImage(image, { known, versions: await versions, now }, deps);
  const rows = await Promise.all(images.map((image) => ask('base', outlook(image), image.name)));
  const listed = await versions.catch(() => undefined);
  const published = listed && publishedOf(images, { known, versions: listed, now }, deps);
  const told = new Set(gaps.flatMap((gap) => ('image' in gap ? (gap.image ?? []) : [])));
  const unheard = [...(published?.unknown ?? [])].flatMap(([image, own]): readonly Gap[] =>
    told.has(image) ? [] : [{ figure: 'base', reason: 'not known', image, versions: own }],
  );
  const looks = images.flatMap(({ source }) => known.get(baseKey(catalogue.azure.location, source))?.found?.asOf ?? []);
  const [oldest] = looks.sort();
  return {
    ...(oldest !== undefined && { asOf: new Date(oldest) }),
    rows: rows.flatMap((row) => row ?? []),
    published: published?.retiring ?? [],
    gaps: [...gaps, ...unheard, ...partial('versions', listed)],
  };
}

/** @throws UserError why nothing is known of the base. */
function outlookOfImage(image: ImageConfig, { known, versions, now }: Judging, { catalogue }: Deps): BaseOutlook {
  const { azure } = catalogue();
  const base = knownBase(known.get(baseKey(azure.location, image.source)));
  const used = usedBase(versionsOf(image, versions, azure), image.source);
  const retirement = outlookOf(base, now);
  return {
    image: image.name,
    base: sourceText(image.source),
    ...(used !== undefined && { used: used.words }),
    ...(base.newest !== undefined && used && isNewerBase(base.newest, used) && { newest: base.newest }),
    ...(retirement && { retirement }),
  };
}

function publishedOf(images: readonly ImageConfig[], { known, versions, now }: Judging, { catalogue }: Deps) {
  const all = catalogue();
  const own = images.flatMap((image) =>
    versionsOf(image, versions, all.azure).map((version) => ({ ...version, image: image.name })),
  );
  return publishedBases(own, known, all, now);
}

function versionsOf(image: ImageConfig, { rows }: Versions, azure: ReturnType<Deps['catalogue']>['azure']) {
  const id = definitionId(imageRef(azure, image)).toLowerCase();
  return rows.filter(({ source }) => source === id);
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
