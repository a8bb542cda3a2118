import type { GalleryVersion, Region } from '../azure';
import { regionKey } from '../azure-id';
import { isUserError } from '../errors';
import { dayOf } from '../time';
import { sizeOf } from './copies';

export type StorageType = NonNullable<Region['storageAccountType']>;

/** What a GiB of one copy costs a month, as Azure's public price list has it. */
export interface CopyPrice {
  /** `westeurope`. */
  readonly region: string;
  readonly storage: StorageType;
  /** US dollars, the one currency in which Azure sets prices. */
  readonly usd: number;
  /** As the list calls what is billed: `Standard HDD Managed Disks, LRS Snapshots`. */
  readonly meter: string;
  /** Since when it has been so. */
  readonly since: Date;
}

/** What a GiB costs on its way from one region to another, at most: where the other one is makes it cheaper. */
export interface TrafficPrice extends Pick<CopyPrice, 'usd' | 'meter' | 'since'> {
  /** That it leaves. */
  readonly region: string;
}

/** The public price list. It is asked without credentials. */
export interface PricesRead {
  /**
   * Prices of copies in every region that the list has; empty in a cloud without a public list. Throws UserError `AZ_…`.
   */
  copyPrices(): Promise<readonly CopyPrice[]>;
  /** What a GiB costs on its way out of each region; as `copyPrices`. */
  trafficPrices(): Promise<readonly TrafficPrice[]>;
}

/**
 * List prices in US dollars, of Azure's public price list (prices.azure.com/api/retail/prices). They differ by region and
 * by contract, so that a figure is said with the place and the day it was read; what the table does not have gets none.
 */
const tableOfCopies: Readonly<Record<StorageType, number>> = {
  Standard_LRS: 0.05,
  Standard_ZRS: 0.05,
  Premium_LRS: 0.132,
};
export const tableSource = 'list price of snapshots in East US as of 24 July 2026';

/** Storage in any case; undefined where the table has none. */
export function tablePrice(storage: string): number | undefined {
  const known = Object.entries(tableOfCopies).find(([name]) => name.toLowerCase() === storage.toLowerCase());
  return known?.[1];
}

/** What figures are counted from, and how that is said. */
export interface PriceList {
  /** US dollars for a GiB and month; undefined: the list does not have it. */
  perGib(region: string, storage: StorageType): number | undefined;
  /** A clause: `Azure’s list prices, the newest since 1 Oct 2026`. */
  readonly source: string;
}

/** The public list; the dated table where nobody can read it. */
export async function pricesFor(read: Pick<PricesRead, 'copyPrices'>): Promise<PriceList> {
  try {
    const all = await read.copyPrices();
    if (all.length > 0) return listOf(all);
    return offline('this cloud has no public price list');
  } catch (error) {
    if (!isUserError(error)) throw error;
    return offline('the price list could not be read');
  }
}

function listOf(all: readonly CopyPrice[]): PriceList {
  const known = new Map(all.map((one) => [`${one.region} ${one.storage}`, one.usd]));
  const newest = new Date(Math.max(...all.map(({ since }) => since.getTime())));
  return {
    perGib: (region, storage) => known.get(`${regionKey(region)} ${storage}`),
    source: `Azure’s list prices of snapshots in US dollars, the newest since ${dayOf(newest)}`,
  };
}

const offline = (why: string): PriceList => ({
  perGib: (_, storage) => tableOfCopies[storage],
  source: `the ${tableSource}, for every region alike, since ${why}`,
});

/**
 * US dollars, once, at most, for the first copy of a version in each of so many further regions: those after it are made
 * from that one. Undefined where Azure does not say the size or the home, and where no list has the price.
 */
export async function trafficOf(
  version: Pick<GalleryVersion, 'disks' | 'home'>,
  regions: number,
  read: Pick<PricesRead, 'trafficPrices'>,
): Promise<number | undefined> {
  const gib = sizeOf(version);
  if (gib === undefined || version.home === undefined) return undefined;
  const home = regionKey(version.home);
  const price = (await known(read.trafficPrices())).find(({ region }) => region === home);
  return price && price.usd * gib * regions;
}

/** Nothing where nobody can read the list. */
async function known<Price>(prices: Promise<readonly Price[]>): Promise<readonly Price[]> {
  try {
    return await prices;
  } catch (error) {
    if (!isUserError(error)) throw error;
    return [];
  }
}
