import { migrate, openDatabase } from '../../store';
import { type TestDatabase, testDatabase } from './database';

describe('the database', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await testDatabase();
  });
  afterAll(() => db.close());

  it('is migrated by many replicas at once without a conflict', async () => {
    const replicas = Array.from({ length: 5 }, () => openDatabase({ url: db.url, poolSize: 1 }));

    await Promise.all(replicas.map((replica) => migrate(replica)));

    expect(await db.database.query('select seq from audit_head')).toEqual([{ seq: 0 }]);
    await Promise.all(replicas.map((replica) => replica.close()));
  });

  it('forgets everything of a transaction that throws', async () => {
    const failing = db.database.transaction(async (tx) => {
      await tx.query(`insert into meta values ('half', 'done')`);
      throw new Error('stop');
    });

    await expect(failing).rejects.toThrow('stop');
    expect(await db.database.query(`select * from meta where key = 'half'`)).toEqual([]);
  });
});
