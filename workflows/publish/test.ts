import type { CommandResult } from '../../core/azure';
import { resourceId } from '../../core/azure-id';
import type { ImageConfig } from '../../core/catalogue';
import { isFinal, isUserError } from '../../core/errors';
import {
  failureOfOutput,
  fingerprintOf,
  parseTattoo,
  type Tattoo,
  tattooFile,
  tattooReader,
  tattooTags,
  withTattoo,
} from '../../core/images';
import { withoutSecrets } from '../../core/log';
import { type Failure, type FixedPlan, type TestResult, testMachineName } from '../../core/runs';
import { days, minutes, seconds } from '../../core/time';
import { again, isPast, type Late } from '../engine';
import { tattooOf } from './build';
import { changed, changesSince, ensure, gone, isStep, notMade, publishedUnknown } from './candidate';
import { readContents, unread } from './contents';
import { handed } from './leftovers';
import { keeping, look, seenThrough } from './looking';
import {
  cancellable,
  move,
  needsRepair,
  type PlannedContext,
  type PublishLimit,
  type PublishStep,
  planned,
  tooLong,
  waited,
  waiting,
  waits,
} from './stage';

const testLimit: PublishLimit = {
  waitsFor: 'the test machine',
  ms: days(1),
  plus: {
    what: 'the time-outs of the tests',
    ms: ({ plan }) =>
      (plan.fixed?.tests ?? []).reduce((sum, t) => sum + t.timeoutSeconds * 1_000 + waits.command.ms, 0),
  },
  afterwards: 'The test counts as failed unless its result is known; the machine is deleted, or handed to the reaper.',
  past: async (context, late) => tooLate(planned(context), late),
};

/** Azure keeps the last 4 KB of a run command's output; a card needs less. */
const outputLimit = 1_500;

const starting = 'starting a fresh test machine';

interface TestCommand {
  readonly name: string;
  readonly shown: string;
  readonly script: string;
  readonly expect?: string | undefined;
  readonly timeoutSeconds: number;
}

/**
 * Deploys a machine from the candidate, reads the tattoo back, runs the catalogue's tests one after the other, reads what
 * is inside if they passed, and deletes the machine before going on, whatever the result.
 */
export const test = cancellable('test', { limit: testLimit }, async (context) => {
  const { plan, run, data, read } = context;
  const name = testMachineName(run.id, run.attempt);
  const machine = await read.testMachine(plan.place, name);
  const verdict = verdictOf(context);
  if (verdict === 'passed' && data.contents === undefined) {
    return machine.state === 'ready'
      ? readContents(context, machineId(plan, name))
      : unread({ reason: 'machine gone' });
  }
  if (verdict) return machine.state === 'absent' ? settled(context, verdict) : remove(context, name, machine.state);
  switch (machine.state) {
    case 'absent':
      if (data.machine === name) return machineGone(context, name);
      // Somebody else may have made it and the step past the limit deleted it, both without a word in the run's row.
      return isPast(context) ? again(0) : orBroken(context, name, () => deploy(context, name));
    case 'creating':
    case 'deleting':
      return starts(context, name);
    case 'failed':
      return broken(context, name, `The test machine did not start: ${machine.message}`, machine.remedy);
    case 'ready':
      return keeping(
        await orBroken(context, name, () => nextCommand(context, name)),
        seenThrough(context, context.now),
      );
  }
});

/** The first boot after a generalization takes Windows long; that is no reason to worry anybody for a while. */
function starts(context: PlannedContext, name: string): PublishStep {
  const { os } = context.plan.recipe;
  const limit = os === 'Windows' ? waits.windowsMachine : waits.machine;
  const ms = waited(context, name);
  if (ms > limit.ms) {
    return broken(context, name, `The test machine ${name} was not ready within ${limit.ms / minutes(1)} minutes.`);
  }
  const slow = os === 'Windows' && ms > slowBoot.ms;
  const wait = waiting(context, name);
  const { since } = wait.waiting ?? { since: context.now.toISOString() };
  const until = new Date(Date.parse(since) + limit.ms);
  const next = look(context, { what: 'machine', state: 'starting', since, until });
  return again(next.ms, { ...wait, ...next.data, machine: name, progress: slow ? slowBoot.words : starting });
}

const slowBoot = {
  ms: minutes(20),
  words: `${starting}, slowly: Windows may take ${waits.windowsMachine.ms / minutes(1)} minutes for its first boot`,
};

async function machineGone(context: PlannedContext, name: string): Promise<PublishStep> {
  const { plan, read } = context;
  const published = publishedUnknown(context, await read.version(plan.target, plan.version));
  return (
    published ?? broken(context, name, `The test machine ${name} was deleted by somebody while it was being tested.`)
  );
}

