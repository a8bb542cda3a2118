import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build, type Metafile, type Plugin, stop, transform } from 'esbuild';

const root = join(__dirname, '..');

/**
 * Commands of an operator, one file each; nothing else is needed to run them, not even `node_modules`. What starts again
 * and again has a launcher (app/launch.ts) and is beside it.
 */
const commands = {
  'serve-program': 'app/serve.ts',
  verify: 'app/verify.ts',
  'audit-verify': 'app/audit-verify.ts',
  doctor: 'app/doctor.ts',
  ask: 'app/ask.ts',
} as const;
const launcher = { serve: 'app/launch.ts' } as const;

/**
 * What only some of the work needs and what is large: files of their own, read when goldbot first asks for them, so that
 * a start pays neither their time nor the memory of their text.
 */
const apart = ['adaptivecards-templating', '@azure/arm-compute'] as const;

/** As well, of goldbot's own: with the packages of OpenTelemetry, which are loaded when a setting asks for them. */
const ownApart = 'services/telemetry/sdk';

/** What packages ask for and do without: native twins, and help that npm may or may not have installed. */
export const dispensable = [
  ...['bufferutil', 'dtrace-provider', 'encoding', 'pg-cloudflare', 'pg-native'],
  ...['safe-json-stringify', 'supports-color', 'utf-8-validate'],
] as const;

/**
 * Writes one file for each command into the empty `folder`, with maps that stack-traces.ts reads, and what V8 makes of the
 * one that serves. Takes three or four seconds.
 */
export async function buildDist(folder: string): Promise<Metafile> {
  const { metafile } = await build({
    entryPoints: Object.fromEntries([
      ...Object.entries({ ...commands, ...launcher }).map(([name, file]) => [name, join(root, file)]),
      ...apart.map((name) => [outputOf(name), name]),
      ['lib/telemetry', join(root, `${ownApart}.ts`)],
    ]),
    ...{ absWorkingDir: root, outdir: folder, bundle: true, platform: 'node', target: 'node20', format: 'cjs' },
    // V8 forgets of what it compiled before in whose name `import()` asks; `require` needs none.
    supported: { 'dynamic-import': false },
    // Frames of goldbot's own code are told by line: minified code would have a single one.
    ...{ sourcemap: 'linked', sourcesContent: false, metafile: true, logLevel: 'error', keepNames: false },
    external: [...dispensable],
    plugins: [packagesApart, telemetryApart, onePackageOnce, oneLanguage, ownMapsAlone],
  });
  // Otherwise the compiler waits for more work, with all its memory.
  await stop();
  for (const name of Object.keys(commands)) thinMap(join(folder, `${name}.js`));
  for (const path of Object.keys(metafile.outputs)) if (path.endsWith('.js')) writeInAscii(join(root, path));
  await compileAhead(folder);
  return metafile;
}

/** By the launcher itself, as it will run: V8 takes what it has compiled under the same options alone. */
async function compileAhead(folder: string): Promise<void> {
  const ask = `require(${JSON.stringify(join(folder, 'serve.js'))}).compileAhead()`;
  const env = { PATH: process.env['PATH'] ?? '' };
  await promisify(execFile)(process.execPath, [...serveOptions(), '--eval', ask, 'serve', '--help'], { env });
}

/** Of Node, with which `npm run serve` runs what was built: the Dockerfile and `npm run bench` do as it does. */
export function serveOptions(): readonly string[] {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: { serve: string } };
  return scripts.serve.split(' ').filter((word) => /^--(?!require$)/.test(word));
}

const outputOf = (name: string): string => `lib/${name.replace('@', '').replace('/', '-')}`;

const packagesApart: Plugin = {
  name: 'packages apart',
  setup(builder) {
    const named = new RegExp(`^(${apart.join('|')})$`);
    builder.onResolve({ filter: named }, ({ path, kind, importer, pluginData }) => {
      if (pluginData === skip) return undefined;
      // As its users ask for it: an `import` would find the twin in ESM.
      if (kind === 'entry-point')
        return builder.resolve(path, { kind: 'require-call', resolveDir: root, pluginData: skip });
      if (importer.includes('node_modules')) return undefined;
      return { path: `./${outputOf(path)}.js`, external: true };
    });
  },
};

const telemetryApart: Plugin = {
  name: 'telemetry apart',
  setup(builder) {
    builder.onResolve({ filter: /^\.\/sdk$/ }, ({ kind, resolveDir }) => {
      const isIt = kind === 'require-call' && join(resolveDir, 'sdk') === join(root, ownApart);
      return isIt ? { path: './lib/telemetry.js', external: true } : undefined;
    });
  },
};

/** Marks what a plugin asks for itself. */
const skip = {};

