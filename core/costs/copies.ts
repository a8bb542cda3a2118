import type { GalleryVersion, Region } from '../azure';
import { sumOf } from '../collections';
import type { PriceList } from './prices';

/** What the copies of a version cost. */
export interface CopiesCost {
  /** US dollars a month, at most: of a disk Azure bills what is in use, and tells its size alone. */
  readonly usd: number;
  readonly copies: number;
  /** Regions that the price list does not have: they are not in the figure. */
  readonly unpriced: readonly string[];
}

type Stored = Pick<GalleryVersion, 'disks'> & { readonly regions: readonly Region[] };

/** GiB of all its disks; undefined: Azure does not say. */
export function sizeOf({ disks = [] }: Pick<GalleryVersion, 'disks'>): number | undefined {
  if (disks.length === 0 || disks.some(({ sizeGiB }) => sizeGiB === undefined)) return undefined;
  return sumOf(disks, ({ sizeGiB = 0 }) => sizeGiB);
}

/** Undefined: Azure does not say how large its disks are. `replicas` of a region are what is billed. */
export function costOfCopies(version: Stored, prices: PriceList): CopiesCost | undefined {
  const gib = sizeOf(version);
  if (gib === undefined) return undefined;
  const priced = version.regions.map(({ name, replicas, storageAccountType = 'Standard_LRS' }) => {
    const each = prices.perGib(name, storageAccountType);
    return { name, replicas, usd: each === undefined ? undefined : each * replicas * gib };
  });
  return {
    usd: sumOf(priced, ({ usd = 0 }) => usd),
    copies: sumOf(priced, ({ replicas }) => replicas),
    unpriced: priced.flatMap(({ name, usd }) => (usd === undefined ? [name] : [])),
  };
}

/** What retiring a version saves a month, in US dollars, at most; undefined where nobody can say. */
export function savedByRetiring(version: Stored, keeps: boolean, prices: PriceList): number | undefined {
  const cost = costOfCopies(version, prices);
  return cost && cost.usd - (costOfCopies(leftAfterRetiring(version, keeps), prices)?.usd ?? 0);
}

/** What stays to be paid once it is deleted: a gallery that keeps what is deleted keeps one copy in each region. */
export function leftAfterRetiring({ disks = [], regions }: Stored, keeps: boolean): Stored {
  return {
    disks,
    regions: keeps ? regions.map((region) => ({ ...region, replicas: Math.min(1, region.replicas) })) : [],
  };
}
