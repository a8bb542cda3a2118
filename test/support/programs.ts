import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { build, type Plugin, stop } from 'esbuild';

/**
 * Every program that tests start as a process of its own, as the module that it is. They are built together: they are
 * made of the same files, which the compiler reads once.
 */
const programs = {
  start: './app/start.ts',
  bot: './app/bot.ts',
  serve: './app/serve.ts',
  doctor: './app/doctor.ts',
  desk: './test/app/desk-program.ts',
  sandbox: './sandbox/main.ts',
  'replica-toy': './test/chaos/toy-program.ts',
  'replica-publish': './test/chaos/publish-program.ts',
  'replica-house': './test/chaos/house-replica.ts',
  'replica-teams': './test/chaos/teams-replica.ts',
} as const;
export type Program = keyof typeof programs;

const root = join(__dirname, '..', '..');
/** Inside of the checkout, so that what is not bundled is found. */
const folder = join(root, 'node_modules/.cache/goldbot-tests');
/** What the programs are made of. */
const sources = ['core', 'store', 'services', 'cards', 'workflows', 'dialogs', 'bot', 'app', 'sandbox', 'test'];

/** Modules of goldbot look for files beside themselves; in the bundle they still stand where they stood. */
const placed: Plugin = {
  name: 'placed',
  setup(builder) {
    builder.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      if (path.includes('node_modules')) return undefined;
      const contents = `const __dirname = ${JSON.stringify(dirname(path))};\n${readFileSync(path, 'utf8')}`;
      return { contents, loader: 'ts', resolveDir: dirname(path) };
    });
  },
};

/**
 * The path of the JavaScript that starts a program: it is up in a tenth of the time that tsx takes. What was built from
 * the same sources is taken again, whichever suite built it.
 */
export async function programFile(name: Program): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `programs-${stamp()}.js`);
  if (!existsSync(file))
    await byOne(
      `${file}.lock`,
      () => existsSync(file),
      () => built(file),
    );
  const starter = file.replace(/\.js$/, `-${name}.js`);
  const launcher = JSON.stringify(join(__dirname, 'compiled.cjs'));
  write(starter, `require(${launcher}).launch(${JSON.stringify(file)}, ${JSON.stringify(name)}, module, require);\n`);
  return starter;
}

/** Changes with any source: their names, sizes and times. */
function stamp(): string {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')));
  for (const source of sources) {
    for (const entry of readdirSync(join(root, source), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !/\.(ts|json)$/.test(entry.name)) continue;
      const path = join(entry.parentPath, entry.name);
      const { size, mtimeMs } = statSync(path);
      hash.update(`${path} ${size} ${mtimeMs}\n`);
    }
  }
  return hash.digest('hex').slice(0, 16);
}

async function built(file: string): Promise<void> {
  const cases = Object.entries(programs).map(([name, path]) => `${JSON.stringify(name)}: () => import("${path}"),`);
  const contents = `export const programs = {${cases.join('\n')}};`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    ...{ bundle: true, platform: 'node', target: 'node20', keepNames: true, write: false, logLevel: 'error' },
    external: ['dtrace-provider'],
    plugins: [placed],
  });
  // Otherwise the compiler waits for more work, with all its memory, until the tests are over.
  await stop();
  forget();
  write(file, outputFiles?.[0]?.contents ?? new Uint8Array());
}

const patienceMs = 120_000;

/** Several suites want the programs at the same moment: one builds, the others wait. A builder that died is not waited for. */
async function byOne(lock: string, isThere: () => boolean, work: () => Promise<void>): Promise<void> {
  for (const until = Date.now() + patienceMs; Date.now() < until; await pause(50)) {
    if (isThere()) return;
    try {
      mkdirSync(lock);
    } catch {
      continue;
    }
    try {
      return isThere() ? undefined : await work();
    } finally {
      rmSync(lock, { recursive: true, force: true });
    }
  }
  rmSync(lock, { recursive: true, force: true });
  await work();
}

/** Nobody reads half of a file. */
function write(file: string, text: string | Uint8Array): void {
  const fresh = `${file}-${process.pid}`;
  writeFileSync(fresh, text);
  renameSync(fresh, file);
}

const hour = 3_600_000;

/** What was built of earlier sources; not what a suite of another run may still start. */
function forget(): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const { mtimeMs = Date.now() } = statSync(path, { throwIfNoEntry: false }) ?? {};
    if (Date.now() - mtimeMs > hour) rmSync(path, { recursive: true, force: true });
  }
}
