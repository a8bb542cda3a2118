import { clouds } from '../../core/cloud';
import type { Json, Route } from '../../sandbox/kernel/types';
import { azureOf, connect, failure } from './azure';
import { wholeAzure } from './whole-azure';

const item = (more: Record<string, Json> = {}): Json => ({
  ...{ currencyCode: 'USD', tierMinimumUnits: 0, retailPrice: 0.05, armRegionName: 'westeurope', type: 'Consumption' },
  ...{ unitOfMeasure: '1 GB/Month', effectiveStartDate: '2026-10-01T00:00:00Z', isPrimaryMeterRegion: true },
  ...{ productName: 'Standard HDD Managed Disks', skuName: 'Snapshots LRS', meterName: 'LRS Snapshots' },
  ...more,
});
const page = (Items: Json[], NextPageLink: string | null = null): Json => ({ Items, NextPageLink });
const list = (handle: Route['handle']): Route => ({
  ...{ method: 'GET', host: 'prices.azure.com', path: '/api/retail/prices', handle },
});
const answering = (...pages: readonly Json[]) => {
  const left = [...pages];
  return azureOf([list(() => ({ status: 200, body: left.shift() ?? page([]) }))]);
};

describe('the price list', () => {
  it('tells what a copy costs in each region, to somebody of whom it learns nothing', async () => {
    const { read, sandbox } = wholeAzure();
    const found = await read.copyPrices();
    const here = found.filter(({ region }) => region === 'westeurope').map(({ storage, usd }) => [storage, usd]);
    expect(here.sort()).toEqual([
      ['Premium_LRS', 0.1344],
      ['Standard_LRS', 0.056],
      ['Standard_ZRS', 0.056],
    ]);
    const [asked] = sandbox.exchanges;
    expect(JSON.stringify(asked)).not.toMatch(/bearer|authorization/i);
  });

  it('tells what leaves a region for the farthest of Azure’s', async () => {
    const found = await wholeAzure().read.trafficPrices();
    expect(found.filter(({ region }) => region === 'westeurope')).toEqual([
      {
        ...{ region: 'westeurope', usd: 0.056, since: new Date('2026-10-01T00:00:00Z') },
        meter: 'Bandwidth Inter-Region, Inter Continent Data Transfer Out',
      },
    ]);
    expect(await answering(page([item()])).read.trafficPrices()).toEqual([]);
  });

  it('is read to its last page, and of several prices the highest counts', async () => {
    const next = 'https://prices.azure.com:443/api/retail/prices?$skip=1000';
    const { read } = answering(page([item()], next), page([item({ retailPrice: 0.07 }), item({ retailPrice: 0.06 })]));
    expect(await read.copyPrices()).toEqual([
      {
        ...{ region: 'westeurope', storage: 'Standard_LRS', usd: 0.07 },
        ...{ meter: 'Standard HDD Managed Disks, LRS Snapshots', since: new Date('2026-10-01T00:00:00Z') },
      },
    ]);
  });

  it.each([
    ['another currency', { currencyCode: 'EUR' }],
    ['a reservation', { type: 'Reservation' }],
    ['another unit', { unitOfMeasure: '10K' }],
    ['a later tier', { tierMinimumUnits: 100 }],
    ['a region of no name', { armRegionName: '' }],
    ['another disk', { productName: 'Ultra Disks', skuName: 'Snapshots' }],
    ['no day', { effectiveStartDate: 'soon' }],
  ])('counts nothing that is not its price: %s', async (_, more) => {
    expect(await answering(page([item(more)])).read.copyPrices()).toEqual([]);
  });

  it('is asked nowhere else, whatever it says, and not for ever', async () => {
    const elsewhere = answering(page([item()], 'https://prices.example.com/api'));
    expect((await failure(elsewhere.read.copyPrices())).message).toMatch(
      /could not be read: its next page is elsewhere\.$/,
    );
    const endless = azureOf([
      list(() => ({ status: 200, body: page([item()], 'https://prices.azure.com/api/retail/prices?$skip=1') })),
    ]);
    expect((await failure(endless.read.copyPrices())).message).toMatch(/does not end/);
    expect(endless.sent('GET')).toHaveLength(20);
    const silent = azureOf([list(() => ({ status: 503, body: {} }))]);
    expect((await failure(silent.read.copyPrices())).code).toBe('AZ_UNAVAILABLE');
  });

  it('is none in other clouds, and nobody is asked', async () => {
    const { sandbox } = azureOf([]);
    const azure = connect(sandbox, { cloud: clouds.China });
    expect(await azure.read.copyPrices()).toEqual([]);
    expect(azure.sent('GET')).toEqual([]);
  });
});
