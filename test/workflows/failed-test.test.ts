import type { TestMachine } from '../../core/azure';
import { UserError } from '../../core/errors';
import type { TestResult } from '../../core/runs';
import type { PublishContext } from '../../workflows/publish/stage';
import { test as stage } from '../../workflows/publish/test';
import { aVersion, fixed } from '../dialogs/support/plan';
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

describe('a test of the catalogue', () => {
  const scriptFor = async (os: 'Linux' | 'Windows', nextTest: number) => {
    const sent: { script: string }[] = [];
    const plan = { ...fixed, recipe: { ...fixed.recipe, os }, tests: [{ name: 't', run: 'tell', timeoutSeconds: 60 }] };
    const run = aRun('R-22222', {
      plan: { request: {}, approvalChannel: 'a', fixed: plan },
      stage: 'test',
      data: { machine: 'gbt-22222-a1', nextTest },
    });
    const read = { testMachine: async () => ({ state: 'ready' }), command: async () => ({ state: 'absent' }) };
    const write = { runCommand: async (_machine: unknown, command: { script: string }) => void sent.push(command) };
    await stage.run({ run, inbox: [], now, read, write } as unknown as PublishContext);
    return sent[0]?.script;
  };

  it('is sent as it is written, on Windows with any error as its end', async () => {
    expect(await scriptFor('Linux', 1)).toBe('tell');
    expect(await scriptFor('Windows', 1)).toBe("$ErrorActionPreference = 'Stop'\ntell");
  });

  it('follows the reading of the tattoo, from where the system keeps it', async () => {
    expect(await scriptFor('Linux', 0)).toBe('cat /etc/goldbot/tattoo');
    expect(await scriptFor('Windows', 0)).toContain("OpenSubKey('SOFTWARE\\goldbot\\tattoo')");
  });
});

describe('a test machine', () => {
  const run = aRun('R-22222', { plan: { request: {}, approvalChannel: 'a', fixed }, stage: 'test', data: {} });
  const stepWith = (machine: TestMachine, createTestMachine?: () => Promise<void>) =>
    stage.run({
      run,
      inbox: [],
      now,
      read: { testMachine: async () => machine, version: async () => aVersion(fixed.version) },
      write: { createTestMachine },
    } as unknown as PublishContext);
  const refused = (again: 'later' | 'never') => async () => {
    throw new UserError('AZ_NOT_FOUND', 'The image gold/ubuntu-22/1.6.0 is not there.', { hint: 'Wait.', again });
  };

  it('that did not come up is a failed test with Azure’s reason and what to do about it', async () => {
    const remedy = 'Choose another test.vmSize in the catalogue, then rebuild.';
    expect(await stepWith({ state: 'failed', message: 'Allocation failed.', remedy })).toMatchObject({
      data: { tests: [{ name: 'machine', output: 'The test machine did not start: Allocation failed.', remedy }] },
    });
  });

  const startingFor = (os: 'Linux' | 'Windows', minutes: number) => {
    const since = new Date(now.getTime() - minutes * 60_000).toISOString();
    const plan = { ...fixed, recipe: { ...fixed.recipe, os } };
    const name = 'gbt-22222-a1';
    const started = aRun('R-22222', {
      plan: { request: {}, approvalChannel: 'a', fixed: plan },
      stage: 'test',
      data: { machine: name, waiting: { what: name, since } },
    });
    const read = { testMachine: async () => ({ state: 'creating' }) };
    return stage.run({ run: started, inbox: [], now, read, write: {} } as unknown as PublishContext);
  };

  it.each([
    ['Linux', 30, 'starting a fresh test machine'],
    ['Windows', 20, 'starting a fresh test machine'],
    ['Windows', 21, 'starting a fresh test machine, slowly: Windows may take 40 minutes for its first boot'],
    ['Windows', 40, 'starting a fresh test machine, slowly: Windows may take 40 minutes for its first boot'],
  ] as const)('of %s is waited for after %d minutes', async (os, minutes, progress) => {
    expect(await startingFor(os, minutes)).toMatchObject({ kind: 'again', data: { progress } });
  });

  it.each([
    ['Linux', 31, 30],
    ['Windows', 41, 40],
  ] as const)('of %s is given up after %d minutes', async (os, minutes, limit) => {
    expect(await startingFor(os, minutes)).toMatchObject({
      data: { tests: [{ output: `The test machine gbt-22222-a1 was not ready within ${limit} minutes.` }] },
    });
  });

  it('waits for an image that its region does not know yet, and not for one that it never will', async () => {
    await expect(stepWith({ state: 'absent' }, refused('later'))).rejects.toThrow('is not there');
    expect(await stepWith({ state: 'absent' }, refused('never'))).toMatchObject({
      data: { tests: [{ name: 'machine', output: 'The image gold/ubuntu-22/1.6.0 is not there.', remedy: 'Wait.' }] },
    });
  });
});
