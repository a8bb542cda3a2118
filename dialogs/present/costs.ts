import { cents } from '../../cards';
import type { GalleryVersion } from '../../core/azure';
import { type CopiesCost, costOfCopies, type PriceList, pricesFor, savedByRetiring, trafficOf } from '../../core/costs';
import type { Deps } from '../conversation';

/** Azure's list prices of copies, or the dated table. */
export const pricesOf = ({ read }: Pick<Deps, 'read'>): Promise<PriceList> => pricesFor(read);

/** `at most US$ 2.00 a month instead of US$ 1.50; …`; undefined where nobody can say. `before`: as it is now. */
export function costWords(version: GalleryVersion, prices: PriceList, before = version): string | undefined {
  const [was, is] = [costOfCopies(before, prices), costOfCopies(version, prices)];
  if (!was || !is) return undefined;
  const instead = before === version ? '' : ` instead of ${cents(was.usd)}`;
  return `at most ${cents(is.usd)} a month${instead}${without(is)}; ${prices.source}.`;
}

/**
 * What the copies that are to be made cost on their way, as a sentence; empty where none goes to a region that has none.
 */
export async function trafficWords(
  version: GalleryVersion,
  added: readonly string[],
  { read }: Pick<Deps, 'read'>,
): Promise<string> {
  if (added.length === 0) return '';
  const usd = await trafficOf(version, added.length, read);
  if (usd === undefined)
    return ` What the way to ${added.join(', ')} costs is not counted: the price list does not tell.`;
  return ` The way to ${added.join(', ')} costs at most ${cents(usd)} once.`;
}

/** What retiring it saves a month, as a sentence; undefined where nobody can say. */
export function savingWords(version: GalleryVersion, keeps: boolean, prices: PriceList): string | undefined {
  const cost = costOfCopies(version, prices);
  const saved = savedByRetiring(version, keeps, prices);
  if (!cost || saved === undefined) return undefined;
  const after = keeps ? `, ${cents(cost.usd)} once it is not kept any more` : '';
  return `at most ${cents(saved)} a month${after}${without(cost)}; ${prices.source}.`;
}

function without({ unpriced }: CopiesCost): string {
  return unpriced.length === 0 ? '' : `, without ${unpriced.join(', ')}, which the price list does not have`;
}
