import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Figure, figures, figuresFile } from '../test/attack/figures';
import type { Front, Played, Suite } from '../test/attack/front';
import { fronts } from '../test/attack/fronts';
import { seeded } from '../test/chaos/random';

const root = join(__dirname, '..');

const options = {
  only: { type: 'string', multiple: true },
  size: { type: 'string', default: 'attack' },
  seed: { type: 'string', default: String(Date.now() % 100_000) },
  record: { type: 'boolean', default: false },
} as const;

/**
 * `npm run attack [-- --only tokens --size sample|full|attack --seed 1 --record]`: tries to get in on every front of
 * test/attack/fronts.ts, prints how often and what got in, and exits with 1 if anything did. `--record` keeps the figures
 * for the table of docs/security.md (`npm run docs` writes it).
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options });
  const chosen = chosenOf(values.only);
  const size = values.size as 'sample' | 'full' | 'attack';
  if (!['sample', 'full', 'attack'].includes(size)) throw new Error('the size is sample, full or attack');
  const seed = Number(values.seed);
  console.log(`seed ${seed}, size ${size}`);
  console.log(`${'front'.padEnd(width)}  ${'tries'.padStart(8)}  ${'in'.padStart(4)}     seconds`);
  for (const front of chosen) {
    const begun = Date.now();
    const played = await attacked(front, { size, seed });
    print(front, played, (Date.now() - begun) / 1_000);
    if (values.record && size === 'attack') record(front, played, seed);
    if (played.letIn.length > 0 || played.tries === 0) process.exitCode = 1;
  }
}

const width = Math.max(...fronts.map(({ name }) => name.length));

function chosenOf(only: readonly string[] | undefined): readonly Front[] {
  const unknown = (only ?? []).filter((name) => !fronts.some((front) => front.name === name));
  if (unknown.length > 0) {
    throw new Error(`no front is called ${unknown.join(', ')}; there are ${fronts.map(({ name }) => name).join(', ')}`);
  }
  return fronts.filter(({ name }) => only?.includes(name) ?? true);
}

interface Wanted {
  readonly size: 'sample' | 'full' | 'attack';
  readonly seed: number;
}

/** What goldbot's own plays try, and the tests that try the same in their own way. */
async function attacked({ play, sizes, suites = [] }: Front, { size, seed }: Wanted): Promise<Played> {
  const own = play && sizes ? [await play({ size: Math.max(1, sizes[size]), random: seeded(seed), seed })] : [];
  const all = [...own, ...suites.map((suite) => tested(suite, size === 'sample' ? 'sample' : 'full'))];
  const seen = all.flatMap((one) => one.seen ?? []).join('; ');
  return {
    tries: all.reduce((sum, { tries }) => sum + tries, 0),
    letIn: all.flatMap(({ letIn }) => letIn),
    ...(seen && { seen }),
  };
}

/** Each test counts as one try, however many names it thinks of. */
function tested({ file, only }: Suite, size: 'sample' | 'full'): Played {
  const folder = mkdtempSync(join(tmpdir(), 'goldbot-attack-'));
  const answer = join(folder, 'answer.json');
  const jest = ['node_modules/jest/bin/jest.js', file, ...(only ? ['-t', only] : []), '-w', '1'];
  const env = { ...process.env, ...(size === 'full' && { GOLDBOT_TESTS: 'full' }) };
  spawnSync(process.execPath, [...jest, '--silent', '--json', `--outputFile=${answer}`], {
    cwd: root,
    stdio: 'ignore',
    env,
  });
  const { testResults } = JSON.parse(readFileSync(answer, 'utf8')) as JestAnswer;
  rmSync(folder, { recursive: true });
  const all = testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = all.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
  const passed = all.filter(({ status }) => status === 'passed').length;
  if (passed + failed.length === 0) failed.push(`${file} has no such test`);
  return { tries: passed + failed.length, letIn: failed };
}

interface JestAnswer {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

function print({ name }: Front, { tries, letIn, seen }: Played, seconds: number): void {
  const counts = `${String(tries).padStart(8)}  ${String(letIn.length).padStart(4)}  ${seconds.toFixed(1).padStart(10)}`;
  console.log(`${name.padEnd(width)}  ${counts}${seen ? `  (${seen})` : ''}`);
  for (const line of letIn.slice(0, 20)) console.log(`        got in: ${line}`);
}

function record({ name }: Front, { tries, letIn }: Played, seed: number): void {
  const figure: Figure = { tries, letIn: letIn.length, seed, on: new Date().toISOString().slice(0, 10) };
  writeFileSync(figuresFile, `${JSON.stringify({ ...figures(), [name]: figure }, null, 2)}\n`);
}

void main().then(() => process.exit());
