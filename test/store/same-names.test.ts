import { adoptMessage, migrate, topicOfMessage } from '../../store';
import { migrations } from '../../store/migrations';
import { emptyDatabase, type TestDatabase } from './database';

const [here, gone, elsewhere] = ['19:here@thread.tacv2', '19:gone@thread.tacv2', '19:elsewhere@thread.tacv2'];

describe('cards that the previous version addressed by the name of a channel that was made again', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await emptyDatabase();
    const before = migrations.slice(0, 3);
    for (const sql of before) await db.database.query(sql);
    await db.database.query('create table meta (key text primary key, value text not null)');
    await db.database.query(`insert into meta values ('schema', $1)`, [String(before.length)]);
    await db.database.query(
      `insert into conversation (id, tenant_id, service_url, reference, name, parked_why)
       values ($1, 't', 's', '{}', 'Image Factory / approvals', null),
         ($2, 't', 's', '{}', 'Image Factory / approvals', 'the channel was deleted'),
         ($3, 't', 's', '{}', 'Image Factory / General', null)`,
      [here, gone, elsewhere],
    );
    await db.database.query(
      `insert into card (topic, conversation_id, kind, activity_id, create_started_at, shown)
       values ('approval:R-22222', 'Image Factory / approvals', 'approval', 'a1', null, 1),
         ('approval:R-33333', 'Image Factory / approvals', 'approval', null, now(), 0)`,
    );
    await db.database.query(
      `insert into request values ('R-66666', 'run'), ('R-44444', 'approval'), ('R-55555', 'approval')`,
    );
    await db.database.query(
      `insert into run (id, kind, subject, plan, stages, stage, due_at, created_at)
       values ('R-66666', 'publish', 'ubuntu-22', '{}', '{}', 'approve', now(), now())`,
    );
    await db.database.query(
      `insert into approval (id, run_id, plan_hash, rule, channel, status, asked_at, expires_at)
       values ('R-44444', 'R-66666', 'h', '{}', 'Image Factory / approvals', 'pending', now(), now()),
         ('R-55555', 'R-66666', 'h', '{}', 'Image Factory / approvals', 'expired', now(), now())`,
    );
    await db.database.query(
      `insert into card (topic, conversation_id, kind, create_started_at, gap)
       values ('approval:R-44444', 'Image Factory / approvals', 'approval', now(), true),
         ('approval:R-55555', 'Image Factory / approvals', 'approval', now(), true)`,
    );
    await migrate(db.database);
  });
  afterAll(() => db.close());

  it('get another chance when they were given up and still ask', async () => {
    const cards = await db.database.query(
      `select topic, unclear, second_post from card where topic in ('approval:R-44444', 'approval:R-55555') order by topic`,
    );

    expect(cards).toEqual([
      { topic: 'approval:R-44444', unclear: false, second_post: 'promised' },
      { topic: 'approval:R-55555', unclear: true, second_post: null },
    ]);
    expect(await db.database.query('select name, conversation_id as place from channel')).toEqual([
      { name: 'Image Factory / approvals', place: here },
    ]);
  });

  it('are still the ones that goldbot posted there, so that a click on them decides', async () => {
    expect(await topicOfMessage(db.database, here, 'a1')).toBe('approval:R-22222');
    expect(await topicOfMessage(db.database, elsewhere, 'a1')).toBeNull();
  });

  it('are found again where somebody clicks one that seemed to be missing', async () => {
    const topics = ['approval:R-33333'];

    expect(await adoptMessage(db.database, elsewhere, { activityId: 'a2', topics })).toBeNull();
    expect(await adoptMessage(db.database, here, { activityId: 'a2', topics })).toBe('approval:R-33333');
    const [card] = await db.database.query('select conversation_id as place from card where activity_id = $1', ['a2']);
    expect(card).toEqual({ place: here });
  });
});
