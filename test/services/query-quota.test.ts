import { holdSlots, takeSlot, type Windows } from '../../store';
import { type TestDatabase, testDatabase } from '../store/database';
import { azureOf } from './azure';
import { wholeAzure } from './whole-azure';

const question = (read: ReturnType<typeof wholeAzure>['read']) => read.guestCounts([]);
const graph = { match: { url: 'ResourceGraph' }, status: 429, headers: { 'retry-after': '3' }, times: 1 };

/** A line that a test looks into: how long each asked, and for how long it was held. */
function line(waits: readonly number[] = []) {
  const held: number[] = [];
  let taken = 0;
  const quota = { take: async () => waits[taken++] ?? 0, hold: async (ms: number) => void held.push(ms) };
  return { held, taken: () => taken, quota };
}

describe('a question to Resource Graph', () => {
  it('waits for its place in the line before it is sent, each try anew', async () => {
    const { quota, taken } = line([700, 300]);
    const slept: number[] = [];
    const { read, sandbox } = wholeAzure({ queryQuota: quota, sleep: async (ms) => void slept.push(ms) });
    sandbox.faults.add(graph);

    await question(read);

    expect(slept).toEqual([700, 3_000, 300]);
    expect(taken()).toBe(2);
  });

  it('holds the line for everybody when Azure has nothing left, and only then', async () => {
    const { quota, held } = line();
    const { read, sandbox } = wholeAzure({ queryQuota: quota });
    await question(read);
    expect(held).toEqual([]);

    sandbox.faults.add(graph);
    await question(read);
    expect(held).toEqual([3_000]);
  });

  it('holds it too when the answer used the quota up', async () => {
    const { quota, held } = line();
    const headers = { 'x-ms-user-quota-remaining': '0', 'x-ms-user-quota-resets-after': '00:00:05' };
    const body = { totalRecords: 0, count: 0, resultTruncated: 'false', data: [], facets: [] };
    const path = '/providers/Microsoft.ResourceGraph/resources';
    const { read } = azureOf([{ method: 'POST', path, handle: () => ({ status: 200, headers, body }) }], {
      queryQuota: quota,
    });
    await question(read);
    expect(held).toEqual([5_000]);
  });

  it('is sent all the same when the line cannot be read, and that is logged', async () => {
    const told: string[] = [];
    const log = { debug: () => {}, warn: (_: object, message: string) => void told.push(message) };
    const silent = () => Promise.reject(new Error('the database is silent'));
    const { read } = wholeAzure({ queryQuota: { take: silent, hold: silent }, log });
    await expect(question(read)).resolves.toMatchObject({ rows: expect.any(Array) });
    expect(told).toEqual(['the quota of Resource Graph could not be read']);
  });

  it('alone waits: other reads have quotas of their own', async () => {
    const { quota, taken } = line();
    const { read } = wholeAzure({ queryQuota: quota });
    await read.marketplaceVersions('westeurope', {
      publisher: 'Canonical',
      offer: '0001-com-ubuntu-server-jammy',
      sku: '22_04-lts-gen2',
    });
    expect(taken()).toBe(0);
  });
});

describe('the line of all replicas', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await testDatabase({ poolSize: 4 });
  });
  afterAll(() => db.close());
  const ofAzure: Windows = [[15, 5_200]];

  it('lets fifteen through in any five seconds, whoever asks, and turns nobody away', async () => {
    const start = Date.now();
    const waits = await Promise.all(Array.from({ length: 46 }, () => takeSlot(db.database, 'graph', 45_000, ofAzure)));
    const took = Date.now() - start;
    const at = waits.sort((a, b) => a - b);
    for (const [i, last] of at.entries()) if (i >= 15) expect(last - (at[i - 15] ?? 0)).toBeGreaterThan(5_000 - took);
    expect(at[14]).toBeLessThanOrEqual(took);
    expect(at[45]).toBeLessThanOrEqual(3 * 5_200);
  });

  it('is held for all by what Azure told one', async () => {
    await holdSlots(db.database, 'held', 30_000);
    expect(await takeSlot(db.database, 'held', 45_000, ofAzure)).toBeGreaterThan(28_000);
  });
});
