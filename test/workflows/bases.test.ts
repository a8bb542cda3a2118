import type { AzureRead, MarketplaceVersion } from '../../core/azure';
import type { MachineCount } from '../../core/compliance';
import { UserError } from '../../core/errors';
import { baseKey } from '../../core/images';
import { createReads } from '../../store/reads';
import { baseLooks, basesOnceKnown } from '../../workflows/bases';
import { type TestDatabase, testDatabase } from '../store/database';
import { exampleCatalogue } from '../support/catalogue';

const catalogue = exampleCatalogue();
const home = catalogue.azure.location;
const built = catalogue.images.map(({ source }) => baseKey(home, source));
const [ubuntu = '', windows = ''] = built;
/** What golden versions were built from, and what a team's machines run: the catalogue knows neither. */
const [old, lab] = [`${home}:a:b:c`, `${home}:publisher:offer:lab`];
const keys = [...built, old, lab];
const terms = { owner: 'test', leaseMs: 25_000 };
const scheduled = {
  ...{ state: 'ScheduledForDeprecation', at: new Date('2026-12-20T00:00:00Z') },
  alternative: 'offer ubuntu-24_04-lts',
};

let db: TestDatabase;
let now: Date;
let silent: boolean;
let uncounted: boolean;
/** What the marketplace says of single versions, by region, SKU and number; the others are active. */
let said: Record<string, MarketplaceVersion | 'missing'>;
let asked: string[];
/** Regions that do not have the lab's image. */
let without: readonly string[];

beforeAll(async () => {
  db = await testDatabase();
});
beforeEach(async () => {
  await db.database.query('delete from base');
  now = new Date('2026-11-23T09:00:00Z');
  [silent, uncounted, said, asked, without] = [false, false, {}, [], []];
});
afterAll(() => db.close());

const machine = (version: string, machines: number): MachineCount => ({
  ...{ type: 'vm', subscription: 's', resourceGroup: 'g', tags: {}, location: 'eastus', behindModel: false },
  ...{ source: 'publisher:offer:lab', version, machines },
});

/** The marketplace has two versions of everything; golden versions are of another SKU than the catalogue names today. */
const read = {
  publishedVersions: async () => ({
    asOf: now,
    rows: catalogue.images.map((image) => ({
      source: `/galleries/x/images/${image.imageDefinition}`,
      ...{ version: '1.0.0', excludedFromLatest: false, regions: [], provisioningState: 'Succeeded' as const },
      ...{ copies: [], disks: [] },
      tags: Object.fromEntries(
        ['image', 'version', 'os', 'built', 'run', 'recipe']
          .map((name) => [`goldbot-${name}`, 'x'])
          .concat([
            ['goldbot-schema', '1'],
            ['goldbot-source', 'a:b:c:1.0'],
          ]),
      ),
    })),
  }),
  machineCounts: async () => {
    if (uncounted) throw new UserError('AZ_THROTTLED', 'Azure has no time.', { hint: '-' });
    return { asOf: now, rows: [machine('0.9', 2), machine('1.0', 7)], members: [] };
  },
  marketplaceVersions: async (location, { sku }) => {
    asked.push(sku);
    if (silent) throw new UserError('AZ_SILENT', 'Azure did not answer.', { hint: '-' });
    if (sku === 'lab' && without.includes(location))
      throw new UserError('AZ_NOT_FOUND', 'No such image.', { hint: '-' });
    return [{ version: '1.0' }, { version: '2.0' }];
  },
  marketplaceVersion: async (location, { sku }, version) => {
    const found = said[`${location} ${sku} ${version}`] ?? said[`${sku} ${version}`] ?? { version };
    return found === 'missing' || (sku === 'lab' && without.includes(location)) ? undefined : found;
  },
} satisfies Partial<AzureRead>;
const azure = read as Partial<AzureRead> as AzureRead;

const replica = () =>
  baseLooks({ database: db.database, clock: { now: () => now }, catalogue: () => catalogue, read: azure });

/** Everything that is due now; returns how much that was. */
async function work(looks = replica()): Promise<number> {
  for (let n = 0; ; n += 1) {
    const claimed = await looks.claim(terms);
    if (!claimed) return n;
    await claimed.work(undefined as never);
  }
}

