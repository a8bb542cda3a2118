import type { GalleryVersion, RegionStatus } from '../../core/azure';
import {
  type CopyPrice,
  costOfCopies,
  estateCost,
  leftAfterRetiring,
  pricesFor,
  type StoredVersion,
  trafficOf,
} from '../../core/costs';
import { UserError } from '../../core/errors';
import { costWords, savingWords } from '../../dialogs/present';

const region = (name: string, replicas: number, more: Partial<RegionStatus> = {}): RegionStatus => ({
  ...{ name, replicas, state: 'Completed', progress: 100, excludedFromLatest: false },
  ...more,
});
const version: Pick<GalleryVersion, 'regions' | 'disks'> = {
  regions: [region('West Europe', 3), region('East US', 1, { storageAccountType: 'Premium_LRS' })],
  disks: [
    { lun: null, sizeGiB: 30 },
    { lun: 0, sizeGiB: 10 },
  ],
};
const price = (where: string, storage: CopyPrice['storage'], usd: number, since: string): CopyPrice => ({
  ...{ region: where, storage, usd, meter: 'm', since: new Date(since) },
});
const all = [
  price('westeurope', 'Standard_LRS', 0.05, '2026-10-01'),
  price('eastus', 'Premium_LRS', 0.1, '2026-11-01'),
];
const reading = (prices: readonly CopyPrice[]) => pricesFor({ copyPrices: async () => prices });

it('is every copy of every disk, at the price of its region and storage', async () => {
  const prices = await reading(all);
  expect(costOfCopies(version, prices)).toEqual({ usd: 40 * 3 * 0.05 + 40 * 0.1, copies: 4, unpriced: [] });
  expect(prices.source).toBe('Azure’s list prices of snapshots in US dollars, the newest since 1 Nov 2026');
});

it('names what the list does not have, and does not count it', async () => {
  const found = costOfCopies(version, await reading(all.slice(0, 1)));
  expect(found).toEqual({ usd: expect.closeTo(6), copies: 4, unpriced: ['East US'] });
});

it('is counted from the dated table where nobody can read the list, which is said', async () => {
  const silent = new UserError('AZ_SILENT', 'x', { hint: 'y' });
  const prices = await pricesFor({ copyPrices: () => Promise.reject(silent) });
  expect(costOfCopies(version, prices)?.usd).toBeCloseTo(6 + 40 * 0.132);
  expect(prices.source).toBe(
    'the list price of snapshots in East US as of 24 July 2026, for every region alike, since the price list could not be read',
  );
  expect((await reading([])).source).toMatch(/this cloud has no public price list$/);
  await expect(pricesFor({ copyPrices: () => Promise.reject(new Error('a bug')) })).rejects.toThrow('a bug');
});

it('is not known where Azure does not say how large its disks are', async () => {
  const prices = await reading(all);
  expect(costOfCopies({ ...version, disks: [{ lun: null }] }, prices)).toBeUndefined();
  expect(costOfCopies({ regions: version.regions }, prices)).toBeUndefined();
});

it('goes on for one copy in each region while the gallery keeps what is deleted', async () => {
  const prices = await reading(all);
  expect(costOfCopies(leftAfterRetiring(version, true), prices)?.usd).toBe(40 * 0.05 + 40 * 0.1);
  expect(costOfCopies(leftAfterRetiring(version, false), prices)?.usd).toBe(0);
});

it('is said with what is kept of it for a while, and without what has no price', async () => {
  const [listed, partly] = await Promise.all([reading(all), reading(all.slice(0, 1))]);
  const whole = { id: 'v', image: 'i', version: '1.0.0', tags: {}, ...version } as unknown as GalleryVersion;
  expect(savingWords(whole, true, listed)).toBe(
    'at most US$ 4.00 a month, US$ 10.00 once it is not kept any more; Azure’s list prices of snapshots in US dollars, the newest since 1 Nov 2026.',
  );
  expect(savingWords(whole, false, partly)).toMatch(
    /^at most US\$ 6\.00 a month, without East US, which the price list does not have; /,
  );
  expect(costWords(whole, listed, { ...whole, regions: [] })).toMatch(
    /^at most US\$ 10\.00 a month instead of US\$ 0\.00; /,
  );
});

