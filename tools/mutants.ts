import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as breath } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Mutant, mutants } from '../test/mutants/list';

const root = join(__dirname, '..');

/**
 * `npm run mutants:known [-- --file <part of a path>]`: puts the mistakes of test/mutants/list.ts back into the code,
 * one at a time, and runs the test that has to see each. Exits with 1 when one passes, or when a test is red without it.
 * Changes the files of this checkout while it runs, and puts them back however it ends.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { file: { type: 'string', default: '' } } });
  const chosen = mutants.filter(({ file, test }) => `${file} ${test}`.includes(values.file));
  const green = new Map<string, boolean>();
  let seen = 0;
  for (const mutant of chosen) {
    // Between two mistakes a signal is heard: every file is as it was.
    await breath();
    const test = testOf(mutant);
    const proves = green.get(JSON.stringify(test)) ?? passes(test);
    green.set(JSON.stringify(test), proves);
    const verdict = proves ? (withMistake(mutant, () => passes(test)) ? 'UNSEEN' : 'seen') : 'RED WITHOUT IT';
    if (verdict === 'seen') seen += 1;
    console.log(`${verdict.padEnd(14)}  ${mutant.file}: ${mutant.harm}`);
  }
  console.log(`${seen} of ${chosen.length} mistakes are seen.`);
  process.exitCode = seen === chosen.length ? 0 : 1;
}

/** The arguments of jest. */
const testOf = ({ test, only }: Mutant): readonly string[] => [test, ...(only === undefined ? [] : ['-t', only])];

function passes(test: readonly string[]): boolean {
  const jest = ['node_modules/jest/bin/jest.js', ...test, '-w', '1', '--silent'];
  const { status, signal } = spawnSync(process.execPath, jest, { cwd: root, stdio: 'ignore' });
  // Ctrl-C reaches the test as well.
  if (signal !== null) throw new Error(`the test was stopped by ${signal}`);
  return status === 0;
}

function withMistake<T>({ file, text, instead }: Mutant, look: () => T): T {
  const path = join(root, file);
  const right = readFileSync(path, 'utf8');
  const parts = right.split(text);
  if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times: ${text}`);
  try {
    writeFileSync(path, parts.join(instead));
    return look();
  } finally {
    writeFileSync(path, right);
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));
void main();
