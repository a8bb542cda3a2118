const Environment = require('../../test/support/jest/environment.js');

const testsIn = ({ children }) => children.flatMap((child) => (child.type === 'test' ? [child] : testsIn(child)));
const titleOf = ({ parent, name }) => (parent ? `${titleOf(parent)} ${name}`.trimStart() : '');
const forAll = /^(before|after)All$/;

/** For mutants (npm run mutants): the environment of every test, and two things that Stryker leaves to it. */
module.exports = class ForMutants extends Environment {
  async handleTestEvent(event) {
    if (process.env.__STRYKER_ACTIVE_MUTANT__) this.stopAtRed(event);
    else this.giveToTests(event);
  }

  /** While a mutant is tried, a file ends at its first red test: one is enough. */
  stopAtRed({ name, test }) {
    if (name === 'test_fn_failure' || name === 'hook_failure') this.isRed = true;
    if (name === 'test_start' && this.isRed) test.mode = 'skip';
  }

  /** What runs before all tests of a block, runs for each of them: Stryker would take it for what loading a file runs. */
  giveToTests({ name, hook }) {
    if (!name.startsWith('hook_') || !forAll.test(hook.type)) return;
    const stryker = this.global.__stryker__;
    if (name === 'hook_start') {
      stryker.currentTestId = forAll.source;
      return;
    }
    stryker.currentTestId = undefined;
    const { perTest = {} } = stryker.mutantCoverage ?? {};
    for (const test of testsIn(hook.parent)) {
      const own = perTest[titleOf(test)] ?? {};
      for (const [mutant, hits] of Object.entries(perTest[forAll.source] ?? {}))
        own[mutant] = (own[mutant] ?? 0) + hits;
      perTest[titleOf(test)] = own;
    }
    delete perTest[forAll.source];
  }
};
