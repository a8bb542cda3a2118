import type { AzureRead } from '../../core/azure';
import { UserError } from '../../core/errors';
import { baseKey } from '../../core/images';
import { createReads } from '../../store/reads';
import { baseLooks, basesOnceKnown } from '../../workflows/bases';
import { type TestDatabase, testDatabase } from '../store/database';
import { exampleCatalogue } from '../support/catalogue';

const catalogue = exampleCatalogue();
const keys = catalogue.images.map(({ source }) => baseKey(catalogue.azure.location, source));
const [ubuntu = '', windows = ''] = keys;
const terms = { owner: 'test', leaseMs: 25_000 };
const scheduled = { state: 'ScheduledForDeprecation', at: new Date('2026-12-20T00:00:00Z') };

let db: TestDatabase;
let now = new Date('2026-11-23T09:00:00Z');
let silent = false;
const asked: string[] = [];

beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.close());

/** The marketplace has two versions of everything, the older of which is to go; golden versions are of the older. */
const read = {
  publishedVersions: async () => ({
    asOf: now,
    rows: catalogue.images.map((image) => ({
      source:
        `/subscriptions/${catalogue.azure.gallery.subscription ?? catalogue.azure.subscription}/resourcegroups/${catalogue.azure.gallery.resourceGroup}/providers/microsoft.compute/galleries/${catalogue.azure.gallery.name}/images/${image.imageDefinition}`.toLowerCase(),
      ...{ version: '1.0.0', excludedFromLatest: false, regions: [], provisioningState: 'Succeeded' as const },
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
  marketplaceVersions: async (_location, { sku }) => {
    asked.push(sku);
    if (silent) throw new UserError('AZ_SILENT', 'Azure did not answer.', { hint: '-' });
    return [{ version: '1.0' }, { version: '2.0' }];
  },
  marketplaceVersion: async (_location, _image, version) => ({
    version,
    ...(version === '1.0' && { deprecation: scheduled }),
  }),
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

const known = () => createReads(db.database).bases();

describe('the bases of the catalogue', () => {
  it('are asked about once by all replicas, with the versions in use, and again after two hours', async () => {
    expect(await work()).toBe(keys.length);
    expect(await work()).toBe(0);
    expect([...(await known())]).toEqual(
      expect.arrayContaining([
        [
          ubuntu,
          {
            found: {
              newest: '2.0',
              deprecations: { '1.0': { announced: true, at: scheduled.at.toISOString() }, '2.0': {} },
            },
          },
        ],
      ]),
    );
    now = new Date(now.getTime() + 2 * 3_600_000 - 1);
    expect(await work()).toBe(0);
    now = new Date(now.getTime() + 1);
    asked.length = 0;
    expect(await Promise.all([work(), work()]).then(([a, b]) => a + b)).toBe(keys.length);
    expect(asked).toHaveLength(keys.length);
  });

  it('stay known while Azure is silent, which is told beside, and are asked about again in ten minutes', async () => {
    now = new Date(now.getTime() + 3 * 3_600_000);
    silent = true;
    await work();
    silent = false;
    expect((await known()).get(windows)).toMatchObject({ found: { newest: '2.0' }, failed: { code: 'AZ_SILENT' } });
    now = new Date(now.getTime() + 600_000);
    expect(await work()).toBe(keys.length);
    expect((await known()).get(windows)).not.toHaveProperty('failed');
  });

  it('are waited for by a question, and no longer than until they are known', async () => {
    await db.database.query('delete from base where id = $1', [ubuntu]);
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
