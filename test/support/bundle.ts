import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build, type Plugin, stop } from 'esbuild';

const root = join(__dirname, '..', '..');
/** Inside of the checkout, so that what is not bundled is found. */
const folder = join(root, 'node_modules/.cache/goldbot-tests');

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
 * A program as one file of JavaScript, for tests that start many processes: it is up in a tenth of the time that tsx
 * takes. `imports` are resolved from the root of the checkout. Gives the path of the file that starts it.
 */
export async function bundle(name: string, program: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const built = await build({
    stdin: { contents: program, resolveDir: root, loader: 'ts' },
    ...{ bundle: true, platform: 'node', target: 'node20', keepNames: true, write: false, logLevel: 'error' },
    external: ['dtrace-provider'],
    plugins: [placed],
  });
  // Otherwise the compiler waits for more work, with all its memory, until the tests are over.
  await stop();
  const text = built.outputFiles?.[0]?.contents ?? new Uint8Array();
  // V8 takes what it has compiled for any text of the same length.
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
  const [starter, file] = [join(folder, `${name}-${hash}.js`), join(folder, `${name}-${hash}-program.js`)];
  write(file, text);
  const launcher = JSON.stringify(join(__dirname, 'compiled.cjs'));
  write(starter, `require(${launcher}).launch(${JSON.stringify(file)}, module, require);\n`);
  forget(name, hash);
  return starter;
}

/** Two suites may build the same program at the same time. */
function write(file: string, text: string | Uint8Array): void {
  const fresh = `${file}-${process.pid}`;
  writeFileSync(fresh, text);
  renameSync(fresh, file);
}

const hour = 3_600_000;

/** What was built of an earlier text; not what a suite of another run may still start. */
function forget(name: string, hash: string): void {
  for (const file of readdirSync(folder)) {
    const isEarlier = file.startsWith(`${name}-`) && !file.startsWith(`${name}-${hash}`);
    const path = join(folder, file);
    if (isEarlier && Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > hour)
      rmSync(path, { force: true });
  }
}
