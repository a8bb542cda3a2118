import {
  beginHold,
  drainBucket,
  giveTokensBack,
  holdSlots,
  isHeld,
  openDatabase,
  pingDatabase,
  takeSlot,
  takeTokens,
  type Windows,
} from '../../store';
import { Cable } from './cable';
import { type TestDatabase, testDatabase } from './database';
import { emptyTables } from './rows';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterEach(() => emptyTables(db.database));
afterAll(() => db.close());

/** To the nearest ten seconds, whatever the machine took meanwhile. */
const about = (ms: number): number => Math.round(ms / 10_000) * 10;
const takes = async (count: number, take: () => Promise<number>): Promise<number[]> => {
  const waits: number[] = [];
  for (let i = 0; i < count; i += 1) waits.push(about(await take()));
  return waits;
};

describe('a bucket of tokens', () => {
  /** A token in a hundred seconds. */
  const bucket = { key: 'tenant', perSecond: 0.01, burst: 2 };
  const token = () => takeTokens(db.database, [bucket]);

  it('gives as many at once as it holds, and lets the others wait, each longer', async () => {
    expect(await takes(4, token)).toEqual([0, 0, 100, 200]);
    expect(await takes(1, () => takeTokens(db.database, [{ ...bucket, key: 'another' }]))).toEqual([0]);
  });

  it('takes back what was not used, from every bucket that it was taken from, and from no other', async () => {
    const other = { ...bucket, key: 'other' };
    await takes(2, token);
    await takes(2, () => takeTokens(db.database, [other]));
    await giveTokensBack(db.database, [bucket]);

    expect(await takes(2, token)).toEqual([0, 100]);
    expect(await takes(1, () => takeTokens(db.database, [other]))).toEqual([100]);
  });

  it('never holds more than it can, however long nobody takes any', async () => {
    await token();
    await db.database.query(`update bucket set at = at - interval '1 day'`);

    expect(await takes(3, token)).toEqual([0, 0, 100]);
  });

  it('fills with time', async () => {
    await takes(2, token);
    await db.database.query(`update bucket set at = at - interval '100 seconds'`);

    expect(await takes(2, token)).toEqual([0, 100]);
  });

  it.each([
    ['is new', async () => {}],
    ['was full', async () => void (await token())],
  ])('is empty for as long as Teams says, also when it %s', async (_, before) => {
    await before();
    await drainBucket(db.database, bucket, 50_000);

    expect(about(await token())).toBe(150);
  });

  it('is not filled by a shorter silence', async () => {
    await takes(6, token);
    await drainBucket(db.database, bucket, 50_000);

    expect(about(await token())).toBe(500);
  });
});

describe('tokens of several buckets and a slot, taken at once', () => {
  const [wide, narrow] = [
    { key: 'wide', perSecond: 0.01, burst: 3 },
    { key: 'narrow', perSecond: 0.005, burst: 1 },
  ];
  const both = (mostMs = 0) => takeTokens(db.database, [wide, narrow], { thread: 'thread', mostMs });

  it('are waited for as long as the slowest takes, each bucket at its own rate', async () => {
    expect(await takes(3, both)).toEqual([0, 200, 400]);
    expect(await takes(1, () => takeTokens(db.database, [wide]))).toEqual([100]);
  });

  it('are waited for until the thread has a slot', async () => {
    await holdSlots(db.database, 'thread', 300_000);

    expect(await takes(2, () => both(1_000_000))).toEqual([300, 300]);
    expect(await takes(1, () => takeTokens(db.database, [narrow], { thread: 'another', mostMs: 0 }))).toEqual([400]);
  });

  it('are taken by many at once without one of them being lost or given twice', async () => {
    const many = await Promise.all(Array.from({ length: 20 }, () => both()));

    expect(many.map(about).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i * 200));
  });
});

describe('the slots of a thread', () => {
  /** Two in a hundred seconds, three in five hundred. */
  const windows: Windows = [
    [2, 100_000],
    [3, 500_000],
  ];
  const slot = (mostMs = Number.POSITIVE_INFINITY) => takeSlot(db.database, 'thread', mostMs, windows);

  it('are as many as each window allows, in their order', async () => {
    expect(await takes(6, slot)).toEqual([0, 0, 100, 500, 500, 600]);
    expect(about(await takeSlot(db.database, 'another', 0, windows))).toBe(0);
  });

  it('are not taken by whoever would not wait so long', async () => {
    await takes(2, slot);

    expect(await takes(3, () => slot(99_000))).toEqual([100, 100, 100]);
    expect(await takes(2, slot)).toEqual([100, 500]);
  });

  it('are six in a second of a thread of Teams, the seventh comes after', async () => {
    const wait = () => takeSlot(db.database, 'teams', 60_000);
    const waits = [];
    for (let i = 0; i < 7; i += 1) waits.push(await wait());

    expect(waits.slice(0, 6)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(waits[6]).toBeGreaterThan(0);
    expect(waits[6]).toBeLessThanOrEqual(1_300);
  });

  it('are none while Teams wants silence, the longest of what it said', async () => {
    expect(await isHeld(db.database, 'thread')).toBe(false);
    await slot();
    await holdSlots(db.database, 'thread', 200_000);
    await holdSlots(db.database, 'thread', 100_000);

    expect([await isHeld(db.database, 'thread'), await isHeld(db.database, 'another')]).toEqual([true, false]);
    expect(about(await slot())).toBe(200);
    await db.database.query(`update thread_pace set held_until = clock_timestamp() - interval '1 second'`);
    expect(await isHeld(db.database, 'thread')).toBe(false);
  });
});

describe('a database at the end of a cable', () => {
  it('does not know whether a commit got through without an answer, and goes on with another connection', async () => {
    const cable = await Cable.to(db.url);
    const far = openDatabase({ url: cable.url, poolSize: 1 });
    await pingDatabase(far);
    cable.snapAtNextCommit();
    const lost = far.transaction((tx) => tx.query(`insert into meta values ('got', 'through')`));

    await expect(lost).rejects.toMatchObject({ code: 'DATABASE_SILENT' });
    expect(await far.query(`delete from meta where key = 'got' returning value`)).toEqual([{ value: 'through' }]);
    await far.close();
    await cable.close();
    await expect(far.query('select 1')).rejects.toThrow('after calling end');
  });

  it('says that an idle connection was lost, and is silent until the cable is mended', async () => {
    const cable = await Cable.to(db.url);
    let lost: (error: Error) => void = () => {};
    const loss = new Promise<Error>((said) => {
      lost = said;
    });
    const far = openDatabase({ url: cable.url, onConnectionLost: (error) => lost(error) });
    await pingDatabase(far);
    cable.pull();

    expect(await loss).toBeInstanceOf(Error);
    await expect(pingDatabase(far)).rejects.toMatchObject({ code: 'DATABASE_SILENT' });
    cable.mend();
    await pingDatabase(far);
    await far.close();
    await cable.close();
  });
});

it('a hold is begun by one of those who ask for it at once, and again when it is over', async () => {
  const begin = () => beginHold(db.database, 'asks', 100_000);
  const begun = await Promise.all([begin(), begin(), begin()]);
  const wait = about(await takeSlot(db.database, 'asks', 0));
  await db.database.query(`update thread_pace set held_until = clock_timestamp() - interval '1 s'`);

  expect(begun.filter(Boolean)).toHaveLength(1);
  expect(wait).toBe(100);
  expect(await takeSlot(db.database, 'asks', 0)).toBe(0);
  expect(await begin()).toBe(true);
});
