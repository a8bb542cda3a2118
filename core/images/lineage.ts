import type { ImageRef } from '../azure';
import { definitionId, regionKey } from '../azure-id';
import type { Catalogue } from '../catalogue';
import { grouped } from '../collections';
import type { Lineage, MachineCount, PublishedVersion } from '../compliance';
import { days } from '../time';
import { type Followed, type VersionChannel, versionsIn } from './channels';
import { homesOf, secondGalleryRef } from './planning';
import { compareVersions, highest, isVersion } from './versions';

/** Where a machine comes from and what has come since. */
export interface Origin {
  readonly lineage: Lineage;
  /** Name in the catalogue; absent when it is not golden. */
  readonly image?: string;
  /** Newer versions that can be deployed in the machine's own region. */
  readonly versionsBehind: number;
  /** Whole days since the first of them was published; absent when there is none or the gallery gives no date. */
  readonly daysBehind?: number;
  readonly endOfLife?: Date;
  /** The channel whose version it is measured against; absent: Azure's latest. */
  readonly follows?: VersionChannel;
  /** Why something about it is not known. */
  readonly doubt?: Doubt;
}

/** What keeps a golden machine's place in its lineage from being fully known. */
export type Doubt =
  /** Azure does not say which version it runs. */
  | 'version unknown'
  /** The gallery names no version of the image. */
  | 'no versions'
  /** The gallery no longer has the version: its end of life is not known. */
  | 'version gone'
  /** The version is excluded from latest, and nothing newer has been published. */
  | 'excluded'
  /** The gallery does not say how long there has been a newer version. */
  | 'newer undated';

/** The catalogue's images as machines name them, with the versions that the gallery has. */
export interface GoldenGallery {
  /** Name in the catalogue by lower-case definition id. */
  readonly images: ReadonlyMap<string, string>;
  /** For each image, by its name in the catalogue. */
  readonly versions: ReadonlyMap<string, readonly PublishedVersion[]>;
  /** Which channels teams follow; none when absent. */
  readonly follows?: Followed;
}

type Golden = Pick<Catalogue, 'azure' | 'images'>;

/**
 * Name in the catalogue by lower-case definition id, for every way in which a machine can name the definition, in either
 * gallery: the one rule of which image something is made from.
 */
export function goldenImages(catalogue: Golden): GoldenGallery['images'] {
  return new Map(catalogue.images.flatMap((i) => definitionIds(catalogue, i).map((id) => [id, i.name] as const)));
}

export function goldenGallery(
  catalogue: Golden,
  published: readonly PublishedVersion[],
  follows?: Followed,
): GoldenGallery {
  const images = goldenImages(catalogue);
  const golden = published.flatMap((version) => {
    const image = images.get(version.source.toLowerCase());
    return image === undefined ? [] : [{ image, version }];
  });
  const byImage = [...grouped(golden, ({ image }) => image)];
  const versions = new Map(byImage.map(([image, own]) => [image, own.map(({ version }) => version)]));
  return { images, versions, ...(follows && { follows }) };
}

function definitionIds({ azure }: Golden, image: Golden['images'][number]): readonly string[] {
  return homesOf(azure, image).flatMap(namesOf);
}

/** Machines name a shared gallery by its unique name, which is made of subscription and gallery. */
function namesOf(ref: ImageRef): readonly string[] {
  const { subscription, gallery, definition } = ref;
  return [definitionId(ref), `/sharedGalleries/${subscription}-${gallery}/images/${definition}`].map((id) =>
    id.toLowerCase(),
  );
}

/** Says of a source, in any case, whether it is an image of the second gallery: the name of that gallery. */
export function copiedIn({ azure, images }: Golden): (source: string) => string | undefined {
  const second = secondGalleryRef(azure);
  if (!second) return () => undefined;
  const ids = new Set(images.flatMap(({ imageDefinition: definition }) => namesOf({ ...second, definition })));
  return (source) => (ids.has(source.toLowerCase()) ? second.gallery : undefined);
}

