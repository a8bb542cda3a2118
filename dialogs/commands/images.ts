import { z } from 'zod';
import { type ImageRow, imagesCard, noticeCard } from '../../cards';
import type { ImageDefinition, ImageTraits } from '../../core/azure';
import { definitionId, sameId } from '../../core/azure-id';
import { sourcePlace } from '../../core/build-source';
import type { AzureConfig, ImageConfig } from '../../core/catalogue';
import { call } from '../../core/command-call';
import { type Counted, definitionsOf, type ListedVersion } from '../../core/compliance';
import {
  type BaseAnswer,
  type BaseAnswers,
  baseKey,
  galleryRef,
  imageRef,
  isNewerBase,
  latestPublished,
  misfitsOf,
  missingDefinition,
  usedBase,
} from '../../core/images';
import { isSettled, type Lock, lacksOutputs, lockSentence, type Run } from '../../core/runs';
import { type Answer, type Deps, defineCommand } from '../conversation';
import { basesKnown } from '../inventory';
import { ifKnown, publishedAt } from '../present';

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
    const mine = all.filter((image) => ctx.rights.has('viewer', image.name));
    const [runs, locks, next] = await Promise.all([
      deps.reads.openPublishes(),
      deps.reads.locks(),
      beginnings(mine, deps),
    ]);
    const going = { open: new Map(runs.map((run) => [run.subject, run])), locks, next };
    const [definitions, listed, bases] = await Promise.all([
      ifKnown(deps.read.definitions(galleryRef(azure))),
      ifKnown(deps.read.publishedVersions(definitionsOf({ azure, images: all }))),
      basesKnown(mine, deps),
    ]);
    const looked = mine.map((image) => lookAt(image, azure, { definitions, listed, bases }));
    if (looked.every(({ versions, problem }) => versions === undefined && problem === undefined)) {
      return withoutAzure(mine, going);
    }
    return imagesCard({
      gallery: azure.gallery.name,
      images: looked.map((seen) => ({
        ...rowOf(seen, going),
        canPublish: ctx.rights.has('publisher', seen.image.name),
      })),
      asOf: listed?.asOf ?? ctx.now,
    });
  },
});

interface Seen {
  readonly image: ImageConfig;
  /** Why it cannot be built as it stands. */
  readonly problem?: ImageRow['problem'];
  /** Undefined: Azure did not say. */
  readonly versions: readonly ListedVersion[] | undefined;
  readonly base: BaseAnswer | undefined;
}

/** What was asked about all images together; undefined where Azure did not say. */
interface Known {
  readonly definitions: readonly ImageDefinition[] | undefined;
  readonly listed: Counted<ListedVersion> | undefined;
  readonly bases: BaseAnswers;
}

function lookAt(image: ImageConfig, azure: AzureConfig, { definitions, listed, bases }: Known): Seen {
  const definition = definitions?.find((d) => sameId(d.name, image.imageDefinition));
  const isMissing = definitions !== undefined && definition === undefined;
  const base = bases.get(baseKey(azure.location, image.source));
  const source = base?.found?.traits;
  const problem = isMissing
    ? noDefinition(image, azure, source)
    : definition && misfit(image, azure, { definition, ...(source && { source }) });
  const versions = isMissing ? undefined : versionsIn(listed, definitionId(imageRef(azure, image)).toLowerCase());
  return { image, versions, base, ...(problem && { problem }) };
}

/** None in an answer of which Azure left something out is not known to be none. */
function versionsIn(listed: Known['listed'], definition: string): Seen['versions'] {
  const own = listed?.rows.filter(({ source }) => source === definition);
  return own?.length === 0 && listed?.partial ? undefined : own;
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

/** What people are doing. */
interface Going {
  readonly open: ReadonlyMap<string, Run>;
  readonly locks: readonly Lock[];
  /** When a schedule begins the next one, by image. */
  readonly next: ReadonlyMap<string, Date>;
}

/** What has come due and waits, or fails to begin, begins at no moment that is known. */
async function beginnings(images: readonly ImageConfig[], { reads }: Deps): Promise<ReadonlyMap<string, Date>> {
  const known = await Promise.all(
    images.map(async ({ name }) => {
      const { next } = await reads.schedules.state(name);
      return next && !next.failing && !next.spec.waits ? [[name, next.startAt] as const] : [];
    }),
  );
  return new Map(known.flat());
}

function rowOf({ image, versions, base, problem }: Seen, { open, locks, next }: Going): ImageRow {
  const run = open.get(image.name);
  const nextAt = next.get(image.name);
  const lock = locks.find((one) => one.image === image.name);
  const latest = latestPublished(versions ?? []);
  const published = latest && publishedAt({ ...latest, ...(latest.publishedAt && { createdAt: latest.publishedAt }) });
  return {
    image: image.name,
    os: image.title,
    ...(latest && { latest: { version: latest.version, ...(published && { publishedAt: published }) } }),
    ...(versions === undefined && !problem && { unknown: true }),
    ...(problem && { problem }),
    ...(latest && baseOf(latest, base, image)),
    ...(run && { openRun: run.id, openRunIs: doing(run) }),
    ...(lock && { lock: lockSentence(lock) }),
    ...(nextAt && { nextAt }),
  };
}

/** What is not known must not read as "the newest". */
function baseOf(
  latest: ListedVersion,
  base: Seen['base'],
  { source }: ImageConfig,
): Pick<ImageRow, 'newerBase' | 'baseUnknown'> {
  const used = usedBase([latest], source);
  const place = sourcePlace(source);
  if (base === undefined) return { baseUnknown: `${place} is still being asked` };
  if (base.found === undefined) return { baseUnknown: noBase(base, place) };
  if (used === undefined) return { baseUnknown: 'no tattoo' };
  const { newest } = base.found;
  if (newest === undefined) return { baseUnknown: `${place} has none` };
  return isNewerBase(newest, used) ? { newerBase: newest } : {};
}

function noBase({ failed }: BaseAnswer, place: string): string {
  if (failed?.code === 'AZ_NOT_FOUND') return `${place} does not have it`;
  return failed?.code === 'AZ_FORBIDDEN' ? 'Azure does not let goldbot read it' : 'Azure is silent';
}

function withoutAzure(all: readonly ImageConfig[], { open, locks }: Going): Answer {
  return noticeCard({
    message: 'Azure is silent; this is what the catalogue says',
    isList: true,
    details: all.map(({ name, title }) => {
      const run = open.get(name);
      const lock = locks.find(({ image }) => image === name);
      return [name, title, run && `${run.id} ${doing(run)}`, lock && lockSentence(lock)].filter(Boolean).join(' · ');
    }),
    next: [call('images')],
  });
}

function doing(run: Run): string {
  const { stage } = run;
  if (run.kind === 'publish' && lacksOutputs(run)) return 'waits for repair of its outputs';
  if (run.kind === 'publish' && isSettled(run)) return 'is tidying up';
  if (stage === 'approve') return 'waits for approval';
  if (stage === 'hold') return 'is held';
  return stage === 'repair' ? 'waits for repair' : 'is publishing';
}
