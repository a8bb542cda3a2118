import type { Queryable } from '../../store';
import { type TestDatabase, testDatabase } from './database';

/** The claims of the version before migration 4, verbatim: what a replica of it still says beside a new one. */
const claims: Readonly<Record<string, { readonly sql: string; readonly values: readonly unknown[] }>> = {
  'a run': {
    sql: `update run set lease_token = lease_token + 1, lease_owner = $1, tries = tries + 1,
       last_error = case when lease_until is null then last_error else $6 end,
       lease_until = clock_timestamp() + $2 * interval '1 ms'
     where id = (
       select id from run where ended_at is null and due_at <= $3 and not_before <= clock_timestamp()
         and (lease_until is null or lease_until < clock_timestamp()) and stages <@ $4 and kind = any ($5)
       order by due_at limit 1 for update skip locked)
     returning id`,
    values: ['old', 25_000, new Date(), ['a'], ['publish'], 'interrupted'],
  },
  "a run's step at its commit": {
    sql: 'select 1 from run where id = $1 and lease_token = $2 and lease_until is not null and ended_at is null for update',
    values: ['R-22222', 0],
  },
  "a run's lease once more": {
    sql: `update run set lease_until = clock_timestamp() + $3 * interval '1 ms'
     where id = $1 and lease_token = $2 and lease_until is not null and ended_at is null returning id`,
    values: ['R-22222', 0, 25_000],
  },
  'a card': {
    sql: `update card set lease_token = lease_token + 1, lease_until = clock_timestamp() + $1 * interval '1 ms'
     where id = (
       select k.id from card k
       where k.wanted > k.shown and not k.gap and k.not_before <= clock_timestamp()
         and (k.lease_until is null or k.lease_until < clock_timestamp())
         and (exists (select from conversation c where (c.id = k.conversation_id or c.name = k.conversation_id)
                and c.parked_why is null and (k.activity_id is null or c.edit_not_before <= clock_timestamp()))
           or not exists (select from conversation c where c.id = k.conversation_id or c.name = k.conversation_id))
       order by k.not_before, k.id limit 1 for update of k skip locked)
     returning card.id`,
    values: [30_000],
  },
  "a card's create": {
    sql: 'update card set create_started_at = clock_timestamp() where id = $1 and lease_token = $2 returning id',
    values: [1, 0],
  },
  "a card's new message": {
    sql: `update card set activity_id = $4, shown = greatest(shown, $3), create_started_at = null, tries = 0, last_error = null,
      not_before = '-infinity', lease_until = null where id = $1 and lease_token = $2 returning id`,
    values: [1, 0, 1, 'a1'],
  },
  'the counting': {
    sql: `update counting set until = clock_timestamp() + $1 * interval '1 ms' where until < clock_timestamp() returning id`,
    values: [30_000],
  },
  'a schedule': {
    sql: `select key, spec, next_at as "nextAt", paused_at as "pausedAt" from schedule
     where kind = $1 and paused_at is null and next_at <= $2 order by next_at, key limit $3 for update skip locked`,
    values: ['digest', new Date(), 20],
  },
  'a delivery': {
    sql: `insert into inbound (id) values ($1)
     on conflict (id) do update set at = clock_timestamp(), answer = null
       where inbound.at < clock_timestamp() - $2 * interval '1 ms'
     returning (extract(epoch from inbound.at) * 1000)::float8 as since, answer`,
    values: ['message 19:channel m-1', 86_400_000],
  },
};

const tables = ['run', 'card', 'counting', 'schedule', 'delivery', 'act', 'thread_pace'];

/** Every row of what may be claimed, with the columns that claims change. */
async function everything(db: Queryable): Promise<unknown[]> {
  const all = tables.map((table) => db.query(`select to_jsonb(t) as row from ${table} t order by 1::text`));
  return Promise.all(all);
}

describe('a replica of the version before', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await testDatabase();
    await db.database.query(`insert into request values ('R-22222', 'run')`);
    await db.database.query(
      `insert into run (id, kind, subject, plan, stages, stage, due_at, created_at)
       values ('R-22222', 'publish', 'ubuntu-22', '{}', '{a}', 'a', '-infinity', now())`,
    );
    await db.database.query(
      `insert into card (topic, conversation_id, kind) values ('run:R-22222', '19:channel', 'run')`,
    );
  });
  afterAll(() => db.close());

  it.each(Object.entries(claims))('cannot claim %s beside a new one, and changes nothing', async (_what, claim) => {
    const before = await everything(db.database);

    // 42703: no such column; 42P01: no such table.
    await expect(db.database.query(claim.sql, claim.values)).rejects.toMatchObject({
      code: expect.stringMatching(/^(42703|42P01)$/),
    });
    expect(await everything(db.database)).toEqual(before);
  });
});
