import type { Client } from 'pg';
import type { DatabaseAnswer, DatabaseState } from '../core/doctor';
import { isUserError } from '../core/errors';
import { sqlState, withClient } from './database';
import { migrations } from './migrations/index';
import { type DatabaseAddress, noToken } from './server-url';

/** A row of what the server says of itself. */
const question = `select current_database() as name, current_user as "user",
    current_setting('server_version_num')::int as version, current_setting('server_encoding') as encoding,
    current_setting('transaction_read_only') = 'on' as "readOnly",
    pg_is_in_recovery() as "isStandby",
    coalesce(has_schema_privilege(current_schema(), 'create'), false) as "mayCreateTables",
    coalesce((select ssl from pg_stat_ssl where pid = pg_backend_pid()), false) as "isEncrypted",
    coalesce(inet_client_addr() <<= '127.0.0.0/8' or inet_client_addr() = '::1', true) as "isLocal",
    (select sum(numbackends) from pg_stat_database)::int as used,
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as most,
    to_regclass('meta') is not null as "hasRun", clock_timestamp() as theirs`;

type Row = Omit<DatabaseState, 'host' | 'connections' | 'migrations' | 'clock'> & {
  readonly used: number;
  readonly most: number;
  readonly hasRun: boolean;
  readonly theirs: Date;
};

/**
 * How the database is, for the doctor: over a connection of its own, so that a pool without a free one is no reason not
 * to know. A server that does not answer, or does not let goldbot in, is an answer. Changes nothing.
 */
export async function databaseHealth({ url, password }: DatabaseAddress): Promise<DatabaseAnswer> {
  const { host } = new URL(url);
  try {
    const look = async (client: Client): Promise<DatabaseAnswer> => {
      const sent = new Date();
      const [row] = (await client.query<Row>(question)).rows;
      const answered = new Date();
      if (!row) throw new Error('the database answered without a row');
      const { used, most, hasRun, theirs, ...state } = row;
      const schema = hasRun
        ? await client.query<{ value: string }>(`select value from meta where key = 'schema'`)
        : null;
      return {
        ...{ kind: 'open', host, ...state, connections: { used, most } },
        migrations: { made: Number(schema?.rows[0]?.value ?? 0), known: migrations.length },
        clock: { theirs, sent, answered },
      };
    };
    return await withClient(url, look, password);
  } catch (error) {
    if (sqlState((error as Error).cause) === '3D000') return missing({ url, ...(password && { password }) }, host);
    return { host, ...closedBy(error) };
  }
}

/** goldbot makes its database at the first start, where it may. */
async function missing({ url, password }: DatabaseAddress, host: string): Promise<DatabaseAnswer> {
  const maintenance = new URL(url);
  const name = decodeURIComponent(maintenance.pathname.slice(1));
  maintenance.pathname = '/postgres';
  try {
    const look = async (client: Client): Promise<DatabaseAnswer> => {
      const may = await client.query<{ may: boolean }>(
        'select rolcreatedb or rolsuper as may from pg_roles where rolname = current_user',
      );
      return { kind: 'missing', host, name, mayBeMade: may.rows[0]?.may === true };
    };
    return await withClient(maintenance.href, look, password);
  } catch (error) {
    return { host, ...closedBy(error) };
  }
}

/** Whatever keeps goldbot out is told in the server's words, or the network's. */
function closedBy(error: unknown): Closed {
  if (!isUserError(error)) return { kind: 'refused', why: (error as Error).message };
  const { code, message } = (error.cause ?? {}) as { code?: string; message?: string };
  if (error.code === 'DATABASE_REFUSED') return { kind: 'refused', why: message ?? error.message, mend: error.hint };
  return { kind: 'silent', why: code === noToken ? String(message) : (code ?? message ?? error.message) };
}

type Closed =
  | { readonly kind: 'silent'; readonly why: string }
  | { readonly kind: 'refused'; readonly why: string; readonly mend?: string };
