const { default: Sequencer } = require('@jest/test-sequencer');

/** Suites that take longest, so that none of them begins when the others are done. */
const slow = [
  'chaos/',
  'workflows/publish.test.ts',
  'workflows/leftovers',
  'workflows/approved-object',
  'workflows/digest-year.test.ts',
  'transcripts',
  'workflows/change-crashes',
  'workflows/version-changes',
  'conformance/conformance.test.ts',
  'conformance/kusto',
  'browser/',
  'bot/delivery.test.ts',
  'bot/messages.test.ts',
  'app/',
  'engine/races.test.ts',
  'store/embedded.test.ts',
  'deploy/role',
  'sandbox/teams.test.ts',
  'sandbox/docs-script',
];

/** The slow ones, then what jest itself thinks best: what failed last time, then by duration or size. */
module.exports = class SlowFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const found = slow.findIndex((part) => path.replaceAll('\\', '/').includes(`/test/${part}`));
      return found < 0 ? slow.length : found;
    };
    return [...super.sort(tests)].sort((a, b) => rank(a) - rank(b));
  }
};
