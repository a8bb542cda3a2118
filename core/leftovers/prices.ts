import { tablePrice, tableSource } from '../costs';
import type { Remain } from './remains';

/** What something costs at most, and where the number is from. */
export interface Cost {
  /** US dollars a month. */
  readonly usd: number;
  readonly source: string;
}

const hoursOfAMonth = 730;

/** Of the same list as the table of copies. */
const coreHour: readonly (readonly [size: RegExp, usd: Readonly<Record<'Linux' | 'Windows', number>>])[] = [
  [/^Standard_D(\d+)s_v5$/i, { Linux: 0.0575, Windows: 0.1035 }],
];
const machineSource = 'list price of Dsv5 machines in West Europe since 1 November 2021';

/**
 * The most that something costs a month: copies of a disk are billed by what is in use of it, and a machine while it
 * runs. Undefined where nothing is known; templates cost nothing by themselves.
 */
export function costOf(remain: Remain): Cost | undefined {
  if (remain.kind === 'candidate' || remain.kind === 'copy') return ofCandidate(remain);
  return remain.kind === 'machine' ? ofMachine(remain) : undefined;
}

function ofCandidate({ gib, copies, storage = 'Standard_LRS' }: Remain): Cost | undefined {
  const price = tablePrice(storage);
  if (price === undefined || gib === undefined || copies === undefined) return undefined;
  return { usd: gib * copies * price, source: tableSource };
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
