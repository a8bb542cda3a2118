const { readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const base = require('./jest.config.js');

// Read by test/support/size.ts; workers inherit it.
if (process.env.GOLDBOT_TESTS !== 'chaos') process.env.GOLDBOT_TESTS = 'full';

const folder = join(__dirname, 'test');
const sized = readdirSync(folder, { recursive: true })
  .filter((file) => file.endsWith('.test.ts'))
  .filter((file) => /support\/size|chaos\/matrix/.test(readFileSync(join(folder, file), 'utf8')))
  .map((file) => `<rootDir>/test/${file.replaceAll('\\', '/')}`);

/** `npm run test:full`: the tests that have a size, at full size. The others are the same in `npm test`. */
module.exports = { ...base, testMatch: sized, testTimeout: 1_800_000 };
