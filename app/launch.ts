import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { wrap } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { Script } from 'node:vm';

/**
 * `dist/serve.js`: runs the program beside it from what the build has compiled, since compiling costs a start a third of
 * its CPU. Nothing depends on that: with another Node, other options of V8 or another text it is compiled as ever.
 */
const program = 'serve-program.js';

const loaded = new Map<string, { readonly script: Script; readonly exports: unknown; readonly compiled: string }>();

/** As `require`, of a file of the build, which is ASCII and without `import()`; `file` as seen from the folder of this one. */
function load(file: string): unknown {
  const known = loaded.get(file);
  if (known) return known.exports;
  const path = join(__dirname, file);
  const text = readFileSync(path);
  const compiled = compiledOf(file, text);
  const script = new Script(wrap(text.toString('latin1')), {
    filename: path,
    cachedData: existsSync(compiled) ? readFileSync(compiled) : undefined,
  });
  const module = { exports: {} };
  script.runInThisContext().call(module.exports, module.exports, requireOfBuild, module, path, dirname(path));
  loaded.set(file, { script, exports: module.exports, compiled });
  return module.exports;
}

const requireOfBuild = Object.assign(
  (name: string): unknown => (name.startsWith('./lib/') ? load(name) : require(name)),
  require,
);

/** Named by all that it is of: V8 itself compares versions and options, and of the text no more than its length. */
function compiledOf(file: string, text: Buffer): string {
  const hash = createHash('sha256').update(JSON.stringify(process.config)).update(text).digest('hex').slice(0, 16);
  const node = [process.version, process.platform, process.arch].join('-');
  return join(__dirname, 'compiled', node, `${basename(file, '.js')}-${hash}`);
}

/** The last step of the build, under the options of Node that it is served with: keeps what V8 has once all is loaded. */
export function compileAhead(): void {
  const apart = readdirSync(join(__dirname, 'lib')).filter((name) => name.endsWith('.js'));
  for (const file of [program, ...apart.map((name) => `./lib/${name}`)]) load(file);
  for (const { script, compiled } of loaded.values()) {
    mkdirSync(dirname(compiled), { recursive: true });
    writeFileSync(compiled, script.createCachedData());
  }
}

if (require.main === module) load(program);