/**
 * How a machine compares with golden images at world time `now`. A newer version counts once its region has it, and for a
 * team that follows a channel only up to the channel's version. While no version is the channel's, Azure's latest counts.
 */
export function lineageOf(
  machine: Pick<MachineCount, 'source' | 'version' | 'location'>,
  gallery: GoldenGallery,
  now: Date,
  team: string | null = null,
): Origin {
  const source = machine.source.toLowerCase();
  const image = gallery.images.get(source);
  if (image !== undefined) {
    const versions = gallery.versions.get(image) ?? [];
    return goldenOrigin(machine, { image, versions, now, ...targetOf(versions, gallery.follows?.(team, image)) });
  }
  return { lineage: foreignLineage(source), versionsBehind: 0 };
}

/** `publisher:offer:sku`, a definition of another gallery, or what is neither: a managed image, a disk. */
export function foreignLineage(source: string): Lineage {
  if (!source.startsWith('/')) return source.includes(':') ? 'marketplace' : 'unknown';
  return /\/(galleries|sharedgalleries|communitygalleries)\//i.test(source) ? 'otherGallery' : 'unknown';
}

interface Measure {
  readonly image: string;
  readonly versions: readonly PublishedVersion[];
  readonly now: Date;
  readonly follows?: VersionChannel;
  /** The number that is far enough. */
  readonly upTo?: string;
}

/** Of several that carry the channel the highest counts. */
function targetOf(
  versions: readonly PublishedVersion[],
  follows: VersionChannel | undefined,
): Pick<Measure, 'follows' | 'upTo'> {
  if (!follows) return {};
  const tagged = versions.map(({ version, tags = {} }) => ({ version, tags }));
  const upTo = highest(versionsIn(tagged, follows).map(({ version }) => version));
  return upTo === undefined ? {} : { follows, upTo };
}

function goldenOrigin(
  { version, location }: Pick<MachineCount, 'version' | 'location'>,
  { image, versions, now, follows, upTo }: Measure,
): Origin {
  const nothing = { image, lineage: 'unknown', versionsBehind: 0 } as const;
  if (!isVersion(version)) return { ...nothing, doubt: 'version unknown' };
  if (versions.length === 0) return { ...nothing, doubt: 'no versions' };
  const own = versions.find((v) => v.version === version);
  const newer = versions.filter(
    (v) =>
      compareVersions(v.version, version) > 0 &&
      (upTo === undefined || compareVersions(v.version, upTo) <= 0) &&
      !v.excludedFromLatest &&
      v.regions.includes(regionKey(location)),
  );
  const dates = newer.flatMap((v) => v.publishedAt?.getTime() ?? []);
  const since = now.getTime() - Math.min(...dates);
  const endOfLife = own?.endOfLife;
  const doubt = doubtOf(own, newer.length, dates.length);
  return {
    image,
    lineage: goldenLineage(own, newer.length, now),
    versionsBehind: newer.length,
    ...(dates.length > 0 && { daysBehind: Math.max(0, Math.floor(since / days(1))) }),
    ...(endOfLife && { endOfLife }),
    ...(follows && { follows }),
    ...(doubt && { doubt }),
  };
}

function goldenLineage(own: PublishedVersion | undefined, newer: number, now: Date): Lineage {
  if (own?.endOfLife && own.endOfLife <= now) return 'pastEnd';
  if (newer > 0) return newer === 1 ? 'behind' : 'farBehind';
  // A number that the gallery does not know may be above all others: that is not the latest version.
  return own ? 'latest' : 'unknown';
}

function doubtOf(own: PublishedVersion | undefined, newer: number, dated: number): Doubt | undefined {
  if (!own) return 'version gone';
  if (own.excludedFromLatest && newer === 0) return 'excluded';
  return newer > 0 && dated === 0 ? 'newer undated' : undefined;
}
