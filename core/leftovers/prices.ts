import type { Remain } from './remains';

/** What something costs at most, and where the number is from. */
export interface Cost {
  /** US dollars a month. */
  readonly usd: number;
  readonly source: string;
}

const hoursOfAMonth = 730;

/**
 * List prices in US dollars, of Azure's public price list (prices.azure.com/api/retail/prices). They differ by region and
 * by contract, so that a figure is said with the place and the day it was read; what the table does not have gets none.
 */
const copyOfGib: readonly (readonly [storage: RegExp, usd: number])[] = [
  [/^Premium_LRS$/i, 0.132],
  [/^Standard_(?:LRS|ZRS)$/i, 0.05],
];
const copySource = 'list price of snapshots in East US as of 24 July 2026';

const coreHour: readonly (readonly [size: RegExp, usd: Readonly<Record<'Linux' | 'Windows', number>>])[] = [
  [/^Standard_D(\d+)s_v5$/i, { Linux: 0.0575, Windows: 0.1035 }],
];
const machineSource = 'list price of Dsv5 machines in West Europe since 1 November 2021';

/**
 * The most that something costs a month: copies of a disk are billed by what is in use of it, and a machine while it
 * runs. Undefined where nothing is known; templates cost nothing by themselves.
 */
export function costOf(remain: Remain): Cost | undefined {
  if (remain.kind === 'candidate') return ofCandidate(remain);
  return remain.kind === 'machine' ? ofMachine(remain) : undefined;
}

function ofCandidate({ gib, copies, storage = 'Standard_LRS' }: Remain): Cost | undefined {
  const price = copyOfGib.find(([kind]) => kind.test(storage))?.[1];
  if (price === undefined || gib === undefined || copies === undefined) return undefined;
  return { usd: gib * copies * price, source: copySource };
}

function ofMachine({ vmSize = '', os = 'Linux' }: Remain): Cost | undefined {
  for (const [size, usd] of coreHour) {
    const cores = size.exec(vmSize)?.[1];
    if (cores !== undefined) return { usd: Number(cores) * usd[os] * hoursOfAMonth, source: machineSource };
  }
  return undefined;
}

/** What is known of all of them together, and where the numbers are from. */
export function totalCost(remains: readonly Remain[]): { readonly usd: number; readonly sources: readonly string[] } {
  const known = remains.flatMap((one) => costOf(one) ?? []);
  return {
    usd: known.reduce((sum, { usd }) => sum + usd, 0),
    sources: [...new Set(known.map(({ source }) => source))],
  };
}
