import { regionKey } from '../../core/azure-id';
import type { CopyPrice, PricesRead, TrafficPrice } from '../../core/costs';
import { UserError } from '../../core/errors';
import { type Fields, fieldsOf, type ReadContext, refusal, textOf } from '../azure';

/** Of Azure's snapshots, which copies of versions are billed as. The list takes values as they are written alone. */
const filter = "serviceName eq 'Storage' and contains(meterName, 'Snapshots') and priceType eq 'Consumption'";
/**
 * What leaves a region for another one of Azure's. Names of meters are documented nowhere: those of bills are “Intra
 * Continent Data Transfer Out” and “Inter Continent Data Transfer Out”.
 */
const trafficFilter =
  "serviceName eq 'Bandwidth' and contains(meterName, 'Continent Data Transfer Out') and priceType eq 'Consumption'";
/** Some sixty regions with a few meters each: two or three pages of a thousand. */
const mostPages = 20;

export function pricesRead(azure: ReadContext): PricesRead {
  return {
    /**
     * What a GiB of a copy costs a month in every region that the list has, at most: where several meters fit, the dearest.
     * Nothing is sent but the question: no token. Empty in a cloud without a public list.
     *
     * @throws UserError `AZ_BAD_REQUEST`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET https://prices.azure.com/api/retail/prices?api-version=2023-01-01-preview&$filter=…
     */
    copyPrices: () =>
      azure.ask('reading Azure’s public price list', async () => {
        const { prices } = azure.cloud;
        return prices === undefined ? [] : dearest((await items(azure, prices, filter)).flatMap(priceOf));
      }),

    /**
     * What a GiB costs on its way out of every region that the list has, at most: where several meters fit, the dearest.
     * Otherwise as `copyPrices`.
     *
     * @throws UserError `AZ_BAD_REQUEST`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET https://prices.azure.com/api/retail/prices?api-version=2023-01-01-preview&$filter=…
     */
    trafficPrices: () =>
      azure.ask('reading Azure’s public price list', async () => {
        const { prices } = azure.cloud;
        return prices === undefined ? [] : dearest((await items(azure, prices, trafficFilter)).flatMap(trafficPriceOf));
      }),
  };
}

async function items(azure: ReadContext, host: string, wanted: string): Promise<readonly Fields[]> {
  const found: Fields[] = [];
  let url = `${host}/api/retail/prices?api-version=2023-01-01-preview&$filter=${encodeURIComponent(wanted)}`;
  for (let page = 0; page < mostPages; page++) {
    const answer = await azure.openly(url);
    if (answer.status >= 400) throw refusal(answer);
    const { Items: all, NextPageLink: next } = pageOf(answer.text);
    found.push(...(Array.isArray(all) ? all : []).map(fieldsOf));
    const link = textOf(next);
    if (link === undefined) return found;
    // Whatever the list says: nothing else is asked than the list.
    if (new URL(link).hostname !== new URL(host).hostname) throw broken('its next page is elsewhere');
    url = link;
  }
  throw broken('it does not end');
}

function pageOf(text: string): Fields {
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    throw broken('an answer is no JSON');
  }
}

const broken = (why: string): UserError =>
  new UserError('AZ_UNAVAILABLE', `Azure’s public price list could not be read: ${why}.`, {
    hint: 'Try again in a few minutes.',
  });

/** Of a region and a month, in dollars, from the first GiB on; anything else is another price. */
function priceOf(item: Fields): readonly CopyPrice[] {
  const storage = storageOf(`${textOf(item['productName']) ?? ''} ${textOf(item['skuName']) ?? ''}`);
  return storage === undefined ? [] : perUnit(item, '1 GB/Month').map((price) => ({ ...price, storage }));
}

const trafficPriceOf = (item: Fields): readonly TrafficPrice[] => perUnit(item, '1 GB');

/** None where the item is of another unit, currency, kind or tier. */
function perUnit(item: Fields, unit: string): readonly TrafficPrice[] {
  const { retailPrice: usd, armRegionName, currencyCode, unitOfMeasure, tierMinimumUnits = 0, type } = item;
  const region = textOf(armRegionName);
  const since = new Date(textOf(item['effectiveStartDate']) ?? '');
  const isPrice = typeof usd === 'number' && usd > 0 && currencyCode === 'USD' && tierMinimumUnits === 0;
  if (!isPrice || region === undefined || Number.isNaN(since.getTime())) return [];
  if (unitOfMeasure !== unit || type !== 'Consumption') return [];
  if (item['isPrimaryMeterRegion'] === false) return [];
  const meter = [textOf(item['productName']), textOf(item['meterName'])].join(', ');
  return [{ region: regionKey(region), usd, meter, since }];
}

/** How the list's names are those of the gallery is documented nowhere: product and redundancy stand in them. */
function storageOf(names: string): CopyPrice['storage'] | undefined {
  const isPremium = /\bPremium SSD\b/i.test(names);
  if (/\bZRS\b/i.test(names)) return isPremium ? undefined : 'Standard_ZRS';
  if (!/\bLRS\b/i.test(names)) return undefined;
  if (isPremium) return 'Premium_LRS';
  return /\bStandard\b/i.test(names) ? 'Standard_LRS' : undefined;
}

/** One of each region, and of each kind of storage where there are several. */
function dearest<Price extends TrafficPrice & Partial<Pick<CopyPrice, 'storage'>>>(
  all: readonly Price[],
): readonly Price[] {
  const found = new Map<string, Price>();
  for (const price of all) {
    const key = `${price.region} ${price.storage ?? ''}`;
    if ((found.get(key)?.usd ?? 0) < price.usd) found.set(key, price);
  }
  return [...found.values()];
}
