const { readdirSync } = require('node:fs');
const { join } = require('node:path');
const base = require('./jest.config.js');

/** What `npm run mutants` changes, which tests have to see it, and how many of a hundred at least. */
const parts = {
  core: { folders: ['core'], tests: ['core'], atLeast: 85 },
  workflows: { folders: ['workflows'], tests: ['workflows', 'engine'], atLeast: 85 },
  store: { folders: ['store'], tests: ['store', 'engine'], atLeast: 75 },
  present: { folders: ['dialogs/present'], tests: ['dialogs'], atLeast: 75 },
  bot: {
    ...{ folders: ['bot'], only: /\/(delivery|front-door|messages|turns)\.ts$/ },
    ...{ tests: ['bot'], atLeast: 75 },
  },
};

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

module.exports = {
  packageManager: 'npm',
  testRunner: 'jest',
  coverageAnalysis: 'perTest',
  jest: {
    config: {
      ...base,
      // Stryker resolves it by itself and knows no <rootDir>.
      testEnvironment: join(__dirname, 'test/support/jest/environment.js'),
      testMatch: part.tests.map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`),
      maxWorkers: 1,
    },
  },
  mutate: files,
  // What runs while a module is loaded is tried by all tests, each in a world of its own: that would take days.
  ignoreStatic: true,
  thresholds: { high: 95, low: part.atLeast, break: part.atLeast },
  incrementalFile: `reports/mutants-${name}-${nth}-of-${of}.json`,
  htmlReporter: { fileName: `reports/mutants-${name}-${nth}-of-${of}.html` },
  reporters: ['clear-text', 'html'],
  // Tests share one PostgreSQL and wait for leases.
  timeoutMS: name === 'core' ? 3_000 : 60_000,
  dryRunTimeoutMinutes: 30,
  cleanTempDir: 'always',
  ignorePatterns: ['docs/gallery/pictures', '.goldbot', 'reports'],
  // TypeScript 7 has no API for it, and swc strips types without looking at them.
  tsconfigFile: 'none',
};