describe('the estate', () => {
  const stored = (image: string, number: string, more: Partial<StoredVersion> = {}): StoredVersion => ({
    ...{ image, version: number, provisioningState: 'Succeeded', excludedFromLatest: false, tags: {} },
    ...{ disks: [{ lun: null, sizeGiB: 10 }], regions: [{ name: 'West Europe', replicas: 3 }] },
    ...more,
  });
  const versions = [
    stored('ubuntu-22', '1.5.0'),
    stored('ubuntu-22', '1.10.0'),
    stored('ubuntu-22', '1.2.0', { excludedFromLatest: true }),
    stored('ubuntu-22', '1.9.0', { regions: [{ name: 'West Europe', replicas: 1 }] }),
    stored('windows', '2.0.0', { disks: [{ lun: null, sizeGiB: 127 }] }),
    stored('windows', '1.0.0', { disks: [{ lun: null }] }),
    stored('windows', '1.1.0', { regions: [{ name: 'Norway East', replicas: 1 }] }),
  ];
  const costs = async (keeps = false) =>
    estateCost(['empty', 'ubuntu-22', 'windows'], versions, { prices: await reading(all), keeps });

  it('is the sum of its versions, in whole cents, dearest first', async () => {
    const found = await costs();
    expect(found.images.map(({ image, usd, versions: n, copies }) => [image, usd, n, copies])).toEqual([
      ['windows', 19.05, 3, 7],
      ['ubuntu-22', 5, 4, 10],
      ['empty', 0, 0, 0],
    ]);
    expect(found.versions.map(({ image, version: number, usd }) => [image, number, usd])).toEqual([
      ['windows', '2.0.0', 19.05],
      ['ubuntu-22', '1.5.0', 1.5],
      ['ubuntu-22', '1.10.0', 1.5],
      ['ubuntu-22', '1.2.0', 1.5],
      ['ubuntu-22', '1.9.0', 0.5],
      ['windows', '1.1.0', 0],
      ['windows', '1.0.0', undefined],
    ]);
    expect(found.unpriced).toEqual(['Norway East']);
  });

  it('gives up the lowest number that was published and is not the latest, and keeps a copy in each region where the gallery does', async () => {
    const [windows, ubuntu, empty] = (await costs(true)).images;
    // 1.2.0 was never published; 1.10.0 is the latest.
    expect(ubuntu?.oldest).toMatchObject({ version: '1.5.0', standing: 'published', saves: 1 });
    // Nobody knows how large it is.
    expect(windows?.oldest).toEqual({ image: 'windows', version: '1.0.0', standing: 'published', copies: 3 });
    expect(empty).toEqual({ image: 'empty', versions: 0, copies: 0, usd: 0 });
    const standings = (await costs()).versions.map(({ version: number, standing }) => [number, standing]);
    expect(standings).toContainEqual(['1.2.0', 'candidate']);
    expect(standings).toContainEqual(['1.10.0', 'latest']);
  });
});

describe('the way of the first copy', () => {
  const prices = async () => [{ region: 'westeurope', usd: 0.05, meter: 'm', since: new Date('2026-10-01') }];
  const at = { ...version, home: 'West Europe' };

  it('is paid for once in each further region, by what leaving its home costs', async () => {
    expect(await trafficOf(at, 2, { trafficPrices: prices })).toBeCloseTo(40 * 0.05 * 2);
  });

  it('is not known without size, home or price, and where nobody can read the list', async () => {
    expect(await trafficOf({ ...at, disks: [] }, 1, { trafficPrices: prices })).toBeUndefined();
    expect(await trafficOf(version, 1, { trafficPrices: prices })).toBeUndefined();
    expect(await trafficOf({ ...at, home: 'eastus' }, 1, { trafficPrices: prices })).toBeUndefined();
    const silent = () => Promise.reject(new UserError('AZ_SILENT', 'x', { hint: 'y' }));
    expect(await trafficOf(at, 1, { trafficPrices: silent })).toBeUndefined();
    const bug = () => Promise.reject(new Error('a bug'));
    await expect(trafficOf(at, 1, { trafficPrices: bug })).rejects.toThrow('a bug');
  });
});
