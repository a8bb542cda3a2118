import type { AzureRead, GalleryRef, ImageRef, Region } from '../azure';
import { definitionId, galleryVersionId, regionKey, sameId } from '../azure-id';
import type { Catalogue, ImageConfig } from '../catalogue';
import { definitionsOf, type Gap, type ListedVersion, partial } from '../compliance';
import { isUserError } from '../errors';
import { hashOf } from '../hash';
import { compareVersions, imageRef, isCandidate, secondGalleryRef } from '../images';
import { weekOf } from '../time';

/**
 * Whether the second gallery of the catalogue has what the first one offers, on the day on which the first one cannot be
 * reached. Here they
 * are compared; `copy` (second.ts) mends what goldbot can.
 */

/** Worst first: what should be taken by nobody any more, then what is missing, then what is said otherwise. */
export const differenceKinds = [
  /** Out of latest in the first gallery, or never published there, and offered by the second. */
  'still offered',
  /** Offered by the second and unknown to the first: retired there, or never made. */
  'only there',
  /** It says that it was copied from something else. */
  'another',
  'no definition',
  'absent',
  'failed',
  /** It is there, and not in every region. */
  'copies',
  'not offered',
  'end',
] as const;
export type DifferenceKind = (typeof differenceKinds)[number];

/** One thing in which the galleries differ; kept as JSON. */
export interface Difference {
  readonly kind: DifferenceKind;
  readonly image: string;
  /** Empty where the image has no definition there. */
  readonly version: string;
  /** Those that are missing there, with as many replicas as the first gallery has. */
  readonly copies?: readonly Region[];
  /** End of life in the first gallery, and in the second; ISO 8601; absent: none. */
  readonly end?: string;
  readonly otherEnd?: string;
  /** What the second's says that it was copied from: a resource id. */
  readonly origin?: string;
}

/** What a comparison found; kept as JSON. */
export interface Parity {
  /** Name of the second gallery. */
  readonly gallery: string;
  /** False: there is no such gallery, and nothing could be compared. */
  readonly isThere: boolean;
  /** Published versions that the first gallery offers: what was looked for. */
  readonly offered: number;
  /** Worst first. */
  readonly differences: readonly Difference[];
  readonly gaps: readonly Gap[];
  /** When the older of both lists was made; ISO 8601. */
  readonly asOf: string;
}

export interface Compared {
  readonly image: string;
  /** Where the image's definition is in the first gallery. */
  readonly home: ImageRef;
  readonly first: readonly ListedVersion[];
  /** Undefined: the second gallery has no such definition. */
  readonly second: readonly ListedVersion[] | undefined;
  /** Where there have to be copies; where the first gallery has them when absent. */
  readonly regions?: readonly string[] | undefined;
  readonly now: Date;
}

/** In which an image differs. What Azure is still making there is not missing. */
export function differencesOf(compared: Compared): readonly Difference[] {
  const { image, first, second, now } = compared;
  const offered = first.filter((one) => isOffered(one, now));
  if (!second) return offered.length === 0 ? [] : [{ kind: 'no definition', image, version: '' }];
  const there = new Map(second.map((one) => [one.version, one]));
  const here = new Map(first.map((one) => [one.version, one]));
  return inOrder([
    ...offered.flatMap((one) => lacks(one, there.get(one.version), compared)),
    ...second.filter((one) => isOffered(one, now)).flatMap((one) => exceeds(one, here.get(one.version), compared)),
  ]);
}

/** Whether people are meant to take it: published, not out of latest, not past its end. */
function isOffered(version: ListedVersion, now: Date): boolean {
  const { provisioningState: state, excludedFromLatest, endOfLife } = version;
  const isMade = state === 'Succeeded' || state === 'Updating';
  return isMade && !excludedFromLatest && !isCandidate(version) && !(endOfLife && endOfLife <= now);
}

function lacks(one: ListedVersion, copy: ListedVersion | undefined, compared: Compared): readonly Difference[] {
  const { image, home, regions } = compared;
  const { version, endOfLife } = one;
  const end = endOfLife && { end: endOfLife.toISOString() };
  const of = (kind: DifferenceKind, more: Partial<Difference> = {}): Difference => ({ kind, image, version, ...more });
  const wanted = (regions ?? one.copies.map(({ name }) => name)).map((name): Region => {
    const known = one.copies.find((region) => regionKey(region.name) === regionKey(name));
    return { name: known?.name ?? name, replicas: known?.replicas ?? 1 };
  });
  if (!copy || copy.provisioningState === 'Deleting') return [of('absent', { copies: wanted, ...end })];
  if (copy.provisioningState === 'Failed') return [of('failed', { copies: wanted, ...end })];
  if (copy.provisioningState === 'Creating') return [];
  const { origin, endOfLife: otherEnd } = copy;
  const has = new Set(copy.copies.map(({ name }) => regionKey(name)));
  const missing = wanted.filter(({ name }) => !has.has(regionKey(name)));
  const isOther = origin !== undefined && !sameId(origin, galleryVersionId(home, version));
  return [
    ...(isOther ? [of('another', { origin, copies: wanted, ...end })] : []),
    ...(missing.length > 0 ? [of('copies', { copies: missing })] : []),
    ...(copy.excludedFromLatest ? [of('not offered')] : []),
    ...(endOfLife?.getTime() === otherEnd?.getTime()
      ? []
      : [of('end', { ...end, ...(otherEnd && { otherEnd: otherEnd.toISOString() }) })]),
  ];
}

