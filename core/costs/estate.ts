import type { GalleryVersion, Region } from '../azure';
import { grouped, sumOf } from '../collections';
import { compareVersions, isCandidate, latestPublished } from '../images';
import { costOfCopies, savedByRetiring, sizeOf } from './copies';
import type { PriceList } from './prices';

/** A version as far as what it costs depends on it. `regions`: where it is to have copies. */
export interface StoredVersion
  extends Pick<GalleryVersion, 'version' | 'provisioningState' | 'excludedFromLatest' | 'tags' | 'disks'> {
  readonly image: string;
  readonly regions: readonly Region[];
}

/** What a version costs. The figures are absent where Azure does not say how large its disks are. */
export interface VersionCost {
  readonly image: string;
  readonly version: string;
  /** `latest`: what Azure deploys when no version is named; `candidate`: it was never published. */
  readonly standing: 'latest' | 'candidate' | 'published';
  readonly copies: number;
  readonly gib?: number;
  /** US dollars a month, at most. */
  readonly usd?: number;
  /** What retiring it saves of that. */
  readonly saves?: number;
}

export interface ImageCost {
  readonly image: string;
  readonly versions: number;
  readonly copies: number;
  /** US dollars a month, at most, of those versions that have a figure. */
  readonly usd: number;
  /** The lowest published number that is not the latest: what an image gives up first. */
  readonly oldest?: VersionCost;
}

export interface EstateCost {
  /** Dearest first. */
  readonly images: readonly ImageCost[];
  /** Dearest first; those without a figure last. */
  readonly versions: readonly VersionCost[];
  /** Regions that the price list does not have: they are in no figure. */
  readonly unpriced: readonly string[];
}

/** What all versions of some images cost together. `images`: those without a version count too. */
export function estateCost(
  images: readonly string[],
  versions: readonly StoredVersion[],
  { prices, keeps }: { readonly prices: PriceList; readonly keeps: boolean },
): EstateCost {
  const byImage = grouped(versions, ({ image }) => image);
  const judged = images.map((image) => {
    const own = byImage.get(image) ?? [];
    const latest = latestPublished([...own])?.version;
    return { image, own: own.map((version) => versionCost(version, { prices, keeps, latest })) };
  });
  const unpriced = versions.flatMap((version) => costOfCopies(version, prices)?.unpriced ?? []);
  return {
    images: judged.map(({ image, own }) => imageCost(image, own)).sort((a, b) => b.usd - a.usd),
    versions: judged.flatMap(({ own }) => own).sort((a, b) => (b.usd ?? -1) - (a.usd ?? -1)),
    unpriced: [...new Set(unpriced)],
  };
}

interface Counting {
  readonly prices: PriceList;
  /** Whether the gallery keeps for a while what is deleted. */
  readonly keeps: boolean;
  readonly latest: string | undefined;
}

/** In whole cents, so that the sum of what is shown is the sum that is shown. */
export function versionCost(version: StoredVersion, { prices, keeps, latest }: Counting): VersionCost {
  const [cost, saves, gib] = [costOfCopies(version, prices), savedByRetiring(version, keeps, prices), sizeOf(version)];
  const standing = version.version === latest ? 'latest' : isCandidate(version) ? 'candidate' : 'published';
  return {
    ...{ image: version.image, version: version.version, standing },
    copies: sumOf(version.regions, ({ replicas }) => replicas),
    ...(gib !== undefined && { gib }),
    ...(cost && { usd: inCents(cost.usd) }),
    ...(saves !== undefined && { saves: inCents(saves) }),
  };
}

const inCents = (usd: number): number => Math.round(usd * 100) / 100;

function imageCost(image: string, own: readonly VersionCost[]): ImageCost {
  const [oldest] = own
    .filter(({ standing }) => standing === 'published')
    .sort((a, b) => compareVersions(a.version, b.version));
  return {
    ...{ image, versions: own.length, copies: sumOf(own, ({ copies }) => copies) },
    usd: sumOf(own, ({ usd = 0 }) => usd),
    ...(oldest && { oldest }),
  };
}
