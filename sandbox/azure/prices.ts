import { createHash } from 'node:crypto';
import type { Json, Route, SandboxRequest, SandboxResponse } from '../kernel/types';
import type { World } from '../kernel/world';
import { knownRegions, regionDisplayName, regionName } from './compute/regions';
import type { JsonObject } from './compute/resource';
import { vmSize, vmSizeNames } from './compute/vm-sizes';
import { condition } from './conditions';
import { ODataError, Tokens } from './policy-insights/odata';

/** What the prices below are of, as every item says; a price is never older than its meter. */
const since = '2026-10-01T00:00:00Z';

interface Meter {
  readonly serviceName: string;
  readonly serviceFamily: string;
  readonly productName: string;
  readonly skuName: string;
  readonly meterName: string;
  readonly unitOfMeasure: string;
  readonly armSkuName: string;
  /** In US dollars, in a region of factor 1. */
  readonly price: number;
}

const storage = { serviceName: 'Storage', serviceFamily: 'Storage', unitOfMeasure: '1 GB/Month', armSkuName: '' };
const hdd = { ...storage, productName: 'Standard HDD Managed Disks' };
const ssd = { ...storage, productName: 'Premium SSD Managed Disks' };

/** What images cost: each replica is a snapshot, and the first one of each further region travels there. */
const meters: readonly Meter[] = [
  { ...hdd, skuName: 'Snapshots LRS', meterName: 'LRS Snapshots', price: 0.05 },
  { ...hdd, skuName: 'Snapshots ZRS', meterName: 'ZRS Snapshots', price: 0.05 },
  { ...ssd, skuName: 'Snapshots LRS', meterName: 'Snapshots LRS', price: 0.12 },
  { ...ssd, skuName: 'Snapshots ZRS', meterName: 'Snapshots ZRS', price: 0.132 },
  {
    serviceName: 'Bandwidth',
    serviceFamily: 'Networking',
    productName: 'Bandwidth Inter-Region',
    skuName: 'Intra Continent',
    meterName: 'Intra Continent Data Transfer Out',
    unitOfMeasure: '1 GB',
    armSkuName: '',
    price: 0.02,
  },
  {
    serviceName: 'Bandwidth',
    serviceFamily: 'Networking',
    productName: 'Bandwidth Inter-Region',
    skuName: 'Inter Continent',
    meterName: 'Inter Continent Data Transfer Out',
    unitOfMeasure: '1 GB',
    armSkuName: '',
    price: 0.05,
  },
];

/** An hour of a Linux machine: so much for each core. */
const coreHour = 0.048;

/** How much dearer a region is than the cheapest. */
const factors: Readonly<Record<string, number>> = {
  eastus: 1,
  eastus2: 1,
  westus2: 1,
  westus3: 1,
  centralus: 1.04,
  northeurope: 1.04,
  westeurope: 1.12,
  brazilsouth: 1.6,
};

const pageSize = 1_000;

/**
 * `prices.azure.com`: list prices for everybody, without a token, a thousand on a page. The figures are computed from a
 * small table; they are of the order of Azure's and are not Azure's.
 */
export function priceRoutes(world: World): Route[] {
  const handle = (request: SandboxRequest): SandboxResponse => {
    try {
      return prices(world, request);
    } catch (error) {
      if (!(error instanceof ODataError)) throw error;
      return { status: 400, body: { Error: { Code: 'BadRequest', Message: 'Invalid OData parameters supplied' } } };
    }
  };
  return [{ method: 'GET', host: 'prices.azure.com', path: '/api/retail/prices', handle }];
}

function prices(world: World, { url }: SandboxRequest): SandboxResponse {
  const currency = (url.searchParams.get('currencyCode') ?? 'USD').replaceAll("'", '').toUpperCase();
  // Others are converted there; of their rates nothing is known here.
  if (currency !== 'USD') throw new ODataError(`no prices in ${currency}`);
  const test = filterOf(url.searchParams.get('$filter') ?? '');
  const skip = Number(url.searchParams.get('$skip') ?? 0);
  const found = items(world).filter(test);
  const page = found.slice(skip, skip + pageSize);
  return {
    status: 200,
    body: {
      BillingCurrency: 'USD',
      CustomerEntityId: 'Default',
      CustomerEntityType: 'Retail',
      Items: page,
      NextPageLink: skip + pageSize < found.length ? nextPage(url, skip + pageSize) : null,
      Count: page.length,
    },
  };
}

/** With the port, as Azure writes it. */
function nextPage(url: URL, skip: number): string {
  const query = new URLSearchParams(url.search);
  query.set('$skip', String(skip));
  return `https://prices.azure.com:443/api/retail/prices?${query}`;
}

