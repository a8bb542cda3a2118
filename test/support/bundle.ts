import { mkdirSync, readFileSync, renameSync } from 'node:fs';
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
 * A program as one file of JavaScript, for tests that start many processes: it is up in a fifth of the time that tsx
 * takes. `imports` are resolved from the root of the checkout. Gives the path of the file.
 */
export async function bundle(name: string, program: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const [file, fresh] = [join(folder, `${name}.js`), join(folder, `${name}-${process.pid}.js`)];
  await build({
    stdin: { contents: program, resolveDir: root, loader: 'ts' },
    ...{ bundle: true, platform: 'node', target: 'node20', keepNames: true, outfile: fresh, logLevel: 'error' },
    external: ['dtrace-provider'],
    plugins: [placed],
  });
  // Otherwise the compiler waits for more work, with all its memory, until the tests are over.
  await stop();
  // Two suites may build the same program at the same time.
  renameSync(fresh, file);
  return file;
}
