import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { contentOf, GitError, refFile, withClone } from './specs/git';
import { type Exchange, exchangesOf, type Recording } from './specs/recordings';

/** Files from one public repository on GitHub that belong in one folder. */
export interface RepositorySource {
  readonly repository: string;
  /** Path in the folder → id of the content in git. An id is the hash of the content, so nothing else can arrive. */
  readonly files?: Readonly<Record<string, string>>;
  /** Name in the folder → where a recording is and how to tell that it is the right one. */
  readonly recordings?: Readonly<Record<string, Recording>>;
}

/** Files from a package that is already installed: name in the folder → path in the package. */
export interface PackageSource {
  readonly package: string;
  readonly files: Readonly<Record<string, string>>;
}

/** `tools/specs.lock`: folder → what belongs in it. */
export type Lock = Readonly<Record<string, readonly (RepositorySource | PackageSource)[]>>;

const root = join(__dirname, '..');

const help = `Usage: npm run specs [-- options]

Fetches the public specifications, resource types, card schemas, templates and recordings
that the conformance tests judge goldbot by, as tools/specs.lock pins them. They go into
.specs/, which git ignores; nothing of them becomes part of the project. Without them those
tests are skipped. Needs git and the network (github.com), and a few minutes.

  --to <folder>   another folder than .specs
  --from <url>    another place than https://github.com/ that has the repositories (a mirror)
  --list          what would be fetched, from where; needs no network
  --help          this text`;

export interface Options {
  readonly to: string;
  readonly from: string;
  readonly list: boolean;
  readonly help: boolean;
}

/** @throws Error for an option that does not exist. */
export function optionsOf(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      to: { type: 'string', default: join(root, '.specs') },
      from: { type: 'string', default: 'https://github.com/' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return { ...values, from: values.from.endsWith('/') ? values.from : `${values.from}/` };
}

export const lock = (): Lock => JSON.parse(readFileSync(join(__dirname, 'specs.lock'), 'utf8'));

/** A line for each repository and folder: what would be fetched. */
export function listing(pinned: Lock): readonly string[] {
  return Object.entries(pinned).flatMap(([folder, sources]) =>
    sources.map((source) => {
      const count = Object.keys({ ...source.files, ...('recordings' in source && source.recordings) }).length;
      const where = 'package' in source ? `the installed package ${source.package}` : source.repository;
      return `${folder}: ${count} ${count === 1 ? 'file' : 'files'} of ${where}`;
    }),
  );
}

/**
 * Fetches every folder in the lock. A folder is moved into place only when it is complete, so a failure leaves what was
 * there before; running it again is safe.
 *
 * @returns What could not be fetched and why; empty when everything is there.
 */
export function fetchAll(pinned: Lock, { to, from }: Options, say: (line: string) => void): readonly string[] {
  return Object.entries(pinned).flatMap(([folder, sources]) => {
    const fresh = join(to, `${folder}.new`);
    rmSync(fresh, { recursive: true, force: true });
    try {
      for (const source of sources) {
        if ('package' in source) {
          copyFrom(source, fresh);
        } else {
          say(`${folder}: asking ${from}${source.repository}`);
          fetchFrom(source, from, fresh);
        }
      }
    } catch (error) {
      rmSync(fresh, { recursive: true, force: true });
      return [`${folder}: ${(error as Error).message}`];
    }
    rmSync(join(to, folder), { recursive: true, force: true });
    renameSync(fresh, join(to, folder));
    return [];
  });
}

function copyFrom({ package: name, files }: PackageSource, folder: string): void {
  for (const [path, inside] of Object.entries(files)) {
    write(join(folder, path), readFileSync(join(root, 'node_modules', name, inside)));
  }
}

function fetchFrom({ repository, files = {}, recordings = {} }: RepositorySource, from: string, folder: string): void {
  withClone(`${from}${repository}`, (clone) => {
    const contents = contentOf(clone, Object.values(files));
    for (const [path, id] of Object.entries(files)) write(join(folder, path), contents.get(id) as Buffer);
    for (const [name, recording] of Object.entries(recordings)) {
      const exchanges = firstMatch(recording, (ref) => refFile(clone, ref, recording.path));
      write(join(folder, name), Buffer.from(`${JSON.stringify(exchanges, null, 1)}\n`));
    }
  });
}

/** @throws Error if none of the releases has the recording that is meant. */
function firstMatch(recording: Recording, textAt: (ref: string) => string): readonly Exchange[] {
  for (const ref of recording.refs) {
    const exchanges = exchangesOf(textAt(ref), recording);
    if (exchanges) return exchanges;
  }
  const { path, from, refs } = recording;
  throw new Error(
    `none of ${refs.join(', ')} has the recording of ${from} in ${path}; mend its refs in tools/specs.lock.`,
  );
}

function write(path: string, content: Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

function main(args: readonly string[]): number {
  const options = optionsOf(args);
  if (options.help) return tell([help], 0);
  if (options.list) return tell(listing(lock()), 0);
  const missing = fetchAll(lock(), options, console.log);
  if (missing.length === 0) return tell([`All of it is in ${options.to}. Now run: npx jest test/conformance`], 0);
  const why = ['Not everything could be fetched:', ...missing.map((line) => `  ${line}`)];
  return tell(
    [...why, 'Tests that need what is missing are skipped. Run `npm run specs` again when it can be reached.'],
    1,
  );
}

function tell(lines: readonly string[], code: number): number {
  for (const line of lines) console.log(line);
  return code;
}

if (require.main === module) {
  try {
    process.exitCode = main(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${help}`);
    process.exitCode = error instanceof GitError ? 1 : 2;
  }
}
