import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createDatabaseIfMissing,
  databaseHealth,
  noToken,
  openDatabase,
  pingDatabase,
  problemOfUrl,
} from '../../store';
import { withClient } from '../../store/database';
import { serverOf } from '../../store/server-url';
import { checkServer, databaseTrouble } from '../../store/trouble';
import { authority } from '../support/certificates';
import { type TestDatabase, testDatabase } from './database';
import { type TlsFront, tlsFront } from './tls-front';

describe('goldbot at its database', () => {
  const contoso = authority('Contoso Root');
  const folder = mkdtempSync(join(tmpdir(), 'goldbot-tls-'));
  const role = `"goldbot-identity ${process.pid}"`;
  const fronts: TlsFront[] = [];
  let db: TestDatabase;

  const admin = (sql: string) => withClient(db.url, (client) => client.query(sql));
  /** The database by way of TLS, and by a user whose password is a token. */
  const urlAt = (port: number, query: string, host = '127.0.0.1') => {
    const url = new URL(db.url);
    url.username = encodeURIComponent(role.slice(1, -1));
    url.password = '';
    url.host = `${host}:${port}`;
    url.search = query;
    return url.href;
  };
  const front = async (names: readonly string[], valid?: readonly [Date, Date]) => {
    const made = await tlsFront(Number(new URL(db.url).port), contoso.issue(names, valid));
    fronts.push(made);
    return made.port;
  };
  const trusted = `sslrootcert=${encodeURIComponent(join(folder, 'ca.pem'))}`;

  beforeAll(async () => {
    db = await testDatabase();
    writeFileSync(join(folder, 'ca.pem'), contoso.cert);
    await admin(`create role ${role} login password 'token-1' in role pg_read_all_data`);
  });
  afterAll(async () => {
    await Promise.all(fronts.map((each) => each.close()));
    await admin(`drop role ${role}`);
    await db.close();
    rmSync(folder, { recursive: true });
  });

  it('signs in over TLS with the token of the moment, which ends and is another for the next connection', async () => {
    const tokens = ['token-1'];
    const asked: string[] = [];
    const password = async () => {
      asked.push(tokens.at(-1) as string);
      return tokens.at(-1) as string;
    };
    const url = urlAt(await front(['127.0.0.1']), `sslmode=verify-full&${trusted}`);
    const database = openDatabase({ url, password, poolSize: 2 });
    await pingDatabase(database);

    await admin(`alter role ${role} password 'token-2'`);
    // A connection that stands outlives the token that opened it.
    await pingDatabase(database);
    tokens.push('token-2');
    // One holds the first connection, so the other needs a new one.
    await Promise.all([database.query('select pg_sleep(0.05)'), pingDatabase(database)]);
    expect(asked).toEqual(['token-1', 'token-2']);
    await database.close();

    const late = openDatabase({ url, password: async () => 'token-1' });
    await expect(pingDatabase(late)).rejects.toMatchObject({
      code: 'DATABASE_REFUSED',
      message: "goldbot's database refuses the user in DATABASE_URL or its password.",
      hint: expect.stringContaining('pgaadauth_create_principal'),
    });
    await late.close();
    await admin(`alter role ${role} password 'token-1'`);
  });

  it.each([
    [
      'an authority that it does not know',
      ['127.0.0.1'],
      'sslmode=verify-full',
      /of an authority that goldbot does not/,
    ],
    ['another name, also by sslmode=require', ['db.contoso.com'], `sslmode=require&${trusted}`, /to another name/],
  ])('sends its token to no server with a certificate of %s', async (_, names, query, words) => {
    let sent = 0;
    const password = async () => {
      sent += 1;
      return 'token-1';
    };
    const ask = createDatabaseIfMissing(urlAt(await front(names), query), password);
    await expect(ask).rejects.toMatchObject({ code: 'DATABASE_REFUSED', message: expect.stringMatching(words) });
    expect(sent).toBe(0);
  });

  it('nor with one that has ended', async () => {
    const ended = [new Date(Date.now() - 7_200_000), new Date(Date.now() - 3_600_000)] as const;
    const url = urlAt(await front(['127.0.0.1'], ended), `sslmode=verify-full&${trusted}`);
    await expect(createDatabaseIfMissing(url, async () => 'token-1')).rejects.toMatchObject({
      message: "The certificate of goldbot's database has expired or is not valid yet.",
    });
  });

  it('takes another name where the authority alone is to be checked', async () => {
    const url = urlAt(await front(['db.contoso.com']), `sslmode=verify-ca&${trusted}`);
    await createDatabaseIfMissing(url, async () => 'token-1');
  });

  it('says what is wrong at a server without TLS, of a database that it may not make, and of a user that is not there', async () => {
    const { port } = new URL(db.url);
    const password = async () => 'token-1';
    const missing = new URL(urlAt(Number(port), ''));
    missing.pathname = '/not_there';
    const stranger = new URL(urlAt(Number(port), ''));
    stranger.username = 'stranger';
    for (const [url, words] of [
      [urlAt(Number(port), 'sslmode=verify-full'), /speaks no TLS/],
      [missing.href, /does not exist, and its user may not make it/],
      [stranger.href, /refuses the user in DATABASE_URL/],
    ] as const) {
      const refusal = expect.objectContaining({ code: 'DATABASE_REFUSED', message: expect.stringMatching(words) });
      await expect(createDatabaseIfMissing(url, password)).rejects.toEqual(refusal);
    }
  });

  it('is looked at by the doctor in the same way: with the token, and in words where it does not open', async () => {
    const password = async () => 'token-1';
    const direct = urlAt(Number(new URL(db.url).port), '');
    expect(await databaseHealth({ url: direct, password })).toMatchObject({ kind: 'open', isEncrypted: false });
    const missing = new URL(direct);
    missing.pathname = '/not_there';
    const absent = { kind: 'missing', name: 'not_there', mayBeMade: false };
    expect(await databaseHealth({ url: missing.href, password })).toMatchObject(absent);
    expect(await databaseHealth({ url: direct, password: async () => 'other' })).toMatchObject({
      kind: 'refused',
      why: expect.stringMatching(/^password authentication failed/),
      mend: expect.stringMatching(/^Correct them\. .*pgaadauth_create_principal/),
    });
    const noAnswer = Object.assign(new Error("goldbot's identity got no token for it: x"), { code: noToken });
    expect(await databaseHealth({ url: direct, password: () => Promise.reject(noAnswer) })).toMatchObject({
      kind: 'silent',
      why: "goldbot's identity got no token for it: x",
    });
  });

  it('says that it is read-only, before anything is asked of it and when it becomes so', async () => {
    const readOnly = new URL(db.url);
    readOnly.searchParams.set('options', '-c default_transaction_read_only=on');
    const words = { code: 'DATABASE_REFUSED', message: "goldbot's database is read-only; nothing was accepted." };
    await expect(createDatabaseIfMissing(readOnly.href)).rejects.toMatchObject(words);
    const database = openDatabase({ url: readOnly.href });
    await expect(database.query(`insert into meta values ('a', 'b')`)).rejects.toMatchObject(words);
    await database.close();
  });
});

