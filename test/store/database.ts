import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabaseIfMissing, type Database, migrate, openDatabase } from '../../store';
import { withClient } from '../../store/database';
import { startEmbedded } from '../../store/embedded';
import { migrations } from '../../store/migrations';
import { misfit } from '../support/audit';

export interface TestDatabase {
  readonly url: string;
  readonly database: Database;
  /** Closes the connections and drops the database. */
  close(): Promise<void>;
}

const template = `goldbot_template_${createHash('sha256').update(migrations.join()).digest('hex').slice(0, 10)}`;
const unsafeButFast = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' };
let server: Promise<string> | undefined;

/**
 * A fresh, migrated database in some 50 ms: on the server of DATABASE_URL when that is set, else on an embedded one that
 * all tests of this machine share.
 */
export function testDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  return freshDatabase(template, options);
}

/** One without any table, for what begins with migrations. */
export function emptyDatabase(): Promise<TestDatabase> {
  return freshDatabase('template0', {});
}

interface TestDatabaseOptions {
  readonly poolSize?: number;
  /** Unless entries of other versions are in it, every entry that a test makes must fit its row in core/audit.ts. */
  readonly audit?: 'of any version';
}

async function freshDatabase(from: string, { audit, ...options }: TestDatabaseOptions): Promise<TestDatabase> {
  const url = await base();
  const name = `goldbot_test_${Date.now().toString(36)}_${randomBytes(4).toString('hex')}`;
  await withClient(at(url, 'postgres'), (client) => client.query(`create database ${name} template ${from}`));
  const database = openDatabase({ url: at(url, name), ...options });
  return {
    url: at(url, name),
    database,
    close: async () => {
      const misfits = audit || from !== template ? [] : await misfitsIn(database);
      await database.close();
      await withClient(at(url, 'postgres'), (client) => client.query(`drop database if exists ${name} with (force)`));
      if (misfits.length > 0) throw new Error(`the audit says too little or too much: ${misfits.join('; ')}`);
    },
  };
}

async function misfitsIn(database: Database): Promise<readonly string[]> {
  const rows = await database.query<{ entry: string }>('select entry from audit');
  return [...new Set(rows.flatMap(({ entry }) => misfit(JSON.parse(entry))))];
}

function base(): Promise<string> {
  server ??= ready();
  return server;
}

async function ready(): Promise<string> {
  const url = process.env['DATABASE_URL'] ?? (await shared());
  await ensureTemplate(url);
  return url;
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
