import { migrate } from '../../store';
import { migrations } from '../../store/migrations';
import { whatIsSaid } from '../../store/migrations/007-what-is-said';
import { addActor } from '../../store/runs';
import { emptyDatabase, type TestDatabase } from './database';

const lower = 'a1d0c000-0000-4000-8000-00000000000a';
const upper = lower.toUpperCase();

/** Four eyes are compared by object id. */
describe('a person who was written in capitals', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await emptyDatabase();
    const before = migrations.slice(0, migrations.indexOf(whatIsSaid));
    for (const sql of before) await db.database.query(sql);
    await db.database.query('create table meta (key text primary key, value text not null)');
    await db.database.query(`insert into meta values ('schema', $1)`, [String(before.length)]);
    await db.database.query(`insert into request (id, kind) values ('R-22222', 'run')`);
    await db.database.query(
      `insert into run (id, kind, subject, plan, stages, stage, due_at, created_at)
       values ('R-22222', 'publish', 'ubuntu-22', '{}', '{}', 'plan', now(), now())`,
    );
    await db.database.query(
      `insert into run_actor (run_id, oid, name, did, at)
       values ('R-22222', $1, 'Ada', 'requested', '2026-01-01'), ('R-22222', $2, 'Ada', 'joined', '2026-01-02')`,
      [upper, lower],
    );
    await migrate(db.database);
  });
  afterAll(() => db.close());

  it('is one person after the migration, with what they did first', async () => {
    const rows = await db.database.query('select oid, did from run_actor');
    expect(rows).toEqual([{ oid: lower, did: 'requested' }]);
  });

  it('cannot be written so again', async () => {
    const written = addActor(db.database, 'R-22222', { oid: upper, name: 'Ada', did: 'joined', now: new Date() });
    await expect(written).rejects.toThrow('run_actor_oid_lower');
  });
});