describe('what a database says, in words', () => {
  it.each([
    ['28000', 'The access token has expired. Acquire a new token and retry.', /had expired/],
    ['28000', 'The access token does not have a valid audience claim. Please acquire a new token', /of this cloud/],
    [
      '28000',
      'Service Principals cannot generate AAD_AUTH_TOKENTYPE_APP_USER tokens for role[goldbot]',
      /take the token/,
    ],
    [
      '28000',
      'no pg_hba.conf entry for host "10.0.0.4", user "goldbot", database "goldbot", no encryption',
      /encrypted/,
    ],
    ['28000', 'no pg_hba.conf entry for host "10.0.0.4", user "goldbot", database "goldbot", SSL on', /this address/],
    ['28000', 'role "goldbot" does not exist', /does not know the user/],
    ['28P01', 'password authentication failed for user "goldbot"', /refuses the user/],
    ['3D000', 'database "goldbot" does not exist', /does not have the database/],
    ['42501', 'permission denied for schema public', /may not make or use the tables/],
    ['25006', 'cannot execute INSERT in a read-only transaction', /read-only/],
    ['53100', 'could not extend file "base/5/16384": No space left on device', /no room left/],
    ['EPROTO', 'write EPROTO 140:error:0A00010B:SSL routines::wrong version number', /do not agree on TLS/],
  ])('%s: %s', (code, message, words) => {
    const told = databaseTrouble(Object.assign(new Error(message), { code }));
    expect(told).toMatchObject({ code: 'DATABASE_REFUSED', message: expect.stringMatching(words) });
    // Each says what to do, and nothing of what the server said.
    expect(told?.hint).toMatch(/^[A-Z].{20,}\.$/);
  });

  it.each([['57P03'], ['53300'], ['ECONNREFUSED'], ['40001'], ['23505']])('leaves %s to others', (code) => {
    expect(databaseTrouble(Object.assign(new Error('x'), { code }))).toBeUndefined();
  });

  it('is too old below 15, and not for other encodings than UTF8', () => {
    const good = { version: 150_000, encoding: 'UTF8', readOnly: false };
    expect(() => checkServer(good)).not.toThrow();
    expect(() => checkServer({ ...good, version: 149_999 })).toThrow(/PostgreSQL 14; goldbot needs 15 or newer/);
    expect(() => checkServer({ ...good, encoding: 'SQL_ASCII' })).toThrow(/the encoding SQL_ASCII/);
    expect(() => checkServer({ ...good, readOnly: true })).toThrow(/read-only/);
  });
});

