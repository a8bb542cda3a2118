import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  foundByWhatItIs,
  noClockNorChance,
  noEnvironment,
  noModuleState,
  noPackages,
  noQueries,
  type Rule,
  smallFunctions,
  staticLogText,
  waitsThatEnd,
} from './support/project-rules';

const root = join(__dirname, '..');
const lastOf = 'takes the last of what others add to: find it by what it says';
const noEnd = 'waits without an end: use until of test/support/until.ts';
const product = ['core', 'store', 'services', 'workflows', 'cards', 'dialogs', 'bot', 'app'];

function filesOf(folders: readonly string[]): readonly string[] {
  const { stdout } = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...folders], {
    cwd: root,
    encoding: 'utf8',
  });
  return stdout.split('\n').filter((file) => file.endsWith('.ts') && existsSync(join(root, file)));
}

/** `except`: files or folders (with the slash) that a rule does not concern. */
function breaches(rule: Rule, folders: readonly string[], except: readonly string[] = []): readonly string[] {
  const files = filesOf(folders).filter((file) => !except.some((path) => file.startsWith(path)));
  expect(files.length).toBeGreaterThan(5);
  return files.flatMap((file) =>
    rule(readFileSync(join(root, file), 'utf8')).map(({ line, what }) => `${file}:${line} ${what}`),
  );
}

describe('rules of the project', () => {
  it('lets no workflow ask the machine for the time or for chance', () => {
    // The engine keeps leases and back-off, which are the machine's time; stages get the world's time from it.
    expect(breaches(noClockNorChance, ['workflows'], ['workflows/engine/'])).toEqual([]);
  });

  it('has log lines whose text is constant', () => {
    // The embedded server speaks to a person on the terminal, not to a log.
    expect(breaches(staticLogText, product, ['store/embedded/'])).toEqual([]);
  });

  it('reads the environment in app/ alone', () => {
    // sandbox/main.ts is a program of its own, with settings of its own.
    const others = [...product.filter((folder) => folder !== 'app'), 'sandbox'];
    expect(breaches(noEnvironment, others, ['sandbox/main.ts'])).toEqual([]);
  });

  it('has SQL in store/ alone', () => {
    const others = product.filter((folder) => folder !== 'store');
    expect(breaches(noQueries, others)).toEqual([]);
  });

  it('has packages that only developers install in tests and tools alone', () => {
    const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(breaches(noPackages(Object.keys(devDependencies)), [...product, 'sandbox'])).toEqual([]);
  });

  it('has no module whose variables change', () => {
    expect(breaches(noModuleState, product)).toEqual([]);
  });

  it('has functions below 50 lines with at most four parameters', () => {
    expect(breaches(smallFunctions, [...product, 'sandbox', 'tools', 'bench'])).toEqual([]);
  });
});

describe('rules of the tests', () => {
  // This file has what they forbid as examples.
  const except = ['test/project-rules.test.ts'];

  it('find what happened by what it is', () => {
    expect(breaches(foundByWhatItIs, ['test'], except)).toEqual([]);
  });

  it('wait with an end', () => {
    expect(breaches(waitsThatEnd, ['test'], except)).toEqual([]);
  });
});

