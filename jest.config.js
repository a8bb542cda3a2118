const { availableParallelism } = require('node:os');
const { giveRoom } = require('./test/support/jest/young.js');

giveRoom();

/** `npm test`: every test, at sample size (test/support/size.ts). */
module.exports = {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: {
    '\\.[jt]s$': [
      '@swc/jest',
      { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  modulePathIgnorePatterns: ['<rootDir>/.stryker-tmp/'],
  transformIgnorePatterns: ['/node_modules/(?!jose/)'],
  testEnvironment: '<rootDir>/test/support/jest/environment.js',
  testEnvironmentOptions: { sharesModules: true },
  runtime: '<rootDir>/test/support/jest/runtime.js',
  testSequencer: '<rootDir>/test/support/jest/slow-first.js',
  testTimeout: 60_000,
  // Of it.concurrent: worlds of one process take each other's time.
  maxConcurrency: 3,
  // Tests wait for leases, polls and processes most of their time, so three share a core: 246 s where two took 294.
  maxWorkers: Math.min(availableParallelism() * 3, 12),
};
