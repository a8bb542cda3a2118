import type { GalleryVersion, ImageRef, Region, VersionChange } from '../azure';
import { galleryVersionId, regionKey, sameId } from '../azure-id';
import { type CommandCall, call } from '../command-call';
import {
  differences,
  differenceText,
  type Fingerprint,
  fingerprintOf,
  isCandidate,
  tattooTagNames,
  unmet,
  versionTags,
} from '../images';
import { dayOf } from '../time';
import { isShown, isShownIn, type VersionFacts } from './latest';

/**
 * Copying a version into the second gallery, and bringing a copy there back to what the version is: its regions, the end of
 * its life, and where it is out of latest. A copy keeps the number; whatever else has that number there is left alone.
 */

/** What a copy is to be; kept as JSON. */
export interface SecondCopy {
  /** Where the version is. */
  readonly from: ImageRef;
  /** Of the version as it was agreed to. */
  readonly source: Fingerprint;
  /** Region of the copy as a resource (`northeurope`): the version is there, and so is the copy. */
  readonly location: string;
  readonly regions: readonly Region[];
  /** End of life, ISO 8601; absent: it has none, and one that the copy has stays. */
  readonly end?: string;
  readonly blocks: boolean;
  /** Out of latest everywhere, or in these regions. */
  readonly hidden: boolean;
  readonly hiddenIn: readonly string[];
}

/** Why nothing is copied: a sentence, with what to do instead. */
export interface NoCopy {
  readonly message: string;
  readonly next: readonly CommandCall[];
}

export interface CopyAsked {
  /** Name in the catalogue. */
  readonly image: string;
  readonly from: ImageRef;
  /** With the state of its copies. */
  readonly version: GalleryVersion;
  /** Name of the second gallery, and what it has of that number. */
  readonly gallery: string;
  readonly there: GalleryVersion | undefined;
  /** Where the catalogue wants copies there; where the version has them when absent. */
  readonly regions?: readonly string[] | undefined;
  /** As the catalogue has the image's regions: how many copies where the version has none, and how they are stored. */
  readonly configured: readonly Region[];
  readonly now: Date;
}

/** What is to be copied, or why nothing is. */
export function planCopy(asked: CopyAsked): SecondCopy | NoCopy {
  const { image, version, gallery, there } = asked;
  const why = whyNotCopy(asked) ?? (there && whyNotOver(asked, there));
  if (why) return why;
  const regions = wantedThere(asked);
  const location = placeFor(version, regions);
  if (location === undefined) {
    const [first] = regions;
    const ref = `${image}@${version.version}`;
    return {
      message: `Azure makes a copy from one in the same region, and ${version.version} has none in ${regions.map(({ name }) => name).join(', ')}.`,
      next: first ? [call('replicate', { ref, add: `${first.name}:1` })] : [call('show', { ref })],
    };
  }
  const hidden = !isShown(version);
  const copy: SecondCopy = {
    ...{ from: asked.from, source: fingerprintOf(version), location, regions },
    ...(version.endOfLife && { end: version.endOfLife.toISOString() }),
    ...{ blocks: version.blockDeletionBeforeEndOfLife, hidden },
    hiddenIn: hidden ? [] : regions.map(({ name }) => name).filter((name) => !isOfferedIn(version, name)),
  };
  if (!there || unmet(there, { ...inPlace(copy, version), ...flagsOf(copy) }).length > 0) return copy;
  return {
    message: `${image} ${version.version} is in ${gallery} as it is here: there is nothing to copy.`,
    next: [call('parity', { image })],
  };
}

/** Where the version has no copy of its own, its own flag counts. */
const isOfferedIn = (version: GalleryVersion, region: string): boolean =>
  version.regions.some(({ name }) => regionKey(name) === regionKey(region))
    ? isShownIn(version, region)
    : !version.excludedFromLatest;

function whyNotCopy({ image, version, there, now }: CopyAsked): NoCopy | undefined {
  const { version: number, provisioningState, endOfLife } = version;
  const see = [call('show', { ref: `${image}@${number}` })];
  if (isCandidate(version))
    return { message: `${number} was never published: nobody starts from a copy of it.`, next: see };
  if (provisioningState !== 'Succeeded') {
    return { message: `${number} cannot be copied now: its state is ${provisioningState}.`, next: see };
  }
  if (there || !endOfLife || endOfLife > now) return undefined;
  return { message: `The life of ${number} ended on ${dayOf(endOfLife)}: nobody needs a copy of it.`, next: see };
}

/** What has the number there already stays what it is. */
function whyNotOver({ image, version, from, gallery }: CopyAsked, there: GalleryVersion): NoCopy | undefined {
  const next = [call('parity', { image })];
  const what = `${image} ${version.version}`;
  if (!isCopyOf(there, version, from)) return { message: `${gallery} has another ${what}: ${otherWords(there)}`, next };
  const { provisioningState: state } = there;
  if (state === 'Failed')
    return { message: `${what} failed to be copied into ${gallery}: it has to be deleted there first.`, next };
  if (state === 'Deleting') return { message: `${gallery} is deleting its ${what}.`, next };
  return undefined;
}

