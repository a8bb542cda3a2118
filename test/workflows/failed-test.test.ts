import type { TestResult } from '../../core/runs';
import type { PublishContext } from '../../workflows/publish/stage';
import { test as stage } from '../../workflows/publish/test';
import { fixed } from '../dialogs/support/plan';
import { aRun, now } from '../dialogs/support/world';

/** What the run says once its machine is gone and these were the results. */
async function failureOf(...tests: TestResult[]) {
  const run = aRun('R-22222', {
    plan: { request: {}, approvalChannel: 'a', fixed },
    stage: 'test',
    data: { tests, nextTest: fixed.tests.length + 1, machine: 'gbt-22222-a1' },
  });
  const read = { testMachine: async () => ({ state: 'absent' }), version: async () => undefined };
  const step = await stage.run({ run, inbox: [], now, read, write: {} } as unknown as PublishContext);
  return (step as { data?: { failure?: unknown } }).data?.failure;
}

const failed = (name: string, output: string, exitCode = 1): TestResult => ({ name, passed: false, exitCode, output });

describe('a failed test', () => {
  it('tells its first real error and what has helped before', async () => {
    const output =
      'listening\nbash: aide: command not found\nlocale: Cannot set LC_ALL to default locale: No such file or directory\n';
    expect(await failureOf(failed('aide', output, 127), failed('disk', 'full'))).toEqual({
      stage: 'test',
      what: 'aide, disk',
      error: 'bash: aide: command not found',
      tail: output.trim().split('\n'),
      remedy: 'The command is not on this system. Install it in an earlier step, or give its full path.',
    });
  });

  it('that did its work and printed something else tells what was expected', async () => {
    const output = 'cat: /etc/x: No such file or directory\nno\n\n(expected to read "yes")';
    expect(await failureOf(failed('time', output, 0))).toMatchObject({
      error: '(expected to read "yes")',
      remedy: 'Fix the recipe in the catalogue (or the test), then rebuild.',
    });
  });

  it('that said nothing tells how it ended, and what can be done', async () => {
    expect(await failureOf(failed('quiet', '', 3))).toMatchObject({
      error: 'quiet ended with exit code 3 and said nothing',
      remedy: 'Fix the recipe in the catalogue (or the test), then rebuild.',
    });
  });
});
