import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { sleep } from '../../core/time';
import { type Cluster, superuser } from './cluster';
import type { Home } from './home';

export interface Launch {
  readonly home: Home;
  readonly cluster: Cluster;
  readonly port: number;
  readonly settings: Readonly<Record<string, string>>;
}

export type LaunchOutcome = { readonly state: 'ready' | 'port taken' | 'exited'; readonly words: string };

const startPatienceMs = 20_000;
const stopPatienceMs = 10_000;

/** What the cluster's lock file says; the process may be long dead. */
export function running(cluster: Cluster): { pid: number; port: number } | undefined {
  try {
    const lines = readFileSync(join(cluster.data, 'postmaster.pid'), 'utf8').split('\n');
    const [pid, port] = [Number(lines[0]), Number(lines[3])];
    return pid > 0 && port > 0 ? { pid, port } : undefined;
  } catch {
    return undefined;
  }
}

export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether the server at this port takes the cluster's password and serves the cluster's folder. */
export async function answering(cluster: Cluster, port: number): Promise<boolean> {
  const client = new Client({
    host: '127.0.0.1',
    port,
    user: superuser,
    password: cluster.password,
    database: 'postgres',
    connectionTimeoutMillis: 2_000,
    query_timeout: 2_000,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ folder: string }>(`select current_setting('data_directory') as folder`);
    return realpathSync(rows[0]?.folder ?? '/') === realpathSync(cluster.data);
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

/** Starts the server in a session of its own, so that the terminal's Ctrl-C does not reach it. */
export async function launch({ home, cluster, port, settings }: Launch): Promise<LaunchOutcome> {
  const log = openSync(cluster.log, 'a', 0o600);
  const from = statSync(cluster.log).size;
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(
    home.postgres,
    ['-D', cluster.data, '-h', '127.0.0.1', '-p', String(port), '-k', '', ...options],
    { cwd: cluster.data, detached: true, stdio: ['ignore', log, log], ...home.user },
  );
  closeSync(log);
  server.unref();
  const state = await outcomeOf(server, cluster, port);
  const said = readFileSync(cluster.log, 'utf8').slice(from);
  const taken = state === 'exited' && /could not bind|Address already in use/.test(said);
  return { state: taken ? 'port taken' : state, words: said.trim().split('\n').slice(-3).join(' | ') };
}

async function outcomeOf(server: ChildProcess, cluster: Cluster, port: number): Promise<'ready' | 'exited'> {
  let gone = false;
  server.once('exit', () => {
    gone = true;
  });
  server.once('error', () => {
    gone = true;
  });
  const deadline = Date.now() + startPatienceMs;
  while (!gone && Date.now() < deadline) {
    // Somebody else's server on this port would answer too: it must be ours.
    if (running(cluster)?.pid === server.pid && (await answering(cluster, port))) return 'ready';
    await sleep(25);
  }
  return 'exited';
}

/** Fast shutdown: running transactions are rolled back, connections closed. Forced after ten seconds. */
export async function stopServer(cluster: Cluster): Promise<void> {
  const found = running(cluster);
  if (!found || !(await answering(cluster, found.port))) return;
  process.kill(found.pid, 'SIGINT');
  const deadline = Date.now() + stopPatienceMs;
  while (alive(found.pid) && Date.now() < deadline) await sleep(25);
  if (alive(found.pid)) process.kill(found.pid, 'SIGQUIT');
}
