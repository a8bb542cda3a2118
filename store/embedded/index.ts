/**
 * PostgreSQL on one machine: finds, creates, starts and stops a server in a data folder. Used by `npm start` and by
 * tests, never in production.
 */
import { sleep } from '../../core/time';
import { type Cluster, ensureCluster, superuser } from './cluster';
import { findHome } from './home';
import { alive, answering, launch, running, stopServer } from './server';

export interface EmbeddedOptions {
  /** Holds the cluster, its password (0600) and its log. */
  readonly dataDir: string;
  readonly log: (line: string) => void;
  /** The first to try; taken ones are skipped. */
  readonly port?: number;
  /** Server settings, for tests: `{ fsync: 'off' }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface EmbeddedServer {
  /** The URL of a database of this server, whether it exists or not. */
  url(database: string): string;
  /** The server was running already, left behind by a start that was killed, or shared with one that is still alive. */
  readonly adopted: boolean;
  /** Whether its process is there. */
  lives(): boolean;
  /** Ends the server after its current transactions. Only for the start that owns the folder. */
  stop(): Promise<void>;
}

const defaultPort = 5_439;
const patienceMs = 30_000;
const betweenTriesMs = 150;

/**
 * Starts PostgreSQL from the npm package, or adopts the one that already serves this folder: it must answer with the
 * folder's password and name the folder as its own. The server outlives this process and its Ctrl-C; starting takes a
 * second or two the first time, a tenth of one after that. Several processes may call it at once.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const home = findHome(options.dataDir, options.log);
  const cluster = await ensureCluster(home);
  const deadline = Date.now() + patienceMs;
  let port = options.port ?? defaultPort;
  let lastWords = '';
  while (Date.now() < deadline) {
    const found = running(cluster);
    if (found && (await answering(cluster, found.port))) return handle(cluster, found.port, true);
    if (!found || !alive(found.pid)) {
      const outcome = await launch({ home, cluster, port, settings: options.settings ?? {} });
      if (outcome.state === 'ready') return handle(cluster, port, false);
      if (outcome.state === 'port taken') port += 1;
      lastWords = outcome.words;
    }
    // Somebody else is starting it, or it is still going down: the start after a kill can fail once on its lock file.
    await sleep(betweenTriesMs);
  }
  throw new Error(`The embedded database does not start (see ${cluster.log}). Its last words: ${lastWords}`);
}

const betweenLooksMs = 1_000;

/**
 * Brings a server back whenever it has died, where it was: whoever works with it holds its URL. Returns what ends that,
 * after a start that is under way.
 */
export function keepEmbedded(server: EmbeddedServer, options: EmbeddedOptions): () => Promise<void> {
  const { log } = options;
  const port = Number(new URL(server.url('postgres')).port);
  let looking: Promise<void> | undefined;
  const look = async () => {
    if (server.lives()) return;
    const { adopted } = await startEmbedded({ ...options, port });
    if (!adopted) log('The database had stopped. It was started again.');
  };
  const timer = setInterval(() => {
    looking ??= look()
      .catch((error: Error) => log(error.message))
      .finally(() => {
        looking = undefined;
      });
  }, betweenLooksMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await looking;
  };
}

function handle(cluster: Cluster, port: number, adopted: boolean): EmbeddedServer {
  return {
    url: (database) => `postgres://${superuser}:${cluster.password}@127.0.0.1:${port}/${encodeURIComponent(database)}`,
    adopted,
    lives: () => {
      const found = running(cluster);
      return found !== undefined && alive(found.pid);
    },
    stop: () => stopServer(cluster),
  };
}
