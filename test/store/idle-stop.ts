import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { startEmbedded } from '../../store/embedded';

/** Stops the tests' server when nobody has been connected for a while; started apart by who started the server. */

const [dataDir = ''] = process.argv.slice(2);
const idleMs = 300_000;
const readMs = 5_000;

async function main(): Promise<void> {
  const server = await startEmbedded({ dataDir, log: () => {} });
  for (let idleSince = Date.now(); Date.now() - idleSince < idleMs; ) {
    await pause(readMs);
    const busy = await others(server.url('postgres'));
    if (busy === undefined) return;
    if (busy > 0) idleSince = Date.now();
  }
  await server.stop();
}

/** Connections but our own; undefined when the server is gone. */
async function others(url: string): Promise<number | undefined> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ n: string }>(
      `select count(*) as n from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`,
    );
    return Number(rows[0]?.n);
  } catch {
    return undefined;
  } finally {
    await client.end().catch(() => {});
  }
}

void main();
