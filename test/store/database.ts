import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabaseIfMissing, type Database, migrate, openDatabase } from '../../store';
import { withClient } from '../../store/database';
import { startEmbedded } from '../../store/embedded';
import { migrations } from '../../store/migrations';
import { misfit } from '../support/audit';
import { prepareStatements } from './prepared';

export interface TestDatabase {
  readonly url: string;
  readonly database: Database;
  /** Nothing of the test may work with it any more. */
  close(): Promise<void>;
}

const unsafeButFast = {
  ...{ fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' },
  // One plan a statement, not one for each of its first five values.
  plan_cache_mode: 'force_generic_plan',
  // Databases that live for minutes need neither.
  ...{ autovacuum: 'off', wal_level: 'minimal', max_wal_senders: '0' },
};
prepareStatements();
let server: Promise<string> | undefined;
const machine = createHash('sha256').update(hostname()).digest('hex').slice(0, 6);
const closedDatabases = Symbol.for('goldbot.closed-databases');
/** How the connections that are kept call themselves. */
const keeper = 'goldbot tests';

interface Kept {
  readonly name: string;
  readonly poolSize: number;
  readonly database: Database;
}

/** What this worker's tests have closed, whether or not this module is loaded anew for each of its suites. */
const closed = closedOf(globalThis as object);

/**
 * A function beside the tables: empties them, and puts back what migrations insert, of which there are copies. Statements
 * that are known beforehand are planned once a connection, and of a few rows a `delete` takes a tenth of what `truncate`
 * takes, which makes new files; that is left for tables in which deleted rows have piled up. Foreign keys and triggers
 * are not looked at meanwhile.
 */
const seeded = `do $$
declare name text; filled boolean; emptying text := ''; filling text := '';
begin
  create schema seeds;
  for name in select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1 loop
    emptying := emptying || format('delete from public.%I; ', name);
    execute format('select exists (select from public.%I)', name) into filled;
    if filled then
      execute format('create table seeds.%I as table public.%I', name, name);
      filling := filling || format('insert into public.%I overriding system value select * from seeds.%I; ', name, name);
    end if;
  end loop;
  execute format('create function seeds.begin_anew() returns void language plpgsql
    set session_replication_role = replica as %L', format('
    declare name text;
    begin
      %s
      for name in select relname from pg_class
        where relnamespace = ''public''::regnamespace and relkind = ''r'' and pg_relation_size(oid) > 1000000 loop
        execute format(''truncate public.%%I cascade'', name);
      end loop;
      %s
      perform setval(format(''%%I.%%I'', schemaname, sequencename)::regclass, start_value, false)
        from pg_sequences where schemaname = ''public'' and last_value is not null;
    end', emptying, filling));
end $$`;

/** See `seeded`. */
const emptied = 'select seeds.begin_anew()';

const template = `goldbot_template_${createHash('sha256')
  .update([...migrations, seeded].join())
  .digest('hex')
  .slice(0, 10)}`;

/**
 * A migrated database without anything in it: on the server of DATABASE_URL when that is set, else on an embedded one
 * that all tests of this machine share. A worker hands out again what its tests have closed, with the connections.
 */
export async function testDatabase({ poolSize = 10, audit }: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const url = await base();
  const { name, database } = (await reused(poolSize)) ?? (await fresh(url, poolSize));
  const lent = lend(database);
  let isClosed = false;
  return {
    url: at(url, name),
    database: lent,
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      await lent.close();
      const misfits = audit ? [] : await misfitsIn(database);
      closed.push({ name, poolSize, database });
      if (misfits.length > 0) throw new Error(`the audit says too little or too much: ${misfits.join('; ')}`);
    },
  };
}

interface TestDatabaseOptions {
  readonly poolSize?: number;
  /** Unless entries of other versions are in it, every entry that a test makes must fit its row in core/audit.ts. */
  readonly audit?: 'of any version';
}

/** One without any table, for what begins with migrations. */
export async function emptyDatabase(): Promise<TestDatabase> {
  const url = await base();
  const name = await created(url, 'template0');
  const database = openDatabase({ url: at(url, name) });
  return {
    url: at(url, name),
    database,
    close: async () => {
      await database.close();
      await withClient(at(url, 'postgres'), (client) => client.query(`drop database ${name} with (force)`));
    },
  };
}

async function misfitsIn(database: Database): Promise<readonly string[]> {
  const rows = await database.query<{ entry: string }>('select entry from audit');
  return [...new Set(rows.flatMap(({ entry }) => misfit(JSON.parse(entry))))];
}

