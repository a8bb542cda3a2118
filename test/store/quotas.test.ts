import { type Bucket, beginAsking, beginSilence, endSilence, lowerBuckets, silenceMs, takePortion } from '../../store';
import { type TestDatabase, testDatabase } from './database';

let db: TestDatabase;
beforeEach(async () => {
  db = await testDatabase();
});
afterEach(() => db.close());

/** So slow that nothing comes in while a test runs. */
const bucket: Bucket = { key: 'reads', perSecond: 0.001, burst: 5 };
const silences = ['line', 'provider'];
const take = (count: number, mostMs = 1e9, of = bucket) =>
  takePortion(db.database, { bucket: of, count, mostMs, silences });
const whole = ({ waitsMs }: { readonly waitsMs: readonly number[] }) => waitsMs.map((ms) => Math.round(ms / 1_000_000));

describe('the places of a quota', () => {
  it('are given at once while the bucket has some, and then one after the other', async () => {
    expect(whole(await take(3))).toEqual([0, 0, 0]);
    expect(whole(await take(4))).toEqual([0, 0, 1, 2]);
    expect(whole(await take(1))).toEqual([3]);
  });

  it('that come too late are not taken', async () => {
    expect(whole(await take(8, 1_500_000))).toEqual([0, 0, 0, 0, 0, 1, 2, 3]);
    expect(whole(await take(1))).toEqual([2]);
    expect(whole(await take(1, 0))).toEqual([3]);
    expect(whole(await take(1))).toEqual([3]);
  });

  it('are never more than the burst, however long nobody came', async () => {
    await take(1);
    await db.database.query(`update bucket set at = at - interval '1 year'`);
    expect(whole(await take(6))).toEqual([0, 0, 0, 0, 0, 1]);
  });

  it('are together those that all replicas get', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => take(1)));
    expect(all.flatMap(whole).sort()).toEqual([0, 0, 0, 0, 0, 1, 2, 3]);
  });

  it('are fewer when Azure says that little is left, and never more', async () => {
    await take(1);
    await lowerBuckets(db.database, [bucket], 0.4);
    expect(whole(await take(3))).toEqual([0, 0, 1]);
    await lowerBuckets(db.database, [bucket], 1);
    expect(whole(await take(1))).toEqual([2]);
  });
});

describe('a silence', () => {
  const begin = (key: string, ms: number) => beginSilence(db.database, { key, buckets: [bucket] }, ms);
  const past = () => db.database.query(`update thread_pace set held_until = held_until - interval '1 hour'`);

  it('is unknown until somebody is told of it', async () => {
    expect(await silenceMs(db.database, silences)).toBeUndefined();
    expect((await take(1)).silentMs).toBeUndefined();
  });

  it.each(silences)('of the %s takes nothing, until somebody has heard that it is over', async (key) => {
    await begin(key, 60_000);
    const { silentMs } = await take(2);
    expect(silentMs).toBeGreaterThan(55_000);
    expect(await silenceMs(db.database, silences)).toBeGreaterThan(55_000);

    await endSilence(db.database, silences);
    expect(await silenceMs(db.database, silences)).toBeGreaterThan(55_000);

    await past();
    expect((await take(2)).silentMs).toBeLessThanOrEqual(0);
    await endSilence(db.database, silences);
    expect(await silenceMs(db.database, silences)).toBeUndefined();
    // Drained as the silence began: the next is the first that comes in after it.
    expect(whole(await take(1))).toEqual([1]);
  });

  it('is not shortened by another one', async () => {
    await begin('line', 60_000);
    await begin('line', 1_000);
    expect(await silenceMs(db.database, ['line'])).toBeGreaterThan(55_000);
  });

  it('has one who asks whether it is over, at a time', async () => {
    const asks = await Promise.all(Array.from({ length: 5 }, () => beginAsking(db.database, 'line', 60_000)));
    expect(asks.filter(Boolean)).toHaveLength(1);
    await past();
    expect(await beginAsking(db.database, 'line', 60_000)).toBe(true);
    expect(await silenceMs(db.database, silences)).toBeUndefined();
  });
});