describe('DATABASE_URL', () => {
  it.each([
    ['postgresql://u@db.contoso.com/goldbot', /asks for no TLS/],
    ['postgresql://u@db.contoso.com/goldbot?sslmode=disable', /asks for no TLS/],
    ['postgresql://u@db.contoso.com/goldbot?sslmode=prefer', /sslmode=prefer, which does not protect/],
    ['postgresql://u@db.contoso.com/goldbot?sslmode=no-verify', /sslmode=no-verify, which does not protect/],
    ['postgresql://u@db.contoso.com/goldbot?sslmode=verify-ca', /without sslrootcert/],
    ['postgresql://db.contoso.com/goldbot?sslmode=verify-full', /names no user/],
    ['postgresql://u:p#d@db.contoso.com/goldbot', /cannot be read.*%23/],
    ['postgresql://u@127.0.0.1.contoso.com/goldbot', /asks for no TLS/],
    ['postgresql://u@localhost/goldbot?host=db.contoso.com', /asks for no TLS/],
    ['postgresql://u@localhost/goldbot?host=localhost&host=db.contoso.com', /asks for no TLS/],
    ['postgresql://u:50%-off@localhost/goldbot', /^cannot be read: the sign % .* is written %25$/],
    [
      'postgresql://u:p@h/g?sslmode=verify-full&sslrootcert=/no.pem',
      /^names a file that cannot be read: .*'\/no.pem'$/,
    ],
  ])('%s is refused', (url, words) => {
    expect(problemOfUrl(url)).toMatch(words);
  });

  it.each([
    ['postgresql://u@db.contoso.com/goldbot?sslmode=verify-full'],
    ['postgresql://u:p@db.contoso.com/goldbot?sslmode=require'],
    ['postgresql://u@db.contoso.com/goldbot?ssl=true'],
    ['postgresql://u@db.contoso.com/goldbot?sslmode=verify-ca&sslrootcert=package.json'],
    ['postgresql://u@localhost/goldbot?host=/var/run/postgresql'],
    ['postgresql://u@127.0.0.1:6432/goldbot'],
    ['postgresql://u@[::1]/goldbot?sslmode=disable'],
  ])('%s is taken', (url) => {
    expect(problemOfUrl(url)).toBeUndefined();
  });

  it('is read as it is written: escapes, ports, other parameters, and its own password before any other', () => {
    const password = async () => 'token';
    expect(serverOf('postgresql://a%40b:c%2Fd@[::1]:6000/e%20f?application_name=g', password)).toEqual({
      ...{ host: '::1', port: 6000, user: 'a@b', password: 'c/d', database: 'e f', application_name: 'g' },
    });
    expect(serverOf('postgresql://u@h?sslmode=disable', password)).toEqual({
      host: 'h',
      user: 'u',
      password,
      ssl: false,
    });
  });
});
