const Environment = require('../../test/support/jest/environment.js');

/** While a mutant is tried, a file ends at its first red test: one is enough. */
module.exports = class StopsAtRed extends Environment {
  async handleTestEvent(event) {
    if (event.name === 'test_fn_failure' || event.name === 'hook_failure') this.isRed = true;
    if (event.name === 'test_start' && this.isRed && process.env.__STRYKER_ACTIVE_MUTANT__) event.test.mode = 'skip';
  }
};