/** What the second gallery offers and the first one does not. */
function exceeds(
  { version, endOfLife: otherEnd }: ListedVersion,
  original: ListedVersion | undefined,
  { image, now }: Compared,
): readonly Difference[] {
  if (!original || original.provisioningState === 'Deleting') return [{ kind: 'only there', image, version }];
  if (original.excludedFromLatest) return [{ kind: 'still offered', image, version }];
  const { endOfLife: end } = original;
  if (!end || end > now) return [];
  return [
    { kind: 'end', image, version, end: end.toISOString(), ...(otherEnd && { otherEnd: otherEnd.toISOString() }) },
  ];
}

function inOrder(all: readonly Difference[]): readonly Difference[] {
  const rank = ({ kind }: Difference) => differenceKinds.indexOf(kind);
  return all.toSorted((a, b) => rank(a) - rank(b) || compareVersions(b.version, a.version));
}

/** Where an image's copies live; undefined where the catalogue names no second gallery. */
export function secondImageRef(azure: Catalogue['azure'], image: ImageConfig): ImageRef | undefined {
  const gallery = secondGalleryRef(azure);
  return gallery && { ...gallery, definition: image.imageDefinition };
}

/**
 * Compares some images of the catalogue: two lists of Resource Graph and one question to the second gallery, however many
 * images there are. Undefined where the catalogue names no second gallery.
 *
 * @throws UserError `AZ_…`; goldbot may not see the second gallery: `AZ_FORBIDDEN`.
 */
export async function readParity(
  read: Pick<AzureRead, 'definitions' | 'publishedVersions'>,
  catalogue: Pick<Catalogue, 'azure' | 'images'>,
  { images, now }: { readonly images: readonly ImageConfig[]; readonly now: Date },
): Promise<Parity | undefined> {
  const { azure } = catalogue;
  const gallery = secondGalleryRef(azure);
  if (!gallery) return undefined;
  const home = (image: ImageConfig) => imageRef(azure, image);
  const away = ({ imageDefinition: definition }: ImageConfig): ImageRef => ({ ...gallery, definition });
  // Resource Graph leaves out what goldbot may not see: the gallery itself says whether it may.
  const [definitions, first, second] = await Promise.all([
    definitionsIn(read, gallery),
    read.publishedVersions(definitionsOf(catalogue)),
    read.publishedVersions(definitionsOf(catalogue, gallery)),
  ]);
  const of = ({ rows }: typeof first, ref: ImageRef) => rows.filter(({ source }) => sameId(source, definitionId(ref)));
  const compared = images.map((image): Compared => {
    const isDefined = definitions?.some((name) => sameId(name, image.imageDefinition));
    return {
      ...{ image: image.name, home: home(image), first: of(first, home(image)), now },
      second: isDefined ? of(second, away(image)) : undefined,
      regions: azure.secondGallery?.regions,
    };
  });
  return {
    ...{ gallery: gallery.gallery, isThere: definitions !== undefined },
    asOf: new Date(Math.min(first.asOf.getTime(), second.asOf.getTime())).toISOString(),
    offered: compared.flatMap((one) => one.first.filter((version) => isOffered(version, now))).length,
    differences: definitions ? inOrder(compared.flatMap(differencesOf)) : [],
    gaps: [...partial('versions', first), ...partial('versions', second)],
  };
}

/** Names; undefined where there is no such gallery. */
async function definitionsIn(
  read: Pick<AzureRead, 'definitions'>,
  gallery: GalleryRef,
): Promise<readonly string[] | undefined> {
  try {
    return (await read.definitions(gallery)).map(({ name }) => name);
  } catch (error) {
    if (!isUserError(error) || error.code !== 'AZ_NOT_FOUND') throw error;
    return undefined;
  }
}

/** What the weekly comparison found, as it is kept and told. */
export interface ParityFound {
  /** Names of the galleries. */
  readonly first: string;
  readonly second: string;
  /** ISO week (UTC) that it is for: `2026-W49`. */
  readonly week: string;
  /** Those of the images that the channel's people decide about. */
  readonly told: readonly { readonly channel: string; readonly differences: readonly Difference[] }[];
  /** Why it could not be compared: a sentence. It is tried again each day. */
  readonly trouble?: string;
  /** ISO 8601. */
  readonly asOf: string;
}

/** The weekly message of one channel. */
export type ParityTopic = `parity:${string}:${string}`;

/** One message a channel and ISO week (UTC), whatever it has to say. */
export function parityTopic(channel: string, now: Date): ParityTopic {
  return `parity:${hashOf(channel).slice(0, 16)}:${weekOf(now, 'UTC')}`;
}

/** Whether a channel is the one that a topic is about. */
export const isToldIn = (topic: ParityTopic, channel: string): boolean =>
  topic.split(':')[1] === hashOf(channel).slice(0, 16);