/** A sentence behind a colon. */
export function otherWords({ source, tags }: GalleryVersion): string {
  const made = source ?? (tags[digestTag] === undefined ? undefined : 'something with another tattoo');
  return `${made === undefined ? 'nothing says what it was made from' : `it was made from ${made}`}. goldbot never overwrites a version.`;
}

const digestTag = 'goldbot-tattoo-sha256';

/** Whether a version of the second gallery is a copy of this one: by what it was made from, and by its tattoo where it has one. */
export function isCopyOf(copy: GalleryVersion, version: GalleryVersion, from: ImageRef): boolean {
  const [own, its] = [copy.tags[digestTag], version.tags[digestTag]];
  if (own !== undefined && own !== its) return false;
  return copy.source === undefined ? own !== undefined : sameId(copy.source, galleryVersionId(from, version.version));
}

/** In as many copies as the version has there, else as the catalogue says. */
function wantedThere({
  version,
  regions,
  configured,
}: Pick<CopyAsked, 'version' | 'regions' | 'configured'>): readonly Region[] {
  const named = regions ?? version.regions.map(({ name }) => name);
  return named.map((name): Region => {
    const like = (one: { readonly name: string }) => regionKey(one.name) === regionKey(name);
    const [own, planned] = [version.regions.find(like), configured.find(like)];
    return { ...planned, name: own?.name ?? planned?.name ?? name, replicas: own?.replicas ?? planned?.replicas ?? 1 };
  });
}

/** Best another region than the version’s own, which may be the one that cannot be reached. */
function placeFor({ regions, home }: GalleryVersion, wanted: readonly Region[]): string | undefined {
  const there = regions.filter(({ state }) => state === 'Completed' || state === 'Unknown');
  const both = wanted
    .map(({ name }) => regionKey(name))
    .filter((key) => there.some(({ name }) => regionKey(name) === key));
  return both.find((key) => key !== home) ?? both[0];
}

/** All that a copy is but for its flags: those come last, once it is everywhere. */
export function inPlace({ regions, end, blocks }: SecondCopy, version: GalleryVersion): VersionChange {
  return {
    regions,
    ...(end !== undefined && { endOfLife: new Date(end) }),
    blockDeletionBeforeEndOfLife: blocks,
    tags: { ...Object.fromEntries(carried.map((name) => [name, null])), ...tagsInSecond(version) },
  };
}

export const flagsOf = ({ hidden, hiddenIn }: SecondCopy): VersionChange =>
  hidden ? { excludedFromLatest: true } : { excludedFromLatest: false, hiddenIn };

const carried: readonly string[] = [
  ...tattooTagNames,
  versionTags.published,
  versionTags.state,
  versionTags.replacedBy,
  versionTags.reason,
  versionTags.certificate,
  versionTags.copyOf,
];

/** The tattoo as it stands inside, and what became of the version since. */
export function tagsInSecond({ tags }: Pick<GalleryVersion, 'tags'>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(tags).filter(([name]) => carried.includes(name.toLowerCase())));
}

/** Why the version is not what was agreed to: a clause; undefined when it is. */
export function changedSince(version: GalleryVersion | undefined, copy: SecondCopy): string | undefined {
  if (!version) return 'somebody deleted it meanwhile';
  if (version.provisioningState !== 'Succeeded') return `its state is ${version.provisioningState}`;
  const [differs] = differences(copy.source, fingerprintOf(version));
  if (differs) return `it is not what was agreed to any more: ${differenceText(differs)}`;
  if (isShown(version) === copy.hidden) return copy.hidden ? 'it is offered again' : 'it left latest meanwhile';
  return undefined;
}

/** The second gallery with the copy as it is to be. */
export function withSecond(
  all: readonly VersionFacts[],
  versions: readonly string[],
  { regions, end, hidden, hiddenIn }: SecondCopy,
): readonly VersionFacts[] {
  const made = versions.map((version): VersionFacts => {
    const before = all.find((one) => one.version === version);
    const named = regions.map((region) => ({
      ...region,
      ...{ state: 'Completed' as const, progress: 100, excludedFromLatest: hidden || hiddenIn.includes(region.name) },
    }));
    const others = (before?.regions ?? []).filter(({ name }) =>
      regions.every((one) => regionKey(one.name) !== regionKey(name)),
    );
    const rest = others.map(({ shownThere: _, ...region }) => ({ ...region, excludedFromLatest: hidden }));
    return {
      ...{ version, provisioningState: 'Succeeded', excludedFromLatest: hidden, regions: [...named, ...rest] },
      ...(end !== undefined && { endOfLife: new Date(end) }),
    };
  });
  return [...all.filter(({ version }) => !versions.includes(version)), ...made];
}
