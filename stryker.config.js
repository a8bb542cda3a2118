const { readdirSync } = require('node:fs');
const { join } = require('node:path');
const base = require('./jest.config.js');
const parts = require('./tools/stryker/parts.js');

/** `MUTANTS=workflows:2/6`: the second of six shares of a part's files. All of `core` when it is not set. */
const [, name = '', nth = '1', of = '1'] = /^(\w+)(?::(\d+)\/(\d+))?$/.exec(process.env.MUTANTS ?? 'core') ?? [];
const part = parts[name];
if (!part) throw new Error(`MUTANTS is one of ${Object.keys(parts).join(', ')}, or a share of it: workflows:2/6`);

const sources = (folder) =>
  readdirSync(join(__dirname, folder), { recursive: true })
    .map((file) => `${folder}/${file}`.replaceAll('\\', '/'))
    .filter((file) => /\.ts$/.test(file) && !/\/(index|migrations\/.*)\.ts$/.test(file));
const files = part.folders
  .flatMap(sources)
  .filter((file) => part.only?.test(file) ?? true)
  .sort()
  .filter((_, i) => i % Number(of) === Number(nth) - 1);

const sampled = Number(process.env.MUTANTS_SAMPLE ?? 1) > 1;
const report = `reports/mutants-${name}-${nth}-of-${of}${sampled ? `-seed-${process.env.MUTANTS_SEED ?? 1}` : ''}`;

module.exports = {
  packageManager: 'npm',
  testRunner: 'sparing-jest',
  coverageAnalysis: 'perTest',
  jest: {
    config: {
      ...base,
      // Stryker resolves it by itself and knows no <rootDir>.
      testEnvironment: join(__dirname, 'tools/stryker/environment.js'),
      // What a module remembers of one mutant is not for the next.
      testEnvironmentOptions: { sharesModules: false },
      testMatch: part.tests.map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`),
      // `MUTANTS_WITHOUT='leftovers|races'`: without the slow ones a sample is a matter of minutes, and its share a lower bound.
      testPathIgnorePatterns: process.env.MUTANTS_WITHOUT ? [process.env.MUTANTS_WITHOUT] : [],
      maxWorkers: 1,
      watchman: false,
    },
  },
  mutate: files,
  // What runs while a module is loaded is tried by all tests, each in a world of its own: that would take days.
  ignoreStatic: true,
  // Shares are added up by `npm run mutants:verdict`; a sample is an estimate.
  thresholds: { high: 95, low: part.atLeast, break: of === '1' && !sampled ? part.atLeast : null },
  incrementalFile: `${report}.json`,
  htmlReporter: { fileName: `${report}.html` },
  plugins: ['@stryker-mutator/*', './tools/stryker/runner.mjs', './tools/stryker/plugin.mjs'],
  ignorers: ['for-engineers'],
  reporters: ['progress-append-only', 'clear-text', 'html', 'share'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  // What broken code leaves behind goes with its process.
  maxTestRunnerReuse: 50,
  // The number of processes, each with a world of its own.
  concurrency: Number(process.env.MUTANTS_CONCURRENCY ?? 1),
  // Tests share one PostgreSQL and wait for leases.
  timeoutMS: 60_000,
  dryRunTimeoutMinutes: 30,
  cleanTempDir: 'always',
  ignorePatterns: ['docs/gallery/pictures', '.goldbot', 'reports'],
  // TypeScript 7 has no API for it, and swc strips types without looking at them.
  tsconfigFile: 'none',
};