describe('each rule catches what it forbids', () => {
  const lines = (n: number) => `export function f() {\n${'  g();\n'.repeat(n - 2)}}`;

  it.each<[string, Rule, string, string]>([
    ['the time', noClockNorChance, 'const a = Date.now();', 'uses Date.now'],
    [
      'the time, as a parameter',
      noClockNorChance,
      'const f = (now = performance.now) => now();',
      'uses performance.now',
    ],
    ['a date of now', noClockNorChance, 'const a = new Date();', 'uses new Date()'],
    ['a timer', noClockNorChance, 'setTimeout(f, 5);', 'uses setTimeout()'],
    ['a timer under another name', noClockNorChance, "import { setTimeout as nap } from 'x';", 'imports setTimeout'],
    ['chance', noClockNorChance, 'const a = Math.random();', 'uses Math.random'],
    ['an id out of chance', noClockNorChance, "import { randomUUID } from 'node:crypto';", 'imports randomUUID'],
    ['a global id out of chance', noClockNorChance, 'const a = crypto.randomUUID();', 'uses crypto.randomUUID'],
    [
      'a log text with a value',
      staticLogText,
      'this.deps.log.warn({ err }, `no ${name}`);',
      'the text of this.deps.log.warn() varies',
    ],
    ['a log text put together', staticLogText, "log('no ' + name);", 'the text of log() varies'],
    ['a setting outside of app/', noEnvironment, "const a = process.env['PORT'];", 'reads process.env'],
    ['all settings outside of app/', noEnvironment, 'const { PORT } = process.env;', 'reads process.env'],
    [
      'SQL outside of store/',
      noQueries,
      "await this.deps.database.query('select 1');",
      'calls this.deps.database.query()',
    ],
    ['SQL with a type', noQueries, 'const rows = await db.query<Row>(text);', 'calls db.query()'],
    ['a package of developers', noPackages(['a']), "import b from 'a';", 'loads a'],
    ['one that is loaded later', noPackages(['@a/b']), "const c = () => require('@a/b/c');", 'loads @a/b'],
    ['one that is looked for', noPackages(['a']), "require.resolve('a/package.json');", 'loads a'],
    ['a variable of a module', noModuleState, 'let last = 0;', 'a variable of the module changes'],
    ['an exported one', noModuleState, 'export let last = 0;', 'a variable of the module changes'],
    ['a long function', smallFunctions, lines(50), 'f has 50 lines'],
    ['a long method', smallFunctions, `class A {\n${lines(50).replace('export function ', '')}\n}`, 'f has 50 lines'],
    [
      'a long method of an object',
      smallFunctions,
      `const a = {\n${lines(50).replace('export function ', '')}\n};`,
      'f has 50 lines',
    ],
    ['the last text', foundByWhatItIs, 'world.script.texts.at(-1)?.turn', lastOf],
    ['the last request', foundByWhatItIs, "world.sent('PUT').at(-1)?.url", lastOf],
    ['an endless wait', waitsThatEnd, '  while (looks < 4) await sleep(5);', noEnd],
    ['many parameters', smallFunctions, 'const f = (a, b, c, d, e) => a;', 'a function has 5 parameters'],
    [
      'a constructor of many',
      smallFunctions,
      'class A { constructor(a, b, c, d, readonly e: 1) {} }',
      'constructor has 5 parameters',
    ],
  ])('%s', (_what, rule, text, expected) => {
    expect(rule(`// A comment — in UTF-8.\n\n${text}`)).toEqual([{ line: expect.any(Number), what: expected }]);
  });

  it('says in which line, in bytes or not', () => {
    expect(noEnvironment("const a = 'ü — ü';\n/* ü */\nconst b = process.env;")).toEqual([
      { line: 3, what: 'reads process.env' },
    ]);
  });

  it.each<[string, Rule, string]>([
    ['a date of a given moment', noClockNorChance, 'const a = new Date(now.getTime() + 5);'],
    ['a log text with fields', staticLogText, "log.warn({ name: `${a}` }, 'no such name');"],
    ['a variable of a function', noModuleState, 'function f() { let n = 0; return ++n; }'],
    ['a type of a package', noPackages(['a']), "import type { B } from 'a';"],
    ['a package of another name', noPackages(['a']), "require('a-b');"],
    ['a logarithm', staticLogText, 'const a = Math.log(2 + b);'],
    ['a function of 49 lines and four parameters', smallFunctions, lines(49).replace('f()', 'f(a, b, c, d)')],
  ])('and lets pass %s', (_what, rule, text) => {
    expect(rule(text)).toEqual([]);
  });
});
