import { Client, type ClientConfig, Pool, type PoolClient, type QueryResultRow, types } from 'pg';
import { UserError } from '../core/errors';
import { type DatabaseAddress, noToken, type Password, serverOf } from './server-url';
import { checkServer, databaseTrouble, type ServerState } from './trouble';

/** What a repository needs: the pool for a single statement, or a transaction. */
export interface Queryable {
  query<Row extends QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}

export interface Database extends Queryable {
  /**
   * Runs `work` in one transaction (read committed). `work` must do nothing but queries: after a deadlock it is
   * repeated. When the answer to the commit is lost, the connection is destroyed and the outcome is unknown: callers
   * repeat by intent or lease. `statementMs`: how long one statement may take where it is to go through the rows of years;
   * ten seconds when absent.
   *
   * @throws UserError `DATABASE_SILENT` when the server does not answer, `DATABASE_REFUSED` when it cannot be used.
   */
  transaction<T>(work: (tx: Queryable) => Promise<T>, statementMs?: number): Promise<T>;
  close(): Promise<void>;
}

export interface DatabaseOptions extends DatabaseAddress {
  readonly poolSize?: number;
  /** Called for every connection that dies while idle. */
  readonly onConnectionLost?: (error: Error) => void;
}

/** A replica that freezes inside a transaction holds its locks no longer than this. */
const idleInTransactionMs = 4_000;
const timeouts = {
  connectionTimeoutMillis: 2_500,
  statement_timeout: 10_000,
  query_timeout: 12_000,
  lock_timeout: 8_000,
  idle_in_transaction_session_timeout: idleInTransactionMs,
  keepAlive: true,
} satisfies ClientConfig;

/** Each statement is of milliseconds; to compile one takes hundreds once the tables have grown. */
const uncompiled = '-c jit=off';
const configOf = (url: string, password: Password | undefined): ClientConfig => {
  const { options, ...server } = serverOf(url, password);
  return { ...server, types: numbers, ...timeouts, options: options ? `${options} ${uncompiled}` : uncompiled };
};

/** Counters stay far below 2^53; pg would hand them over as strings. */
const numbers = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === types.builtins.INT8 ? Number : types.getTypeParser(oid, format)) as typeof types.getTypeParser,
};

/** Connects lazily: the first query finds out whether the server answers. */
export function openDatabase(options: DatabaseOptions): Database {
  const { url, password, poolSize = 10, onConnectionLost = () => {} } = options;
  const pool = new Pool({ ...configOf(url, password), max: poolSize, allowExitOnIdle: true });
  // Without listeners, a server that goes away would end the process.
  pool.on('error', onConnectionLost);
  pool.on('connect', (client) => client.on('error', () => {}));
  return {
    query: (text, values) => speaking(async () => (await pool.query(text, values as unknown[])).rows),
    transaction: (work, statementMs) => speaking(() => withRetry(() => inTransaction(pool, work, statementMs))),
    close: () => pool.end(),
  };
}

/** @throws UserError `DATABASE_SILENT` when the server does not answer. */
export async function pingDatabase(db: Queryable): Promise<undefined> {
  await db.query('select 1');
}

/**
 * Creates the database of `url` when the server does not have it, by way of the server's `postgres` database.
 *
 * @throws UserError `DATABASE_SILENT`, `DATABASE_REFUSED` (also for a server that goldbot cannot work with).
 */
export async function createDatabaseIfMissing(url: string, password?: Password): Promise<void> {
  if (await databaseServes(url, password)) return;
  const name = decodeURIComponent(new URL(url).pathname.slice(1));
  const maintenance = new URL(url);
  maintenance.pathname = '/postgres';
  const create = async (client: Client) => {
    try {
      await client.query(`create database ${client.escapeIdentifier(name)}`);
    } catch (error) {
      // Another process was faster: duplicate_database, or a race inside PostgreSQL's catalogue.
      if (!['42P04', '23505'].includes(sqlState(error) ?? '')) throw error;
    }
  };
  await withClient(maintenance.href, create, password);
}

const asked = `select current_setting('server_version_num')::int as version, current_setting('server_encoding') as encoding,
  pg_is_in_recovery() or current_setting('transaction_read_only')::bool as "readOnly"`;