const sizeMeters = (): Meter[] =>
  vmSizeNames().flatMap((name): Meter[] => {
    const size = vmSize(name);
    if (!size) return [];
    const plain = size.name.replace('Standard_', '').replaceAll('_', ' ');
    return [
      {
        serviceName: 'Virtual Machines',
        serviceFamily: 'Compute',
        productName: `Virtual Machines ${size.quota.replace(/^standard|Family$/g, '')} Series`,
        skuName: plain,
        meterName: plain,
        unitOfMeasure: '1 Hour',
        armSkuName: size.name,
        price: size.cores * coreHour,
      },
    ];
  });

/** A region that is taken off the list has no items at all. */
function items(world: World): JsonObject[] {
  const regions = knownRegions().filter(
    (location) => condition(world, 'prices', { location: regionName(location) })['listed'] !== false,
  );
  const all = [...meters, ...sizeMeters()];
  return regions.flatMap((region) => all.map((meter) => item(region, meter)));
}

function item(armRegionName: string, { price, ...meter }: Meter): JsonObject {
  const retailPrice = Number((price * (factors[armRegionName] ?? 1.2)).toFixed(6));
  const ids = createHash('sha256').update(`${meter.productName} ${meter.meterName} ${armRegionName}`).digest('hex');
  const productId = `DZH318Z0${ids.slice(0, 4).toUpperCase()}`;
  return {
    currencyCode: 'USD',
    tierMinimumUnits: 0,
    retailPrice,
    unitPrice: retailPrice,
    armRegionName,
    location: regionDisplayName(armRegionName) ?? armRegionName,
    effectiveStartDate: since,
    meterId: ids.slice(4, 36).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
    meterName: meter.meterName,
    productId,
    skuId: `${productId}/${ids.slice(36, 40).toUpperCase()}`,
    productName: meter.productName,
    skuName: meter.skuName,
    serviceName: meter.serviceName,
    serviceId: `DZH3${createHash('sha256').update(meter.serviceName).digest('hex').slice(0, 8).toUpperCase()}`,
    serviceFamily: meter.serviceFamily,
    unitOfMeasure: meter.unitOfMeasure,
    type: 'Consumption',
    isPrimaryMeterRegion: true,
    armSkuName: meter.armSkuName,
  };
}

type Test = (item: JsonObject) => boolean;

const filterable: ReadonlySet<string> = new Set([
  'armRegionName',
  'location',
  'meterId',
  'meterName',
  'productId',
  'skuId',
  'productName',
  'skuName',
  'serviceName',
  'serviceId',
  'serviceFamily',
  'priceType',
  'armSkuName',
  'currencyCode',
  'type',
  'isPrimaryMeterRegion',
]);

/** `$filter`: `eq`, `ne`, `contains`, `startswith`, `endswith`, `and`, `or`, brackets. Names and values count as written. */
function filterOf(source: string): Test {
  if (source.trim() === '') return () => true;
  const all = new Tokens(source);
  const test = either(all);
  all.end();
  return test;
}

function either(all: Tokens): Test {
  const parts = [both(all)];
  while (all.skip('or')) parts.push(both(all));
  return (item) => parts.some((part) => part(item));
}

function both(all: Tokens): Test {
  const parts = [single(all)];
  while (all.skip('and')) parts.push(single(all));
  return (item) => parts.every((part) => part(item));
}

const functions: Readonly<Record<string, (value: string, wanted: string) => boolean>> = {
  contains: (value, wanted) => value.includes(wanted),
  startswith: (value, wanted) => value.startsWith(wanted),
  endswith: (value, wanted) => value.endsWith(wanted),
};

function single(all: Tokens): Test {
  if (all.skip('(')) {
    const inner = either(all);
    all.expect(')');
    return inner;
  }
  const first = all.take();
  const call = functions[first];
  if (call) {
    all.expect('(');
    const field = fieldOf(all);
    all.expect(',');
    const wanted = String(literal(all));
    all.expect(')');
    return (item) => call(String(fieldIn(item, field)), wanted);
  }
  if (!filterable.has(first)) all.fail();
  const operator = all.take();
  if (operator !== 'eq' && operator !== 'ne') all.fail();
  const wanted = literal(all);
  return (item) => (fieldIn(item, first) === wanted) === (operator === 'eq');
}

function fieldOf(all: Tokens): string {
  const name = all.take();
  return filterable.has(name) ? name : all.fail();
}

/** What is filtered by as `priceType` is shown as `type`. */
const fieldIn = (item: JsonObject, field: string): Json | undefined => item[field === 'priceType' ? 'type' : field];

function literal(all: Tokens): Json {
  const token = all.take();
  if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'");
  if (token === 'true' || token === 'false') return token === 'true';
  return all.fail();
}