function closedOf(worker: { [closedDatabases]?: Kept[] }): Kept[] {
  worker[closedDatabases] ??= [];
  return worker[closedDatabases];
}

async function fresh(url: string, poolSize: number): Promise<Kept> {
  const name = await created(url, template);
  const kept = new URL(at(url, name));
  kept.searchParams.set('application_name', keeper);
  return { name, poolSize, database: openDatabase({ url: kept.href, poolSize }) };
}

/** One that was closed, emptied; not while somebody else is connected to it, who would meddle with the next test. */
async function reused(poolSize: number): Promise<Kept | undefined> {
  const found = closed.findIndex((kept) => kept.poolSize === poolSize);
  const [kept] = found < 0 ? [] : closed.splice(found, 1);
  if (!kept) return undefined;
  const others = await kept.database.query(
    'select 1 from pg_stat_activity where datname = current_database() and application_name <> $1',
    [keeper],
  );
  if (others.length === 0) {
    await kept.database.query(emptied);
    return kept;
  }
  await kept.database.close();
  return reused(poolSize);
}

/** The database until it is closed: whoever still works with it then, of an earlier test, does so no more. */
function lend(database: Database): Database {
  const inProgress = new Set<Promise<unknown>>();
  let isClosed = false;
  const whileLent = <T>(work: () => Promise<T>): Promise<T> => {
    if (isClosed) return Promise.reject(new Error('this test database is closed'));
    const doing = work().finally(() => inProgress.delete(doing));
    inProgress.add(doing);
    return doing;
  };
  return {
    query: (text, values) => whileLent(() => database.query(text, values)),
    transaction: (work, statementMs) => whileLent(() => database.transaction(work, statementMs)),
    close: async () => {
      isClosed = true;
      await Promise.allSettled(inProgress);
    },
  };
}

async function created(url: string, from: string): Promise<string> {
  const name = `goldbot_test_${machine}_${process.pid}_${randomBytes(4).toString('hex')}`;
  await withClient(at(url, 'postgres'), (client) => client.query(`create database ${name} template ${from}`));
  return name;
}

function base(): Promise<string> {
  server ??= ready();
  return server;
}

async function ready(): Promise<string> {
  const url = process.env['DATABASE_URL'] ?? (await shared());
  await ensureTemplate(url);
  await sweep(url);
  return url;
}

/** Drops what workers of this machine that are over have left, unless somebody is at it: nobody waits for that. */
async function sweep(url: string): Promise<void> {
  await withClient(at(url, 'postgres'), async (client) => {
    const lock = await client.query<{ mine: boolean }>(
      "select pg_try_advisory_lock(hashtext('goldbot tests sweep')) as mine",
    );
    if (!lock.rows[0]?.mine) return;
    const { rows } = await client.query<{ name: string }>(
      'select datname as name from pg_database where starts_with(datname, $1)',
      [`goldbot_test_${machine}_`],
    );
    for (const { name } of rows) {
      if (isRunning(Number(name.split('_')[3]))) continue;
      await client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`);
    }
  });
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function shared(): Promise<string> {
  const dataDir = join(tmpdir(), `goldbot-test-${process.getuid?.() ?? 0}`, 'postgres');
  const embedded = await startEmbedded({ dataDir, log: () => {}, port: 5_540, settings: unsafeButFast });
  if (!embedded.adopted) {
    const program = ['--import', 'tsx', join(__dirname, 'idle-stop.ts'), dataDir];
    spawn(process.execPath, program, { detached: true, stdio: 'ignore', cwd: join(__dirname, '../..') }).unref();
  }
  return embedded.url('postgres');
}

/** Built under a name of its own and renamed: nobody may be connected to a template that is being copied. */
async function ensureTemplate(url: string): Promise<void> {
  const fresh = `${template}_${process.pid}_${randomBytes(3).toString('hex')}`;
  const exists = await withClient(at(url, 'postgres'), (client) =>
    client.query('select 1 from pg_database where datname = $1', [template]),
  );
  if (exists.rowCount) return;
  await createDatabaseIfMissing(at(url, fresh));
  const database = openDatabase({ url: at(url, fresh) });
  await migrate(database);
  await database.query(seeded);
  await database.close();
  await withClient(at(url, 'postgres'), async (client) => {
    await client
      .query(`alter database ${fresh} rename to ${template}`)
      .catch(() => client.query(`drop database if exists ${fresh} with (force)`));
  });
}

function at(base: string, database: string): string {
  const url = new URL(base);
  url.pathname = `/${database}`;
  return url.href;
}