/** False when the server has no such database. */
async function databaseServes(url: string, password?: Password): Promise<boolean> {
  try {
    const { rows } = await withClient(url, (client) => client.query<ServerState>(asked), password);
    if (rows[0]) checkServer(rows[0]);
    return true;
  } catch (error) {
    const cause = (error as { cause?: unknown }).cause ?? error;
    if (sqlState(cause) === '3D000') return false;
    throw error;
  }
}

/** One connection of its own, for administration. */
export async function withClient<T>(
  url: string,
  work: (client: Client) => Promise<T>,
  password?: Password,
): Promise<T> {
  const client = new Client({ ...configOf(url, password), statement_timeout: 60_000 });
  client.on('error', () => {});
  return speaking(async () => {
    try {
      await client.connect();
      return await work(client);
    } finally {
      await client.end().catch(() => {});
    }
  });
}

async function inTransaction<T>(pool: Pool, work: (tx: Queryable) => Promise<T>, statementMs?: number): Promise<T> {
  const client = await pool.connect();
  let result: T;
  try {
    await client.query('begin');
    result = await work(statementMs === undefined ? queryable(client) : await patient(client, statementMs));
  } catch (error) {
    const clean = await client.query('rollback').then(
      () => true,
      () => false,
    );
    client.release(!clean);
    throw error;
  }
  try {
    await client.query('commit');
  } catch (error) {
    // It may be committed or not. The connection could still be in the transaction: it must not be used again.
    client.release(true);
    throw error;
  }
  client.release();
  return result;
}

function queryable(client: PoolClient): Queryable {
  return { query: async (text, values) => (await client.query(text, values as unknown[])).rows };
}

/** The server ends a statement that takes too long; the client gives up a little later, as if the server were silent. */
async function patient(client: PoolClient, statementMs: number): Promise<Queryable> {
  await client.query(`set local statement_timeout = ${Math.round(statementMs)}`);
  const query_timeout = statementMs + timeouts.query_timeout - timeouts.statement_timeout;
  return {
    query: async (text, values) => {
      const config = { text, query_timeout, ...(values && { values: values as unknown[] }) };
      return (await client.query(config)).rows;
    },
  };
}

/** The server is certain to have rolled back deadlocks and serialisation failures. */
async function withRetry<T>(attempt: () => Promise<T>, left = 3): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    if (left > 0 && ['40P01', '40001'].includes(sqlState(error) ?? '')) return withRetry(attempt, left - 1);
    throw error;
  }
}

async function speaking<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw databaseTrouble(error) ?? (isConnectionLoss(error) ? databaseSilent(error) : error);
  }
}

const lostByErrno = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  // Entra, not the server: it passes the same way.
  noToken,
]);
/**
 * Shutting down, starting up, too many connections, lock or statement timeouts: the server is there but not serving.
 */
const lostByState = /^(08|57P0[1-3]|53300|53[1-4]00|25P03|57P05|55P03|57014)/;
const lostByText =
  /Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|Client has encountered a connection error|Client was closed/;

export function sqlState(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** Whether the server, not the statement, is at fault. Judged by the error's own fields, not by `instanceof`. */
export function isConnectionLoss(error: unknown): boolean {
  const { name, code, message, errors } = (error ?? {}) as Partial<AggregateError & { code: unknown }>;
  if (name === 'UserError') return false;
  if (typeof code === 'string' && (lostByErrno.has(code) || lostByState.test(code))) return true;
  if (typeof message === 'string' && lostByText.test(message)) return true;
  // `localhost` is tried over both IPv6 and IPv4.
  return Array.isArray(errors) && errors.some(isConnectionLoss);
}

export function databaseSilent(cause: unknown): UserError {
  return new UserError('DATABASE_SILENT', "goldbot's database does not answer; nothing was accepted.", {
    hint: 'Send the same message again in a minute.',
    cause,
  });
}

/** Lone halves of surrogate pairs and NUL: legal in JavaScript, always refused by PostgreSQL. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for NUL
const unstorable = /\u0000|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Text that PostgreSQL accepts: characters that a build log may contain and a database may not are replaced. */
export function storable(text: string): string {
  return text.replace(unstorable, '\ufffd');
}

/** A parameter for a `jsonb` column. */
export function jsonb(value: unknown): string {
  return JSON.stringify(value ?? null, (_key, v: unknown) => (typeof v === 'string' ? storable(v) : v));
}