/** npm gives each package of the Bot Framework a copy of the same zod. */
const onePackageOnce: Plugin = {
  name: 'one package once',
  setup(builder) {
    const first = new Map<string, string>();
    builder.onResolve({ filter: /^zod/ }, async ({ path, pluginData, ...rest }) => {
      if (pluginData === skip) return undefined;
      const { kind, importer, resolveDir } = rest;
      const found = await builder.resolve(path, { kind, importer, resolveDir, pluginData: skip });
      const [, folder = '', file] = /^(.*node_modules[\\/]zod)[\\/](.*)$/.exec(found.path) ?? [];
      if (file === undefined) return found;
      const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
      const key = `${version} ${file}`;
      if (!first.has(key)) first.set(key, found.path);
      return { ...found, path: first.get(key) ?? found.path };
    });
  },
};

/** zod brings its sentences in fifty languages; goldbot's settings and catalogue are told in one. */
const oneLanguage: Plugin = {
  name: 'one language',
  setup(builder) {
    builder.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: `export { default as en } from './en.js';`,
    }));
  },
};

/** A map in which nothing has a source: a position that no line has. */
const nowhere = Buffer.from('{"version":3,"sources":["none"],"mappings":"ggggCAAA"}').toString('base64');

/** Packages come without maps: those of goldbot's own code are a tenth of what all of them would be. */
const ownMapsAlone: Plugin = {
  name: 'own maps alone',
  setup(builder) {
    builder.onLoad({ filter: /node_modules.*\.[cm]?js$/ }, async ({ path }) => {
      // Nobody reads it, and the text of a program stays in memory.
      const { code } = await transform(readFileSync(path, 'utf8'), { minifyWhitespace: true, minifySyntax: true });
      return { contents: `${code}\n//# sourceMappingURL=data:application/json;base64,${nowhere}`, loader: 'js' };
    });
  },
};

/** Leaves one position a line, told by its line alone: that is what a stack trace says, and a quarter of the memory. */
function thinMap(file: string): void {
  const whole = new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')));
  const sources = new Map<string, number>();
  let [source, line] = [0, 0];
  const mappings = readFileSync(file, 'utf8')
    .split('\n')
    .map((text, at) => {
      const entry = whole.findEntry(at, Math.max(text.search(/\S/), 0));
      if (text === '' || !('originalSource' in entry) || entry.generatedLine !== at) return '';
      const name = plainPath(entry.originalSource);
      if (name === undefined) return '';
      const index = sources.get(name) ?? sources.size;
      sources.set(name, index);
      const segment = [0, index - source, entry.originalLine - line, 0].map(vlq).join('');
      [source, line] = [index, entry.originalLine];
      return segment;
    });
  const thin = { version: 3, sources: [...sources.keys()], names: [], mappings: mappings.join(';') };
  writeFileSync(`${file}.map`, JSON.stringify(thin));
}

/** `services/azure/clients.ts`, however far away from the checkout the bundle is; undefined for what a package brings. */
function plainPath(source: string): string | undefined {
  const [, path] = /(?:^|\/)((?:core|store|services|workflows|cards|dialogs|bot|app)\/.*\.ts)$/.exec(source) ?? [];
  return source.includes('node_modules') ? undefined : path;
}

/**
 * V8 keeps a text of nothing but Latin letters in half of the memory, and reads it faster. The compiler escapes strings;
 * what it leaves stands in comments and in regular expressions, where an escape means the same.
 */
function writeInAscii(file: string): void {
  const lines = readFileSync(file, 'utf8').split('\n');
  const escaped = lines.map((line) => {
    // Of a tagged template, and behind a backslash, an escape is not what stood there; in a comment it does not matter.
    const mayChange = /[`\\].*[^\0-\x7f]/.test(line.replace(/\\[\0-\x7f]/g, '')) && !/^\s*(\/\/|\/?\*)/.test(line);
    if (mayChange) throw new Error(`cannot be written in ASCII: ${line}`);
    return line.replace(/[^\0-\x7f]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
  });
  writeFileSync(file, escaped.join('\n'));
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** A number as source maps write it. */
function vlq(value: number): string {
  let left = value < 0 ? (-value << 1) | 1 : value << 1;
  let text = '';
  do {
    const digit = left & 31;
    left >>>= 5;
    text += digits[left > 0 ? digit | 32 : digit];
  } while (left > 0);
  return text;
}

/** `npm run build`: goldbot for production, in `dist/`; `npm run serve` runs it. */
async function main(): Promise<void> {
  const dist = join(root, 'dist');
  rmSync(dist, { recursive: true, force: true });
  await buildDist(dist);
  for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' }).sort()) {
    const file = statSync(join(dist, name));
    if (file.isFile() && !name.endsWith('.map')) console.log(`dist/${name}  ${(file.size / 1e6).toFixed(1)} MB`);
  }
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
