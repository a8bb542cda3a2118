import type { RegionView, TattooField, VersionRow, VersionState } from '../../cards';
import type { GalleryVersion, ImageRef, ImageTraits, RegionStatus } from '../../core/azure';
import { exactSourceText, shortSourceWords } from '../../core/build-source';
import { type Catalogue, findImage, type ImageConfig } from '../../core/catalogue';
import { call } from '../../core/command-call';
import { isUserError, UserError } from '../../core/errors';
import {
  channelsOf,
  compareVersions,
  differenceText,
  forgeries,
  highest,
  imageRef,
  isCandidate,
  isHiddenCopy,
  isMissingDefinition,
  isTattooField,
  latestBase,
  latestPublished,
  missingDefinition,
  readBases,
  tattooFromTags,
  versionTags,
} from '../../core/images';
import type { PublishRun } from '../../core/runs';
import type { RecordedVersion } from '../../store/reads';
import type { Deps } from '../conversation';

/** As of when, and against what, versions are looked at. */
export interface Judging {
  /** World time. */
  readonly now: Date;
  /** The number that is latest; absent when none is. */
  readonly latest?: string | undefined;
  /** What goldbot's runs recorded of each version that they tested, by number. */
  readonly recorded: ReadonlyMap<string, RecordedVersion>;
}

/** What proves that a version is not the one that goldbot built and tested; empty when nothing does. */
export function forgedParts(version: GalleryVersion, { recorded }: Pick<Judging, 'recorded'>): readonly string[] {
  return forgeries(version, recorded.get(version.version)?.fingerprint).map(differenceText);
}

/** What a version is to people. */
export function versionState(version: GalleryVersion, judging: Judging): VersionState {
  const { latest, now } = judging;
  if (forgedParts(version, judging).length > 0) return 'forged';
  if (version.provisioningState === 'Failed') return 'failed';
  if (version.provisioningState === 'Creating') return 'building';
  if (isHiddenCopy(version)) return 'copy';
  if (isCandidate(version)) return 'candidate';
  if (version.version === latest) return 'latest';
  if (version.excludedFromLatest && version.tags[versionTags.state] === 'revoked') return 'revoked';
  if (version.excludedFromLatest && version.tags[versionTags.state] === 'rolled-back') return 'rolled-back';
  if (version.endOfLife && version.endOfLife <= now) return 'past-end';
  return version.excludedFromLatest || version.tags[versionTags.state] === 'aged' ? 'aged' : 'current';
}

/** When it was published; the tag is goldbot's; other versions have only the date they were made. */
export function publishedAt(
  version: Pick<GalleryVersion, 'excludedFromLatest' | 'tags' | 'createdAt'>,
): Date | undefined {
  if (isCandidate(version)) return undefined;
  const tag = version.tags[versionTags.published];
  const date = tag === undefined ? undefined : new Date(tag);
  return date && !Number.isNaN(date.getTime()) ? date : version.createdAt;
}

export function versionRow(version: GalleryVersion, judging: Judging): VersionRow {
  const tattoo = tattooFromTags(version.tags);
  const published = publishedAt(version);
  const base = tattoo && shortSourceWords(tattoo.source);
  const channels = channelsOf(version);
  const copyOf = version.tags[versionTags.copyOf];
  return {
    version: version.version,
    state: versionState(version, judging),
    ...(channels.length > 0 && { channels }),
    ...(copyOf !== undefined && { copyOf }),
    ...(base !== undefined && { base }),
    ...(tattoo && isDate(tattoo.built) && { builtAt: tattoo.built }),
    ...(published && { publishedAt: published }),
    ...(version.endOfLife && { endOfLife: version.endOfLife }),
  };
}

/** `latest`, `previous`, `candidate` or a number, as one of the existing versions. */
export function pickVersion(versions: readonly GalleryVersion[], word: string): GalleryVersion | undefined {
  const latest = latestPublished(versions);
  if (word === 'latest') return latest;
  const sorted = [...versions].sort((a, b) => compareVersions(b.version, a.version));
  if (word === 'candidate')
    return sorted.find((v) => isCandidate(v) && !isHiddenCopy(v) && v.provisioningState === 'Succeeded');
  if (word !== 'previous') return sorted.find((v) => v.version === word);
  return latest && publishedBefore(sorted, latest.version);
}

/** The highest published number below this one. `sorted`: highest first. */
export function publishedBefore(sorted: readonly GalleryVersion[], version: string): GalleryVersion | undefined {
  return sorted.find(
    (v) => compareVersions(v.version, version) < 0 && !v.excludedFromLatest && v.provisioningState !== 'Failed',
  );
}