async function deploy(context: PlannedContext, name: string): Promise<PublishStep> {
  const { plan, run, data, read, write } = context;
  const candidate = await read.version(plan.target, plan.version);
  if (!candidate) return broken(context, name, `Somebody deleted the candidate ${plan.version} from the gallery.`);
  const published = publishedUnknown(context, candidate);
  if (published) return published;
  const changes = changesSince(data.candidate, candidate);
  if (changes.length > 0) return needsRepair(context, changed(context, 'test', changes));
  await write.createTestMachine(plan.place, name, {
    versionId: candidate.id,
    subnetId: plan.testSubnetId,
    vmSize: plan.testVmSize,
    os: plan.recipe.os,
    tags: { ...plan.testTags, 'goldbot-run': run.id, 'goldbot-image': plan.image },
    ...(plan.testSecurity && { security: plan.testSecurity }),
    ...(plan.base.plan && { plan: plan.base.plan }),
  });
  return again(seconds(20), {
    machine: name,
    candidate: data.candidate ?? fingerprintOf(candidate),
    progress: starting,
  });
}

async function nextCommand(context: PlannedContext, machine: string): Promise<PublishStep> {
  const { plan, data, read, write } = context;
  const index = data.nextTest ?? 0;
  const command = commandsOf(context)[index];
  if (!command) throw new Error(`no test number ${index}`);
  const progress = `test ${index + 1} of ${plan.tests.length + 1} · ${command.shown}`;
  const id = machineId(plan, machine);
  const result = await read.command(id, command.name);
  if (result.state === 'done') return judged(context, command, result);
  const limit = command.timeoutSeconds * 1_000 + waits.command.ms;
  if (result.state === 'running' && waited(context, command.name) > limit) {
    return recorded(context, { name: command.shown, passed: false, exitCode: -1, output: 'did not end in time' });
  }
  if (result.state === 'running') return again(seconds(10), { ...waiting(context, command.name), progress });
  if (isPast(context)) return again(0);
  await write.runCommand({ id, location: plan.place.location }, command);
  return again(seconds(10), { progress });
}

const machineId = ({ place }: FixedPlan, name: string): string =>
  resourceId(place, 'Microsoft.Compute/virtualMachines', name);

async function judged(
  context: PlannedContext,
  command: TestCommand,
  result: CommandResult & { state: 'done' },
): Promise<PublishStep> {
  const said = result.output.replace(/([^\n])$/, '$1\n') + result.error;
  const output = withoutSecrets(said).slice(-outputLimit);
  if ((context.data.nextTest ?? 0) === 0) return tattooRead(context, result, output);
  const expected = command.expect === undefined || said.includes(command.expect);
  // What a script that failed would have printed is no matter.
  const missing = expected || result.exitCode !== 0 ? '' : `\n(expected to read "${command.expect}")`;
  const passed = result.exitCode === 0 && expected;
  return recorded(context, { name: command.shown, passed, exitCode: result.exitCode, output: output + missing });
}

/** The guest's tattoo must be the one that the plan asked for; its OS completes the tags. */
async function tattooRead(
  context: PlannedContext,
  result: CommandResult & { state: 'done' },
  output: string,
): Promise<PublishStep> {
  const { plan, run, data, read } = context;
  const found = result.exitCode === 0 ? parseTattoo(result.output) : undefined;
  const wanted: Tattoo = { ...tattooOf(plan, run.id, data.builtAt ?? ''), os: found?.os ?? '' };
  if (!found || tattooFile(found) !== tattooFile(wanted)) {
    return recorded(context, {
      name: 'tattoo',
      passed: false,
      exitCode: result.exitCode,
      output: output || 'no tattoo in the guest',
    });
  }
  const tags = tattooTags(found);
  const candidate = await read.version(plan.target, plan.version);
  const tagged = candidate ? await ensure(context, candidate, { tags }, 'writing the OS into the tags') : [];
  if (isStep(tagged)) return tagged;
  if (tagged.length > 0) {
    const { error } = notMade(context, 'test', tagged);
    return recorded(context, { name: 'tattoo', passed: false, exitCode: -1, output: error });
  }
  const test: TestResult = { name: 'tattoo', passed: true, exitCode: 0, output };
  return recorded(context, test, {
    os: found.os,
    tattooHash: tags['goldbot-tattoo-sha256'] ?? '',
    ...(data.candidate && { candidate: withTattoo(data.candidate, found) }),
  });
}

function recorded({ data }: PlannedContext, result: TestResult, extra = {}): PublishStep {
  const tests = [...(data.tests ?? []), result];
  return again(0, { ...extra, tests, nextTest: (data.nextTest ?? 0) + 1, waiting: undefined });
}

/** A machine or command that Azure refuses fails the test; the machine is deleted before people are asked. */
async function orBroken(context: PlannedContext, name: string, step: () => Promise<PublishStep>): Promise<PublishStep> {
  try {
    return await step();
  } catch (error) {
    if (!isFinal(error)) throw error;
    return broken(context, name, error.message, error.hint);
  }
}

/** A machine that could not be used is a failed test like any other, and is deleted the same way. */
function broken({ plan }: PlannedContext, name: string, output: string, remedy?: string): PublishStep {
  const result: TestResult = { name: 'machine', passed: false, exitCode: -1, output, ...(remedy && { remedy }) };
  return again(0, { machine: name, tests: [result], nextTest: plan.tests.length + 1 });
}

