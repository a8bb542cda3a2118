import { sweep } from '../../bot/sweep';
import { type TestDatabase, testDatabase } from '../store/database';
import { MemoryLog } from './world';

describe('the sweep', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await testDatabase();
  });
  afterAll(() => db.close());

  it('deletes acts, intents and buckets that are too old to matter, and nothing younger', async () => {
    const { database } = db;
    const log = new MemoryLog();
    const ago = (text: string) => `clock_timestamp() - interval '${text}'`;
    await database.query(
      `insert into inbound (id, at) values ('old', ${ago('25 hours')}), ('new', ${ago('23 hours')})`,
    );
    await database.query(
      `insert into intent (key, machine_at) values ('old', ${ago('31 days')}), ('new', ${ago('29 days')})`,
    );
    await database.query(
      `insert into bucket (key, tokens, at) values ('old', 1, ${ago('25 hours')}), ('new', 1, ${ago('23 hours')})`,
    );
    await sweep(database, log);

    expect(await database.query('select id from inbound')).toEqual([{ id: 'new' }]);
    expect(await database.query('select key from intent')).toEqual([{ key: 'new' }]);
    expect(await database.query('select key from bucket')).toEqual([{ key: 'new' }]);
    expect(log.entries).toEqual([]);
  });
});