const later = (ms: number) => {
  now = new Date(now.getTime() + ms);
};
const hour = 3_600_000;
const known = () => createReads(db.database).bases();
const notices = async (key: string) => (await known()).get(key)?.found?.deprecations;

describe('the bases of the catalogue, of golden versions and of machines', () => {
  it('are asked about once by all replicas, with the versions in use, and again after two hours', async () => {
    said = { 'c 1.0': { version: '1.0', deprecation: scheduled } };
    expect(await work()).toBe(keys.length);
    expect(await work()).toBe(0);
    const at = scheduled.at.toISOString();
    expect((await known()).get(old)).toEqual({
      found: {
        ...{ newest: '2.0', asOf: now.toISOString() },
        deprecations: { '1.0': { announced: true, at, alternative: scheduled.alternative }, '2.0': {} },
      },
    });
    expect(await notices(ubuntu)).toEqual({ '2.0': {} });
    expect(await notices(lab)).toEqual({ '0.9': {}, '1.0': {}, '2.0': {} });
    later(2 * hour - 1);
    expect(await work()).toBe(0);
    later(1);
    asked.length = 0;
    const [one, other] = [replica(), replica()];
    expect(await Promise.all([work(one), work(other)]).then(([a, b]) => a + b)).toBe(keys.length);
    expect(asked).toHaveLength(keys.length);
  });

  it('stay known while Azure is silent, which is told beside, and are asked about again in ten minutes', async () => {
    await work();
    later(3 * hour);
    silent = true;
    await work();
    silent = false;
    expect((await known()).get(windows)).toMatchObject({ found: { newest: '2.0' }, failed: { code: 'AZ_SILENT' } });
    later(600_000);
    expect(await work()).toBe(keys.length);
    expect((await known()).get(windows)).not.toHaveProperty('failed');
  });

  it('are told apart: announced, deprecated with what was announced before, and gone', async () => {
    said = { 'lab 1.0': { version: '1.0', deprecation: scheduled } };
    await work();
    const announced = { announced: true, at: scheduled.at.toISOString(), alternative: scheduled.alternative };
    expect((await notices(lab))?.['1.0']).toEqual(announced);
    // Azure says nothing but that it is so.
    said = { 'lab 1.0': { version: '1.0', deprecation: { state: 'Deprecated' } } };
    later(2 * hour);
    await work();
    expect((await notices(lab))?.['1.0']).toEqual({ ...announced, deprecated: true });
    said = { 'lab 1.0': 'missing', 'lab 0.9': 'missing' };
    later(2 * hour);
    await work();
    const { at, alternative } = announced;
    expect(await notices(lab)).toEqual({ '0.9': { gone: true }, '1.0': { gone: true, at, alternative }, '2.0': {} });
  });

  it('are not gone where the region of the machines has them, and gone when no region has the image', async () => {
    without = [home];
    await work();
    expect(await notices(lab)).toEqual({ '0.9': {}, '1.0': {}, '2.0': {} });
    without = [home, 'eastus'];
    later(2 * hour);
    await work();
    const { found } = (await known()).get(lab) ?? {};
    expect(found).toMatchObject({ deprecations: { '0.9': { gone: true }, '1.0': { gone: true } } });
    expect(found).not.toHaveProperty('newest');
  });

  it('are those that were known while Azure does not count the machines, which is asked again in ten minutes', async () => {
    uncounted = true;
    const looks = replica();
    expect(await work(looks)).toBe(keys.length - 1);
    uncounted = false;
    later(600_000 - 1);
    expect(await work(looks)).toBe(0);
    later(1);
    expect(await work(looks)).toBe(keys.length);
    uncounted = true;
    later(2 * hour);
    expect(await work(looks)).toBe(keys.length);
    expect((await notices(lab))?.['1.0']).toEqual({});
  });

  it('are waited for by a question, and no longer than until they are known', async () => {
    let slept = 0;
    const bases = basesOnceKnown(createReads(db.database), async () => {
      slept += 1;
      if (slept === 2) await work();
    });
    expect((await bases.bases(keys)).get(ubuntu)).toHaveProperty('found');
    expect(slept).toBe(2);
    await bases.bases(keys);
    expect(slept).toBe(2);
  });
});