function verdictOf({ plan, data }: PlannedContext): 'passed' | 'failed' | undefined {
  if ((data.nextTest ?? 0) <= plan.tests.length) return undefined;
  return data.tests?.every((t) => t.passed) ? 'passed' : 'failed';
}

/** A machine that Azure does not delete holds up nobody: the run goes on, and the reaper takes it once the run is over. */
async function remove(context: PlannedContext, name: string, state: string): Promise<PublishStep> {
  const { plan, write } = context;
  if (waited(context, deletion) > waits.deletion.ms) return settledWithout(context, name, 'Azure is deleting it');
  if (state !== 'deleting') await write.deleteTestMachine(plan.place, name);
  return again(seconds(15), { ...waiting(context, deletion), progress: 'deleting the test machine' });
}

const deletion = 'deletion of the test machine';

/** The verdict stands, or there is none because nothing ended in time; either way the machine is left behind. */
async function tooLate(context: PlannedContext, late: Late): Promise<PublishStep> {
  const { plan, run, data } = context;
  const name = testMachineName(run.id, run.attempt);
  const verdict = verdictOf(context);
  // What passed is looked at once more, and only if Azure answers.
  if (verdict === 'failed' || (verdict === 'passed' && late.error === undefined)) {
    return settledWithout(context, name, late.error ?? 'Azure is deleting it');
  }
  const said = await deletedOrNot(context, name);
  const output = tooLong(testLimit.waitsFor, late);
  const tests = [...(data.tests ?? []), { name: 'machine', passed: false, exitCode: -1, output }];
  const done = { ...context, data: { ...data, tests, nextTest: plan.tests.length + 1 } };
  return settledWithout(done, name, said);
}

async function deletedOrNot({ plan, write }: PlannedContext, name: string): Promise<string> {
  try {
    await write.deleteTestMachine(plan.place, name);
    return 'Azure was asked to delete it';
  } catch (error) {
    if (!isUserError(error) || error.code === 'FENCED') throw error;
    return error.message;
  }
}

async function settledWithout(context: PlannedContext, name: string, answer: string): Promise<PublishStep> {
  const { plan, run, data, now } = context;
  const verdict = data.tests?.every((t) => t.passed) ? 'passed' : 'failed';
  const step = await settled(context, verdict);
  const { since } = waiting(context, deletion).waiting ?? { since: now.toISOString() };
  const id = machineId(plan, name);
  const left = handed({ id, kind: 'machine', name, runId: run.id }, plan, {
    ...{ since: new Date(since), answer, dueAt: now },
  });
  const kept = { tests: data.tests, nextTest: data.nextTest, handed: [...(data.handed ?? []), name] };
  return { ...step, data: { ...step.data, ...kept }, leftovers: [left] };
}

/** What passed is what was there before and is still there: a version that was replaced meanwhile was not tested. */
async function settled(context: PlannedContext, verdict: 'passed' | 'failed'): Promise<PublishStep> {
  const { plan, data, read } = context;
  if (verdict === 'failed') return needsRepair(context, testFailure(data.tests ?? []));
  const candidate = await read.version(plan.target, plan.version);
  if (!candidate) return needsRepair(context, gone(context, 'test'));
  const changes = changesSince(data.candidate, candidate);
  if (changes.length > 0) return needsRepair(context, changed(context, 'test', changes));
  return move(context, 'approve', { failure: undefined, tested: fingerprintOf(candidate) });
}

function testFailure(tests: readonly TestResult[]): Failure {
  const failed = tests.filter((t) => !t.passed);
  const first: TestResult = failed[0] ?? { name: 'unknown', passed: false, exitCode: -1, output: '' };
  const found = failureOfOutput(first.output);
  // A script that did its work and printed something else is told by what was expected, which stands last.
  const { error, remedy } = first.exitCode === 0 ? { error: found.tail.at(-1), remedy: undefined } : found;
  return {
    stage: 'test',
    what: failed.map((t) => t.name).join(', '),
    error: error ?? `${first.name} ended with exit code ${first.exitCode} and said nothing`,
    tail: found.tail,
    remedy: first.remedy ?? remedy ?? 'Fix the recipe in the catalogue (or the test), then rebuild.',
  };
}

/** A catalogue's test as it is sent: without the first line, a PowerShell script that says an error goes on and ends with 0. */
export function testScript(os: ImageConfig['os'], run: string): string {
  return os === 'Windows' ? `$ErrorActionPreference = 'Stop'\n${run}` : run;
}

function commandsOf({ plan }: PlannedContext): readonly TestCommand[] {
  const { os } = plan.recipe;
  const read = { name: 'goldbot-tattoo', shown: 'tattoo', script: tattooReader[os], timeoutSeconds: 120 };
  const tests = plan.tests.map((t, i) => ({
    name: `goldbot-${i + 1}-${t.name}`,
    shown: t.name,
    script: testScript(os, t.run),
    expect: t.expect,
    timeoutSeconds: t.timeoutSeconds,
  }));
  return [read, ...tests];
}
