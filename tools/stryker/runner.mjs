import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { declareFactoryPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import { TestStatus } from '@stryker-mutator/api/test-runner';
import { strykerPlugins as plugins } from '@stryker-mutator/jest-runner';

const [{ factory: jestOf }] = plugins;

/** `MUTANTS_PATIENCE=60`: after so many seconds no more tests are tried on a mutant, which counts as unseen. */
const patienceMs = Number(process.env.MUTANTS_PATIENCE ?? Number.POSITIVE_INFINITY) * 1000;

/** On a busy machine a test or two may be late. */
const mostRed = 3;

/** Where each test stands and how long it takes, for the processes that try mutants: written by the one of the dry run. */
const listIn = () => join(process.cwd(), '.tests-of-dry-run.json');

/**
 * Stryker's runner for jest loads every test file that could reach the changed one, and runs all their tests even when the
 * first is red. This one runs the files of the tests that came by the mutant, the likely and the short ones first, and
 * stops at the first that is red (environment.js stops within a file).
 */
class SparingRunner {
  constructor(jest) {
    this.jest = jest;
    const adapter = jest.jestTestAdapter;
    jest.jestTestAdapter = {
      run: (settings) =>
        adapter.run(this.files ? { ...settings, fileNamesUnderTest: undefined, testFiles: this.files } : settings),
    };
  }

  capabilities() {
    return this.jest.capabilities();
  }

  init() {
    return this.jest.init();
  }

  async dryRun(options) {
    this.files = undefined;
    const result = withoutRed(await this.jest.dryRun(options), this.jest.log);
    const tests = result.tests?.map(({ id, fileName, timeSpentMs }) => ({ id, fileName, timeSpentMs }));
    if (tests) writeFileSync(listIn(), JSON.stringify(tests));
    return result;
  }

  async mutantRun(options) {
    let nrOfTests = 0;
    const files = filesOf(options);
    const end = performance.now() + patienceMs;
    for (let size = 1, from = 0; from < files.length && performance.now() < end; from += size, size *= 2) {
      this.files = files.slice(from, from + size);
      const result = await this.jest.mutantRun(options);
      nrOfTests += result.nrOfTests ?? 0;
      if (result.status !== 'survived') return result;
    }
    return { status: 'survived', nrOfTests };
  }
}

/**
 * A test that is red without a mutant sees none: it is named and left out. When many are, the run is not worth its time,
 * and Stryker ends it.
 */
function withoutRed(result, log) {
  const red = result.tests?.filter(({ status }) => status === TestStatus.Failed) ?? [];
  if (red.length === 0 || red.length > mostRed) return result;
  for (const { id, failureMessage } of red) {
    log.warn(`Red without a mutant, and left out: ${id}: ${failureMessage.split('\n', 1)}`);
    delete result.mutantCoverage?.perTest[id];
  }
  return { ...result, tests: result.tests.filter((test) => !red.includes(test)) };
}

/** The files of the tests that came by the mutant: the one that is named like the changed file first, then by time. */
function filesOf({ testFilter, sandboxFileName }) {
  if (!existsSync(listIn())) throw new Error('there was no dry run');
  const tests = JSON.parse(readFileSync(listIn(), 'utf8'));
  const wanted = new Set(testFilter ?? tests.map(({ id }) => id));
  const times = new Map();
  for (const { id, fileName, timeSpentMs } of tests)
    if (wanted.has(id)) times.set(fileName, (times.get(fileName) ?? 0) + timeSpentMs);
  const subject = basename(sandboxFileName, '.ts');
  const rank = (file) => (basename(file).startsWith(subject) ? -1 : times.get(file));
  return [...times.keys()].sort((a, b) => rank(a) - rank(b));
}

function sparing(injector) {
  return new SparingRunner(injector.injectFunction(jestOf));
}
sparing.inject = ['$injector'];

export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, 'sparing-jest', sparing)];
