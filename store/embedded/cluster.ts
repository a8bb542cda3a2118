import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Home } from './home';

/** A cluster and its password; both live in one folder, so that a rename makes them appear together. */
export interface Cluster {
  /** PGDATA, mode 0700, of the server's user. */
  readonly data: string;
  readonly log: string;
  readonly password: string;
}

export const superuser = 'goldbot';
const staleAfterMs = 600_000;

/** Finds the cluster or creates it (about a second). Several processes may try at once: the first rename wins. */
export async function ensureCluster(home: Home): Promise<Cluster> {
  const folder = join(home.folder, 'cluster');
  if (!existsSync(folder)) {
    sweep(home.folder);
    await create(home, folder);
  }
  return {
    data: join(folder, 'data'),
    log: join(folder, 'server.log'),
    password: readFileSync(join(folder, 'password'), 'utf8').trim(),
  };
}

async function create(home: Home, folder: string): Promise<void> {
  const fresh = join(home.folder, `new-${process.pid}-${randomBytes(4).toString('hex')}`);
  const [data, password] = [join(fresh, 'data'), join(fresh, 'password')];
  mkdirSync(fresh, { mode: 0o711 });
  mkdirSync(data, { mode: 0o700 });
  writeFileSync(password, `${randomBytes(24).toString('hex')}\n`, { mode: 0o600 });
  if (home.user) {
    for (const path of [data, password]) chownSync(path, home.user.uid, home.user.gid);
  }
  try {
    await initdb(home, data, password);
    // The server's user needed it once, to read it.
    if (home.user) chownSync(password, 0, 0);
    renameSync(fresh, folder);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}

async function initdb(home: Home, data: string, password: string): Promise<void> {
  const options = ['--encoding=UTF8', '--locale=C', '--auth=scram-sha-256', '--no-sync'];
  await promisify(execFile)(home.initdb, ['-D', data, '-U', superuser, `--pwfile=${password}`, ...options], {
    cwd: data,
    timeout: 60_000,
    ...home.user,
  });
}

/** Removes what an interrupted start left behind. */
function sweep(folder: string): void {
  for (const name of readdirSync(folder).filter((n) => n.startsWith('new-'))) {
    const path = join(folder, name);
    try {
      if (Date.now() - statSync(path).mtimeMs > staleAfterMs) rmSync(path, { recursive: true, force: true });
    } catch {
      // Another start swept it.
    }
  }
}
