import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A fetch that receives nothing for a minute ends earlier. */
const longestMs = 20 * 60_000;

/** git could not do what it was asked, or is not installed. */
export class GitError extends Error {
  override readonly name = 'GitError';
}

/** An empty clone that fetches single objects when they are asked for. */
export interface Clone {
  readonly folder: string;
  readonly url: string;
}

/** Makes a clone in a temporary folder for as long as `use` runs. Nothing is fetched yet. */
export function withClone<T>(url: string, use: (clone: Clone) => T): T {
  const clone = { folder: mkdtempSync(join(tmpdir(), 'goldbot-specs-')), url };
  try {
    git(clone, ['init', '--quiet', '--bare', '.']);
    for (const [key, value] of [
      ['remote.origin.url', url],
      ['remote.origin.promisor', 'true'],
      ['remote.origin.partialclonefilter', 'blob:none'],
      ['extensions.partialClone', 'origin'],
      ['core.repositoryFormatVersion', '1'],
    ] as const) {
      git(clone, ['config', key, value]);
    }
    return use(clone);
  } finally {
    rmSync(clone.folder, { recursive: true, force: true });
  }
}

/**
 * Content by id, fetched in one request, the way a partial clone fetches missing objects.
 *
 * @throws GitError if the repository cannot be reached or no longer has an object.
 */
export function contentOf(clone: Clone, ids: readonly string[]): ReadonlyMap<string, Buffer> {
  if (ids.length === 0) return new Map();
  const unique = [...new Set(ids)];
  fetch(clone, ['--filter=blob:none', '--stdin'], `${unique.join('\n')}\n`);
  return new Map(unique.map((id) => [id, git(clone, ['cat-file', 'blob', id])]));
}

/**
 * The text of a file at a tag or branch.
 *
 * @throws GitError if the repository cannot be reached, or has no such tag or no such file there.
 */
export function refFile(clone: Clone, ref: string, path: string): string {
  fetch(clone, ['--depth=1', '--filter=blob:none', '--stdin'], `${ref}:refs/specs/${ref}\n`);
  return git(clone, ['cat-file', 'blob', `refs/specs/${ref}:${path}`]).toString('utf8');
}

function fetch(clone: Clone, options: readonly string[], wanted: string): void {
  const quietly = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules'];
  const settings = ['fetch.negotiationAlgorithm=noop', 'http.lowSpeedLimit=1', 'http.lowSpeedTime=60'];
  const configured = settings.flatMap((setting) => ['-c', setting]);
  git(clone, [...configured, 'fetch', ...quietly, ...options, 'origin'], wanted);
}

function git({ folder, url }: Clone, args: readonly string[], input = ''): Buffer {
  const { status, stdout, stderr, error } = spawnSync('git', args, {
    cwd: folder,
    input,
    maxBuffer: 2 ** 30,
    timeout: longestMs,
    // Never asks for a password, and relies on nobody's configuration.
    env: { ...process.env, GIT_TERMINAL_PROMPT: '0', GIT_DIR: folder, LC_ALL: 'C' },
  });
  if (error)
    throw new GitError(
      `git cannot be started or did not end (${error.message}); it is needed to fetch specifications.`,
    );
  if (status === 0) return stdout;
  const said = stderr.toString('utf8').trim();
  if (/could not resolve|unable to access|failed to connect|timed out|connection/i.test(said)) {
    throw new GitError(`${url} cannot be reached: fetching specifications needs the network. git says: ${said}`);
  }
  throw new GitError(`${url} does not have what tools/specs.lock pins. git says: ${said}`);
}
