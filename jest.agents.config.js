const base = require('./jest.config.js');

// Read by test/bot/frameworks.ts; workers inherit it.
process.env.GOLDBOT_FRAMEWORK = 'agents-hosting';

/** `npm run test:agents`: all of the tests of bot/, with the second framework behind its wall. */
module.exports = { ...base, testMatch: ['<rootDir>/test/bot/**/*.test.ts'] };
