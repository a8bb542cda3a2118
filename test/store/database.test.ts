import { createDatabaseIfMissing, migrate, openDatabase, pingDatabase } from '../../store';
import { isConnectionLoss, jsonb, sqlState, storable, withClient } from '../../store/database';
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

  it.each([
    ['a deadlock, three times', '40P01', 3, 'done', 4],
    ['a serialisation failure', '40001', 1, 'done', 2],
    ['a deadlock that does not end', '40P01', 4, '40P01', 4],
    ['what two replicas have inserted', '23505', 1, '23505', 1],
  ])(
    'repeats a transaction after %s, if the server has certainly rolled it back',
    async (_, code, times, outcome, tries) => {
      let tried = 0;
      const work = db.database.transaction(async (tx) => {
        await tx.query(`insert into meta values ($1, $2)`, [`try ${tried}`, code]);
        tried += 1;
        if (tried <= times) throw Object.assign(new Error('refused'), { code });
        return 'done';
      });

      expect(await work.catch((error: unknown) => sqlState(error))).toBe(outcome);
      expect(tried).toBe(tries);
      const kept = await db.database.query<{ key: string }>('delete from meta where value = $1 returning key', [code]);
      expect(kept).toEqual(outcome === 'done' ? [{ key: `try ${times}` }] : []);
    },
  );

  it('gives one statement as long as is said, for the transaction alone: a migration goes through the rows of years', async () => {
    const limit = async (of: Pick<typeof db.database, 'query'>) =>
      (await of.query<{ limit: string }>(`select current_setting('statement_timeout') as limit`))[0]?.limit;

    expect(await db.database.transaction((tx) => limit(tx), 55_000)).toBe('55s');
    expect(await db.database.transaction((tx) => limit(tx))).toBe('10s');
    expect(await limit(db.database)).toBe('10s');
  });

  it('gives counters as numbers, and other types as pg does', async () => {
    const [row] = await db.database.query('select 5::int8 as counter, 2::int4 as small, $1::timestamptz as at', [
      new Date(0),
    ]);

    expect(row).toEqual({ counter: 5, small: 2, at: new Date(0) });
  });

  it('is made when the server does not have it, by many replicas at once, and left alone when it does', async () => {
    const url = new URL(db.url);
    // Not the name of a test's database: whatever goes wrong here, no other test stumbles over it.
    const name = `An "enterprise" of ${url.pathname.slice(1)}`;
    url.pathname = `/${encodeURIComponent(name)}`;
    try {
      await Promise.all([1, 2, 3].map(() => createDatabaseIfMissing(url.href)));
      await withClient(url.href, (client) => client.query('create table kept ()'));
      await createDatabaseIfMissing(url.href);

      const { rows } = await withClient(url.href, (client) =>
        client.query(`select current_database() as name, to_regclass('kept') is not null as kept`),
      );
      expect(rows).toEqual([{ name, kept: true }]);
    } finally {
      await withClient(db.url, (client) =>
        client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`),
      );
    }
  });

  it('is silent, whoever asks it, when nobody listens at its address', async () => {
    const url = 'postgres://nobody@127.0.0.1:9/none';
    const gone = openDatabase({ url });

    for (const ask of [
      () => pingDatabase(gone),
      () => gone.transaction(async () => 'done'),
      () => createDatabaseIfMissing(url),
    ])
      await expect(ask()).rejects.toMatchObject({
        code: 'DATABASE_SILENT',
        hint: expect.stringContaining('again in a minute'),
      });
    await gone.close();
  });

  it('says so at once when it may not be used: that is no silence', async () => {
    const url = new URL(db.url);
    url.username = 'nobody_of_this_name';

    await expect(createDatabaseIfMissing(url.href)).rejects.toMatchObject({ code: 'DATABASE_REFUSED' });
  });
});

describe('whether the database, not the statement, is at fault', () => {
  const coded = (code: unknown) => Object.assign(new Error('x'), { code });

  it.each([
    ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'],
    ...['08006', '57P01', '57P02', '57P03', '53300', '53100', '53400', '25P03', '57P05', '55P03', '57014'],
  ])('%s: the database', (code) => {
    expect(isConnectionLoss(coded(code))).toBe(true);
  });

  it.each(['23505', '40P01', '42P01', '57P04', '53000', '53500', '25P02', '22P08', 'ENOENT', '', 8, undefined])(
    '%s: the statement',
    (code) => {
      expect(isConnectionLoss(coded(code))).toBe(false);
    },
  );

  it.each([
    'Connection terminated unexpectedly',
    'timeout exceeded when trying to connect',
    'timeout expired',
    'Query read timeout',
    'Client has encountered a connection error and is not queryable',
    'Client was closed and is not queryable',
  ])('“%s”: the database, though pg gives no code', (message) => {
    expect(isConnectionLoss(new Error(message))).toBe(true);
  });

  it('looks at every address that was tried, and never judges what is told to people already', () => {
    expect(isConnectionLoss(new AggregateError([coded('23505'), coded('ECONNREFUSED')]))).toBe(true);
    expect(isConnectionLoss(new AggregateError([coded('23505')]))).toBe(false);
    expect(isConnectionLoss({ name: 'UserError', code: 'ECONNRESET' })).toBe(false);
    for (const nothing of [null, undefined, 'timeout expired', { message: 5 }, { errors: 'ECONNREFUSED' }])
      expect(isConnectionLoss(nothing)).toBe(false);
  });

  it('reads the state of an error that has one', () => {
    expect([coded('23505'), coded(5), null, undefined, 'x'].map(sqlState)).toEqual([
      '23505',
      ...Array(4).fill(undefined),
    ]);
  });
});

it.each([
  ['a\u0000b', 'a\ufffdb'],
  ['a\ud83d\ude00b', 'a\ud83d\ude00b'],
  ['\ud83d!', '\ufffd!'],
  ['\ud83d', '\ufffd'],
  ['!\ude00', '!\ufffd'],
  ['\ude00\ud83d', '\ufffd\ufffd'],
])('stores %j as %j, in texts and in the texts of an object', (text, stored) => {
  expect(storable(text)).toBe(stored);
  expect(JSON.parse(jsonb({ log: [text, 7, null] }))).toEqual({ log: [stored, 7, null] });
});

it('stores nothing as null', () => {
  expect([jsonb(undefined), jsonb(null), jsonb(0)]).toEqual(['null', 'null', '0']);
});