const marks: Readonly<Record<RegionStatus['state'], RegionView['mark']>> = {
  Completed: 'done',
  Replicating: 'now',
  Failed: 'failed',
  Unknown: 'todo',
};

export function regionView(region: RegionStatus): RegionView {
  const words = { Completed: 'in place', Replicating: `${region.progress} %`, Failed: 'failed', Unknown: 'not known' };
  return {
    name: region.name,
    replicas: region.replicas,
    mark: marks[region.state],
    detail: region.details ?? words[region.state],
  };
}

function isDate(text: string): boolean {
  return !Number.isNaN(new Date(text).getTime());
}

/** An image that the router has already found in the catalogue, with where its versions live. */
export function imageOf(catalogue: Catalogue, name: string): { readonly image: ImageConfig; readonly ref: ImageRef } {
  const image = findImage(catalogue, name);
  if (!image) throw new Error(`${name} left the catalogue while it was being asked about`);
  return { image, ref: imageRef(catalogue.azure, image) };
}

/** @throws UserError `UNKNOWN_VERSION` with what there is instead. */
export function needVersion(
  versions: readonly GalleryVersion[],
  word: string,
  { name: image }: Pick<ImageConfig, 'name'>,
): GalleryVersion {
  const found = pickVersion(versions, word);
  if (found) return found;
  const top = highest(versions.map((v) => v.version));
  const named = /^\d/.test(word) ? `no version ${word} of ${image}` : `no ${word} version of ${image}`;
  const first = { hint: 'Make the first one.', next: [call('publish', { image })] };
  const others = { hint: `See what there is; the highest is ${top}.`, next: [call('versions', { image })] };
  throw new UserError('UNKNOWN_VERSION', `The gallery has ${named}.`, top ? others : first);
}

/**
 * All versions of an image.
 * @throws UserError `CANNOT_BE_BUILT` with the command that makes a definition that is missing, and `AZ_…`.
 */
export async function versionsOf(image: ImageConfig, deps: Deps): Promise<readonly GalleryVersion[]> {
  const ref = imageRef(deps.catalogue().azure, image);
  try {
    return await deps.read.versions(ref);
  } catch (error) {
    if (!isMissingDefinition(error)) throw error;
    throw missingDefinition(image, ref, await traitsOf(image, deps));
  }
}

/** What the newest base is made for; undefined when Azure does not say. */
async function traitsOf({ source }: ImageConfig, { read, catalogue }: Deps): Promise<ImageTraits | undefined> {
  return latestBase((await ifKnown(readBases(read, catalogue().azure, source, 'latest'))) ?? [])?.traits;
}

/** For what is nice to know: undefined when Azure is silent or refuses. */
export async function ifKnown<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (isUserError(error)) return undefined;
    throw error;
  }
}

/**
 * Machines by golden version; undefined when nobody could count them. They are counted for the whole gallery, in one answer
 * for whoever asks about any of its images.
 */
export async function countMachines(
  { definition, ...gallery }: ImageRef,
  deps: Deps,
): Promise<ReadonlyMap<string, number> | undefined> {
  const all = await ifKnown(deps.read.machinesByVersion(gallery));
  return all && (all.get(definition.toLowerCase()) ?? new Map());
}

/** In the order of the guest's file. */
const names = ['schema', 'image', 'version', 'source', 'os', 'built', 'run', 'recipe'].filter(isTattooField);

/** The tags of a version beside what its run wrote; empty when the version has no tattoo at all. */
export function tattooFields(version: GalleryVersion, run: PublishRun | undefined): readonly TattooField[] {
  const expected = run ? writtenBy(run, version.version) : {};
  const fields = [...names, 'tattoo-sha256'].map((name) => {
    const value = version.tags[`goldbot-${name}`];
    const wrote = expected[name];
    return { name, ...(value && { value }), ...(wrote !== undefined && { expected: wrote }) };
  });
  return fields.some((field) => field.value !== undefined) ? fields : [];
}

/** Known only while the run's plan is still the one for this version: a rebuild makes a new plan. */
function writtenBy(run: PublishRun, version: string): Readonly<Record<string, string>> {
  const { fixed } = run.plan;
  if (fixed?.version !== version) return {};
  const { os, builtAt, tattooHash } = run.data;
  return {
    schema: '1',
    image: fixed.image,
    version: fixed.version,
    source: exactSourceText(fixed.base),
    run: run.id,
    recipe: fixed.recipeHash,
    ...(os !== undefined && { os }),
    ...(builtAt !== undefined && { built: builtAt }),
    ...(tattooHash !== undefined && tattooHash !== '' && { 'tattoo-sha256': tattooHash }),
  };
}
