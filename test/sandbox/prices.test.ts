import { openAzure } from '../conformance/refusals/azure';
import { ask } from './client';

const list = (filter: string, more = '') =>
  `https://prices.azure.com/api/retail/prices?api-version=2023-01-01-preview&$filter=${encodeURIComponent(filter)}${more}`;
const snapshots = "serviceName eq 'Storage' and contains(meterName, 'Snapshots')";

interface Page {
  readonly Items: readonly {
    readonly armRegionName: string;
    readonly retailPrice: number;
    readonly meterName: string;
  }[];
  readonly NextPageLink: string | null;
  readonly Count: number;
}

async function page(url: string, azure = openAzure()): Promise<Page> {
  const { status, body } = await ask(azure.sandbox, 'GET', url);
  expect(status).toBe(200);
  return body as Page;
}

describe('the public price list', () => {
  it('has what a replica costs in a region, with the date of the price', async () => {
    const { Items, ...rest } = await page(list(`${snapshots} and armRegionName eq 'westeurope'`));

    expect(rest).toEqual({
      BillingCurrency: 'USD',
      CustomerEntityId: 'Default',
      CustomerEntityType: 'Retail',
      NextPageLink: null,
      Count: 4,
    });
    expect(Items[0]).toMatchObject({
      currencyCode: 'USD',
      retailPrice: 0.056,
      unitPrice: 0.056,
      unitOfMeasure: '1 GB/Month',
      armRegionName: 'westeurope',
      productName: 'Standard HDD Managed Disks',
      meterName: 'LRS Snapshots',
      effectiveStartDate: '2026-10-01T00:00:00Z',
      type: 'Consumption',
      isPrimaryMeterRegion: true,
      tierMinimumUnits: 0,
    });
  });

  it('takes values as they are written', async () => {
    expect((await page(list("serviceName eq 'storage'"))).Count).toBe(0);
    expect((await page(list("contains(meterName, 'snapshots')"))).Count).toBe(0);
    expect((await page(list(`${snapshots} and armRegionName eq 'West Europe'`))).Count).toBe(0);
  });

  it('is followed page by page, and has no item twice', async () => {
    const azure = openAzure();
    const seen: string[] = [];
    let next: string | null = list("serviceFamily eq 'Compute' or serviceName eq 'Storage'");
    let pages = 0;
    while (next) {
      const { Items, NextPageLink, Count }: Page = await page(next, azure);
      expect(Count).toBe(Items.length);
      seen.push(...Items.map((item) => JSON.stringify(item)));
      next = NextPageLink;
      pages += 1;
    }

    expect(pages).toBeGreaterThan(1);
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('can be without a region', async () => {
    const azure = openAzure();
    await azure.conditions({ prices: [{ location: 'West Europe', listed: false }] });

    expect((await page(list("armRegionName eq 'westeurope'"), azure)).Items).toEqual([]);
    expect((await page(list(`${snapshots} and armRegionName eq 'northeurope'`), azure)).Count).toBe(4);
  });

  it.each(["Servicename eq 'Storage'", "serviceName like 'Storage'", 'serviceName eq', "serviceName eq 'a' 'b'"])(
    'refuses the filter %s',
    async (filter) => {
      const answer = await ask(openAzure().sandbox, 'GET', list(filter));

      expect(answer).toMatchObject({
        status: 400,
        body: { Error: { Code: 'BadRequest', Message: 'Invalid OData parameters supplied' } },
      });
    },
  );

  it('has prices in dollars alone here', async () => {
    expect((await ask(openAzure().sandbox, 'GET', list(snapshots, "&currencyCode='EUR'"))).status).toBe(400);
  });
});
