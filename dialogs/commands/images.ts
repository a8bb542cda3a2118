import { z } from 'zod';
import { type ImageRow, imagesCard, noticeCard } from '../../cards';
import type { GalleryVersion, ImageDefinition, ImageTraits, MarketplaceVersion } from '../../core/azure';
import { sameId } from '../../core/azure-id';
import type { AzureConfig, ImageConfig } from '../../core/catalogue';
import { call } from '../../core/command-call';
import {
  galleryRef,
  imageRef,
  latestBase,
  latestPublished,
  misfitsOf,
  missingDefinition,
  tattooFromTags,
} from '../../core/images';
import { isSettled, type Run } from '../../core/runs';
import { type Answer, type Deps, defineCommand } from '../conversation';
import { ifKnown, publishedAt, traitsOf } from '../present';

/** `images`: the golden images, the latest version of each, and what is in progress. */
export const images = defineCommand({
  verb: 'images',
  summary: 'Lists the golden images with their latest version.',
  group: 'Look',
  role: 'viewer',
  effect: 'read',
  args: z.object({}),
  examples: ['images'],

  async run(ctx, _args, deps) {
    const { azure, images: all } = deps.catalogue();
    const open = new Map((await deps.reads.openRuns()).map((run) => [run.subject, run]));
    const mine = all.filter((image) => ctx.rights.has('viewer', image.name));
    const definitions = await ifKnown(deps.read.definitions(galleryRef(azure)));
    const looked = await Promise.all(mine.map((image) => lookAt(image, definitions, deps)));
    if (looked.every(({ versions, problem }) => versions === undefined && problem === undefined)) {
      return withoutAzure(mine, open);
    }
    return imagesCard({
      gallery: azure.gallery.name,
      images: looked.map((seen) => rowOf(seen, open.get(seen.image.name))),
      asOf: ctx.now,
    });
  },
});

interface Seen {
  readonly image: ImageConfig;
  /** Why it cannot be built as it stands. */
  readonly problem?: ImageRow['problem'];
  /** Undefined: Azure did not say. */
  readonly versions: readonly GalleryVersion[] | undefined;
  readonly bases: readonly MarketplaceVersion[] | undefined;
}

async function lookAt(
  image: ImageConfig,
  definitions: readonly ImageDefinition[] | undefined,
  deps: Deps,
): Promise<Seen> {
  const { azure } = deps.catalogue();
  const definition = definitions?.find((d) => sameId(d.name, image.imageDefinition));
  const isMissing = definitions !== undefined && definition === undefined;
  const [versions, bases] = await Promise.all([
    isMissing ? undefined : ifKnown(deps.read.versions(imageRef(azure, image))),
    ifKnown(deps.read.marketplaceVersions(azure.location, image.source)),
  ]);
  // Only Linux images are built in this version: what does not fit matters to them alone.
  const source = isMissing || image.os === 'Linux' ? await traitsOf(image, bases, deps) : undefined;
  const problem = isMissing
    ? noDefinition(image, azure, source)
    : definition && misfit(image, azure, { definition, ...(source && { source }) });
  return { image, versions, bases, ...(problem && { problem }) };
}

function noDefinition(image: ImageConfig, azure: AzureConfig, source: ImageTraits | undefined): ImageRow['problem'] {
  const { message, hint } = missingDefinition(image, imageRef(azure, image), source);
  return { short: 'no such definition in the gallery', mend: `${message} ${hint}` };
}

function misfit(
  image: ImageConfig,
  azure: AzureConfig,
  found: { readonly definition: ImageDefinition; readonly source?: ImageTraits },
): ImageRow['problem'] | undefined {
  const all = misfitsOf({ image, azure, ...found });
  if (all.length === 0) return undefined;
  return { short: 'cannot be built', mend: all.map(({ why, mend }) => `${why} ${mend}`).join(' ') };
}

function rowOf({ image, versions, bases, problem }: Seen, run: Run | undefined): ImageRow {
  const latest = latestPublished(versions ?? []);
  const published = latest && publishedAt(latest);
  return {
    image: image.name,
    os: image.title,
    ...(latest && { latest: { version: latest.version, ...(published && { publishedAt: published }) } }),
    ...(versions === undefined && !problem && { unknown: true }),
    ...(problem && { problem }),
    ...(latest && baseOf(latest, bases)),
    ...(run && { openRun: run.id, openRunIs: doing(run) }),
  };
}

/** What is not known must not read as "the newest". */
function baseOf(latest: GalleryVersion, bases: Seen['bases']): Pick<ImageRow, 'newerBase' | 'baseUnknown'> {
  const used = tattooFromTags(latest.tags)?.source.split(':').at(-1);
  if (bases === undefined) return { baseUnknown: 'Azure is silent' };
  if (used === undefined) return { baseUnknown: 'no tattoo' };
  const newest = latestBase(bases)?.version;
  if (newest === undefined) return { baseUnknown: 'the marketplace has none' };
  return newest === used ? {} : { newerBase: newest };
}

function withoutAzure(all: readonly ImageConfig[], open: ReadonlyMap<string, Run>): Answer {
  return noticeCard({
    message: 'Azure is silent; this is what the catalogue says',
    details: all.map(({ name, title }) => {
      const run = open.get(name);
      return run ? `${name} · ${title} · ${run.id} ${doing(run)}` : `${name} · ${title}`;
    }),
    next: [call('images')],
  });
}

function doing(run: Run): string {
  const { stage } = run;
  if (run.kind === 'publish' && isSettled(run)) return 'is tidying up';
  if (stage === 'approve') return 'waits for approval';
  return stage === 'repair' ? 'waits for repair' : 'is publishing';
}
