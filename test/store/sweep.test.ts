import { sweepOld } from '../../store';
import { type TestDatabase, testDatabase } from './database';

describe('the sweep', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await testDatabase();
  });
  afterAll(() => db.close());

  it.each([
    { table: 'delivery', key: 'id', at: 'first_at', old: '25 hours', young: '23 hours' },
    { table: 'act', key: 'id', at: 'first_at', old: '25 hours', young: '23 hours' },
    { table: 'intent', key: 'key', at: 'machine_at', old: '31 days', young: '29 days' },
    { table: 'bucket', key: 'key', at: 'at', old: '25 hours', young: '23 hours' },
    { table: 'thread_pace', key: 'thread', at: 'touched_at', old: '25 hours', young: '23 hours' },
  ])('deletes what is too old to matter in $table, and nothing younger', async ({ table, key, at, old, young }) => {
    const more = table === 'bucket' ? { column: ', tokens', value: ', 1' } : { column: '', value: '' };
    for (const [id, age] of [
      ['old', old],
      ['new', young],
    ]) {
      await db.database.query(
        `insert into ${table} (${key}, ${at}${more.column}) values ($1, clock_timestamp() - $2::interval${more.value})`,
        [id, age],
      );
    }
    await sweepOld(db.database);

    expect(await db.database.query(`select ${key} as id from ${table}`)).toEqual([{ id: 'new' }]);
  });

  it('deletes what has come together in years, so many at once', async () => {
    await db.database.query(
      `insert into intent (key, machine_at) select 'i-' || n, clock_timestamp() - n * interval '1 hour' from generate_series(1, 12000) n`,
    );
    await sweepOld(db.database);

    expect(await db.database.query(`select count(*)::int as n from intent where key like 'i-%'`)).toEqual([{ n: 719 }]);
  });
});
