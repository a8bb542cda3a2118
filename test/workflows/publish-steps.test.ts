import type { AzureRead, AzureWrite, CommandResult, GalleryVersion } from '../../core/azure';
import { UserError } from '../../core/errors';
import { fingerprintOf, tattooFile, tattooSteps } from '../../core/images';
import {
  type Failure,
  type FixedPlan,
  type PublishData,
  planHash,
  type Signal,
  templateName,
  testMachineName,
} from '../../core/runs';
import { days, minutes, seconds } from '../../core/time';
import { customise as customiseUnless, osUnread, tattoo, tattooOf } from '../../workflows/publish/build';
import { capture, plan, repair } from '../../workflows/publish/plan';
import { announce, replicate as replicateUnless } from '../../workflows/publish/publish';
import {
  cancelled,
  informational,
  keepsRefusing,
  move,
  type PublishContext,
  type PublishDeps,
  since,
  stageStart,
  waited,
  waiting,
} from '../../workflows/publish/stage';
import { test as testing } from '../../workflows/publish/test';
import { aVersion, fixed } from '../dialogs/support/plan';
import { aRun, now } from '../dialogs/support/world';
import { exampleCatalogue } from '../support/catalogue';
import { roomForAll } from '../support/preflight';
import { unheld } from '../support/unheld';

const customise = customiseUnless(unheld);
const replicate = replicateUnless(unheld);

/** Each step whole: what is kept, what is shown, and what is asked of Azure. */
const id = 'R-22222' as const;
const at = now.toISOString();
const ago = (ms: number): string => new Date(now.getTime() - ms).toISOString();
const template = templateName(fixed, 1, id);
const machine = testMachineName(id, 1);

interface Given {
  readonly data?: PublishData;
  readonly plan?: FixedPlan;
  readonly attempt?: number;
  readonly tries?: number;
  readonly inbox?: readonly Signal[];
  readonly request?: object;
  readonly stages?: readonly string[];
}

/** A step, and the writes that it asked for. */
async function step(
  stage: { readonly name: string; run(context: PublishContext): Promise<unknown> },
  read: object,
  given: Given = {},
) {
  const asked: unknown[] = [];
  const write = new Proxy(
    {},
    {
      get:
        (_, name) =>
        async (...args: unknown[]) =>
          void asked.push([name, ...args]),
    },
  );
  const context = contextOf(stage.name, given, { read: read as AzureRead, write: write as AzureWrite });
  return { made: (await stage.run(context)) as Record<string, unknown>, asked };
}

function contextOf(stage: string, given: Given, ports = {}): PublishContext {
  const { plan = fixed, data = {}, attempt = 1, tries = 0, inbox = [], request = {} } = given;
  const run = aRun(id, {
    ...{ plan: { request, approvalChannel: 'a', fixed: plan }, planHash: planHash(plan) },
    ...{ stage, data, attempt, tries, createdAt: new Date(now.getTime() - minutes(20)) },
    ...(given.stages && { stages: given.stages }),
  });
  return { run, inbox, approval: undefined, now, ...ports } as PublishContext;
}

/** What every move keeps. */
const moved = (stage: string, data: object = {}, attempt = 1) => ({
  ...{ kind: 'to', stage, attempt },
  data: { progress: undefined, waiting: undefined, ...data, times: [{ stage, attempt, from: at }] },
});
const failureIn = (made: Record<string, unknown>) => (made['data'] as PublishData).failure;

/** The gallery has no such version yet. */
const none = { version: async () => undefined };

describe('building', () => {
  const build = (state: object, given: Given = {}, log?: () => Promise<string | undefined>) =>
    step(customise, { ...none, build: async () => state, buildLog: log ?? (async () => undefined) }, given);

  it('orders the whole of the plan in one write', async () => {
    const plan: FixedPlan = {
      ...fixed,
      regions: [
        { name: 'West Europe', replicas: 3, diskEncryptionSetId: '/des' },
        { name: 'North Europe', replicas: 2 },
      ],
      buildSettings: { diskSizeGiB: 64 } as never,
    };
    const { made, asked } = await build({ state: 'absent' }, { plan, data: { builtAt: '2026-11-01T00:00:00.000Z' } });

    const burnt = tattooOf(plan, id, '2026-11-01T00:00:00.000Z');
    expect(made).toEqual({
      kind: 'again',
      ms: seconds(20),
      data: { progress: 'Image Builder is preparing the template' },
    });
    expect(asked).toEqual([
      [
        'startBuild',
        plan.place,
        templateName(plan, 1, id),
        {
          ...{ identity: 'i', source: plan.base, vmSize: 'a', timeoutMinutes: 120, settings: plan.buildSettings },
          customize: [...plan.recipe.customize, ...tattooSteps(burnt, plan.recipe)],
          validate: [],
          target: { ...plan.target, version: '1.6.0' },
          regions: [{ name: 'West Europe', replicas: 1 }],
          tags: { 'goldbot-run': id, 'goldbot-image': 'ubuntu-22' },
          artifactTags: expect.objectContaining({ 'goldbot-run': id, 'goldbot-version': '1.6.0' }),
        },
      ],
    ]);
  });

  it('says when it was built as well as it knows', async () => {
    const { asked } = await build({ state: 'absent' });
    const [[, , , spec]] = asked as [[string, unknown, unknown, { artifactTags: object; settings?: object }]];

    expect(Object.values(spec.artifactTags)).toContain(ago(minutes(20)));
    expect(spec).not.toHaveProperty('settings');
  });

  it('needs people when its template vanished', async () => {
    const { made, asked } = await build({ state: 'absent' }, { data: { template } });

    expect(asked).toEqual([]);
    expect(failureIn(made)).toEqual({
      ...{ stage: 'customise', what: 'the build', tail: [], remedy: 'Rebuild to start again.' },
      error: `The image template ${template} vanished while it was building.`,
    });
    expect(made['why']).toBe(`the build: The image template ${template} vanished while it was building.`);
  });

  it.each([
    ['deleting', { kind: 'again', ms: seconds(15), data: { template, progress: 'Azure is deleting the template' } }],
    ['cancelling', { kind: 'again', ms: seconds(30), data: { progress: 'Image Builder is cancelling the build' } }],
    ['succeeded', moved('tattoo', { template })],
    ['idle', { kind: 'again', ms: seconds(30), data: { template, waiting: { what: 'idle', since: at } } }],
    [
      'provisioning',
      {
        ...{ kind: 'again', ms: expect.any(Number) },
        data: {
          template,
          progress: 'Image Builder is preparing the template',
          waiting: { what: 'preparation', since: at },
        },
      },
    ],
  ])('that is %s', async (state, expected) => {
    const { made, asked } = await build({ state });
    expect([made, asked]).toEqual([expected, []]);
  });

  it('is started when it did not start by itself, and the wait begins again', async () => {
    const data = { waiting: { what: 'idle', since: ago(minutes(5) + 1) } };
    const { made, asked } = await build({ state: 'idle' }, { data });

    expect(made).toEqual({ kind: 'again', ms: seconds(30), data: { template, waiting: undefined } });
    expect(asked).toEqual([['runTemplate', fixed.place, template]]);
  });

  const builds = Array.from({ length: 10 }, (_, n) => minutes(40) + seconds(n * 10));
  const looked = async (elapsed: number, data: PublishData, subState = 'Building') => {
    const times = [{ stage: 'customise' as const, attempt: 1, from: ago(elapsed) }];
    return (await build({ state: 'running', subState }, { data: { ...data, times } })).made as {
      readonly ms: number;
      readonly data: PublishData;
    };
  };

  it('is looked at rarely, then closely when builds of the image usually end, then less and less', async () => {
    const usual = { build: builds };
    const ms = async (elapsed: number) => (await looked(elapsed, { usual })).ms;

    expect(await ms(minutes(1))).toBeGreaterThan(minutes(4));
    expect(await ms(minutes(40.5))).toBeLessThan(minutes(1));
    expect(await ms(minutes(60))).toBeGreaterThan(minutes(5));
  });

  it('keeps since when it looks and how often, and what earlier runs are to know', async () => {
    const first = await looked(minutes(3), {});
    const since = ago(minutes(3));
    const looking = { what: 'build', since, state: 'Building', spent: 0, looks: 1 };
    expect(first.data).toEqual({ template, waiting: undefined, progress: 'starting the build machine', looking });

    const copies = await looked(
      minutes(40),
      {
        usual: { build: builds, copy: [480_000] },
        looking: { ...looking, what: 'build', since: ago(minutes(40)), looks: 9 },
      },
      'Distributing',
    );
    expect(copies.data).toMatchObject({
      took: { build: minutes(40) },
      looking: { what: 'copy', since: at, state: 'Distributing', spent: 9, looks: 1 },
    });
    expect(copies.ms).toBeGreaterThan(minutes(4));
  });

  it('knows when Azure was done, however late it looks', async () => {
    const looking = { what: 'copy' as const, since: ago(minutes(9)), state: 'Distributing', spent: 9, looks: 7 };
    const endedAt = new Date(now.getTime() - minutes(1));
    const { made } = await build({ state: 'succeeded', endedAt }, { data: { looking, took: { build: minutes(30) } } });
    expect(made['data']).toMatchObject({ looking: undefined, took: { build: minutes(30), copy: minutes(8) } });
  });

  it('asks for nothing but the end when that may be near', async () => {
    const never = async () => Promise.reject(new Error('the log was read'));
    const looking = { what: 'build' as const, since: ago(minutes(40)), state: 'Customizing', spent: 0, looks: 7 };
    const times = [{ stage: 'customise' as const, attempt: 1, from: ago(minutes(40)) }];
    const data = { usual: { build: builds }, looking, times, progress: 'step 1 of 2 · updates' };
    const { made } = await build({ state: 'running', subState: 'Customizing' }, { data }, never);
    expect(made['data']).not.toHaveProperty('progress');
  });

  const log = (steps: number) => async () =>
    Array.from(
      { length: steps },
      (_, n) => `==> azure-arm: Provisioning with shell script: /tmp/packer-shell${n}`,
    ).join('\n');
  it.each([
    ['no step yet', 0, 'customising'],
    ['the first', 1, 'step 1 of 2 · updates'],
    ['the last', 2, 'step 2 of 2 · tattoo'],
    ['more than there are', 5, 'step 2 of 2 · tattoo'],
  ])('shows which step it is at: %s', async (_, steps, progress) => {
    const { made } = await build({ state: 'running', subState: 'Customizing' }, {}, log(steps));
    expect(made['data']).toMatchObject({ progress });
  });

  it('reads no log before and after the steps, and shows what it does not know as Azure calls it', async () => {
    const never = async () => Promise.reject(new Error('the log was read'));
    const { made } = await build({ state: 'running', subState: 'Shrinking' }, {}, never);
    expect(made['data']).toMatchObject({ progress: 'Shrinking' });
  });

  it.each([
    [1, { stagingResourceGroup: '/g' }],
    [2, undefined],
  ])('empties no staging group in attempt %i of its own group %j', async (attempt, buildSettings) => {
    const plan = { ...fixed, ...(buildSettings && { buildSettings: buildSettings as never }) };
    const { asked } = await build({ state: 'absent' }, { plan, attempt });
    expect(asked).toEqual([['startBuild', plan.place, expect.any(String), expect.any(Object)]]);
  });

  it('empties its own staging group of the attempt before, and of nothing else', async () => {
    const plan = { ...fixed, buildSettings: { stagingResourceGroup: '/g' } as never };
    const left = (name: string, kind = 'template', runId: string = id) => ({ id: `/${name}`, kind, name, runId });
    const now2 = templateName(plan, 2, id);
    const leftovers = async () => [
      left('m', 'machine'),
      left('other', 'template', 'R-33333'),
      left(now2),
      left('before'),
    ];
    const states = async (_: unknown, name: string) => ({ state: name === now2 ? 'absent' : 'succeeded' });
    const { made, asked } = await step(customise, { ...none, build: states, leftovers }, { plan, attempt: 2 });

    expect(asked).toEqual([['deleteTemplate', plan.place, 'before']]);
    expect(made).toEqual({
      ...{
        kind: 'again',
        ms: seconds(30),
        data: { progress: 'emptying the staging group: Azure was asked to delete it' },
      },
    });
  });
});

it('burns in a tattoo whose OS only the guest can name', () => {
  const burnt = tattooOf({ ...fixed, image: '100%' }, id, 'then');
  expect(burnt).toMatchObject({
    os: osUnread,
    source: 'Canonical:o:22_04-lts-gen2:22.04.202611120',
    built: 'then',
    run: id,
  });
});

describe('the candidate in the gallery', () => {
  const look = (version: Partial<GalleryVersion> | undefined, data: PublishData = {}) =>
    step(tattoo, { version: async () => version && aVersion('1.6.0', version) }, { data: { builtAt: at, ...data } });

  it('may take five minutes to show', async () => {
    const first = await look(undefined);
    expect(first.made).toEqual({ kind: 'again', ms: seconds(30), data: { waiting: { what: 'version', since: at } } });
    const late = await look(undefined, { waiting: { what: 'version', since: ago(minutes(5) + 1) } });
    expect(failureIn(late.made)).toEqual({
      ...{ stage: 'tattoo', what: '1.6.0', tail: [], remedy: 'Rebuild to build it again under the next number.' },
      error: 'Image Builder reported success, but the gallery has no ubuntu-22 1.6.0.',
    });
  });

  it('may fail there', async () => {
    expect(failureIn((await look({ provisioningState: 'Failed' })).made)).toEqual({
      ...{ stage: 'tattoo', what: '1.6.0', tail: [] },
      error: 'The gallery could not make ubuntu-22 1.6.0: its provisioning state is Failed.',
      remedy: 'Look at the version in the Azure portal for the reason, then rebuild.',
    });
  });

  it('is waited for, then tagged and hidden in one write, then tested', async () => {
    const busy = await look({ provisioningState: 'Creating' });
    expect(busy.made).toEqual({ kind: 'again', ms: seconds(30), data: { progress: 'the gallery says Creating' } });
    const open = await look({ tags: {}, excludedFromLatest: false });
    const [[verb, target, version, change]] = open.asked as [
      [string, unknown, string, { tags: object; excludedFromLatest: boolean }],
    ];
    expect([verb, target, version, change.excludedFromLatest]).toEqual(['updateVersion', fixed.target, '1.6.0', true]);
    expect(open.made).toEqual({
      ...{ kind: 'again', ms: seconds(20) },
      data: { written: { what: 'tattoo 1.6.0', times: 1 }, progress: 'writing the tattoo into the tags' },
    });

    const tagged = aVersion('1.6.0', { tags: { ...change.tags } as never, excludedFromLatest: true });
    const done = await step(tattoo, { version: async () => tagged }, { data: { builtAt: at } });
    expect(done.made).toEqual(moved('test', { tests: [], nextTest: 0, candidate: fingerprintOf(tagged) }));
    expect(done.asked).toEqual([]);
    const twice = await look({ tags: {}, excludedFromLatest: true }, { written: { what: 'tattoo 1.6.0', times: 2 } });
    expect(failureIn(twice.made)).toMatchObject({
      stage: 'tattoo',
      what: 'ubuntu-22 1.6.0',
      error: expect.stringMatching(/^Azure accepted the change of the version and did not make it: ./),
    });
    const other = await look({ tags: {}, excludedFromLatest: true }, { written: { what: 'publish 1.6.0', times: 2 } });
    expect(other.asked).toHaveLength(1);
  });
});

describe('testing', () => {
  const candidate = aVersion('1.6.0', { excludedFromLatest: true });
  const on = (state: object, data: PublishData = {}, more: object = {}, plan: FixedPlan = fixed) =>
    step(testing, { testMachine: async () => state, version: async () => candidate, ...more }, { data, plan });

  it('orders one machine with what the plan says, and remembers what it is made from', async () => {
    const plan = { ...fixed, testTags: { team: 'x' }, testSecurity: { type: 'TrustedLaunch' } as never };
    const { made, asked } = await on({ state: 'absent' }, {}, {}, plan);

    const spec = {
      ...{ versionId: candidate.id, subnetId: 's', vmSize: 'a', os: 'Linux', security: plan.testSecurity },
      tags: { team: 'x', 'goldbot-run': id, 'goldbot-image': 'ubuntu-22' },
    };
    expect(asked).toEqual([['createTestMachine', plan.place, machine, spec]]);
    const kept = { machine, candidate: fingerprintOf(candidate), progress: 'starting a fresh test machine' };
    expect(made).toEqual({ kind: 'again', ms: seconds(20), data: kept });
  });

  it('passes on the purchase plan of the base', async () => {
    const plan = { ...fixed, base: { ...fixed.base, plan: { name: 'n', product: 'p', publisher: 'x' } } };
    const { asked } = await on({ state: 'absent' }, {}, {}, plan);

    expect(asked).toMatchObject([['createTestMachine', {}, machine, { plan: plan.base.plan }]]);
    expect((asked as unknown[][])[0]?.[3]).not.toHaveProperty('security');
  });

  const broken = (output: string, remedy?: string) => ({
    ...{ kind: 'again', ms: 0 },
    data: {
      ...{ machine, nextTest: 2 },
      tests: [{ name: 'machine', passed: false, exitCode: -1, output, ...(remedy && { remedy }) }],
    },
  });
  it.each([
    [
      'its candidate is gone',
      { state: 'absent' },
      {},
      { version: async () => undefined },
      broken('Somebody deleted the candidate 1.6.0 from the gallery.'),
    ],
    [
      'its machine is gone',
      { state: 'absent' },
      { machine },
      {},
      broken(`The test machine ${machine} was deleted by somebody while it was being tested.`),
    ],
    [
      'its machine does not start',
      { state: 'failed', message: 'No quota.', remedy: 'Ask.' },
      {},
      {},
      broken('The test machine did not start: No quota.', 'Ask.'),
    ],
  ])('fails when %s', async (_, state, data, more, expected) => {
    const { made, asked } = await on(state, data, more);
    expect([made, asked]).toEqual([expected, []]);
  });

  it('waits for its machine', async () => {
    const { made } = await on({ state: 'creating' });
    expect(made).toMatchObject({
      kind: 'again',
      data: { progress: 'starting a fresh test machine', waiting: { what: machine, since: at } },
    });
  });

  it.each([
    [0, 'goldbot-tattoo', 'cat /etc/goldbot/tattoo', 120, 'test 1 of 2 · tattoo'],
    [1, 'goldbot-1-sshd', 'true', 120, 'test 2 of 2 · sshd'],
  ])('runs command %i', async (nextTest, name, script, timeoutSeconds, progress) => {
    const data = { machine, nextTest };
    const { made, asked } = await on({ state: 'ready' }, data, { command: async () => ({ state: 'absent' }) });
    expect(asked).toMatchObject([
      [
        'runCommand',
        { id: expect.stringMatching(new RegExp(`/virtualMachines/${machine}$`)), location: 'westeurope' },
        { name, script, timeoutSeconds },
      ],
    ]);
    expect(made).toEqual({ kind: 'again', ms: seconds(10), data: { progress } });

    const waits = await on({ state: 'ready' }, data, { command: async () => ({ state: 'running' }) });
    const kept = { waiting: { what: name, since: at }, progress };
    expect([waits.made, waits.asked]).toEqual([{ kind: 'again', ms: seconds(10), data: kept }, []]);
  });

  const result = (change: Partial<CommandResult & { state: 'done' }>) =>
    ({ state: 'done', exitCode: 0, output: '', error: '', ...change }) as CommandResult;
  it.each([
    ['passes', {}, undefined, true, ''],
    ['fails by its exit code', { exitCode: 3, output: 'a', error: 'b' }, undefined, false, 'a\nb'],
    ['prints what is expected', { output: 'hello world\n' }, 'lo wo', true, 'hello world\n'],
    ['prints it as an error', { error: 'hello' }, 'hello', true, 'hello'],
    ['prints something else', { output: 'bye' }, 'hello', false, 'bye\n\n(expected to read "hello")'],
    ['fails, whatever it printed', { exitCode: 1, output: 'bye\n' }, 'hello', false, 'bye\n'],
    ['prints more than a card needs', { output: 'x'.repeat(2_000) }, undefined, true, `${'x'.repeat(1_499)}\n`],
  ])('judges a test that %s', async (_, said, expect_, passed, output) => {
    const plan = {
      ...fixed,
      tests: [{ name: 'sshd', run: 'true', timeoutSeconds: 120, ...(expect_ && { expect: expect_ }) }],
    };
    const before = { name: 'tattoo', passed: true, exitCode: 0, output: '' };
    const data = { machine, nextTest: 1, tests: [before] };
    const { made } = await on({ state: 'ready' }, data, { command: async () => result(said) }, plan);

    const test = { name: 'sshd', passed, exitCode: (said as { exitCode?: number }).exitCode ?? 0, output };
    expect(made).toEqual({ kind: 'again', ms: 0, data: { tests: [before, test], nextTest: 2, waiting: undefined } });
  });

  it.each([
    ['cannot be read', { exitCode: 1, error: 'no such file' }, 1, 'no such file'],
    ['says nothing', {}, 0, 'no tattoo in the guest'],
    [
      'is that of another version',
      { output: tattooFile({ ...tattooOf({ ...fixed, version: '1.5.9' }, id, at), os: 'x' }) },
      0,
      expect.stringContaining('1.5.9'),
    ],
  ])('fails when the tattoo %s', async (_, said, exitCode, output) => {
    const { made } = await on({ state: 'ready' }, { machine, builtAt: at }, { command: async () => result(said) });

    const tests = [{ name: 'tattoo', passed: false, exitCode, output }];
    expect(made).toEqual({ kind: 'again', ms: 0, data: { tests, nextTest: 1, waiting: undefined } });
  });

  it.each([
    ['is deleted before people are asked', 'ready', [['deleteTestMachine', fixed.place, machine]]],
    ['is not deleted twice', 'deleting', []],
  ])('its machine %s', async (_, state, asked) => {
    const done = await on({ state }, { machine, nextTest: 2, tests: [], contents: {} });
    expect(done.asked).toEqual(asked);
    const kept = {
      waiting: { what: 'deletion of the test machine', since: at },
      progress: 'deleting the test machine',
    };
    expect(done.made).toEqual({ kind: 'again', ms: seconds(15), data: kept });
  });

  const outcome = (name: string, exitCode: number, output: string, more = {}) => ({
    name,
    passed: false,
    exitCode,
    output,
    ...more,
  });
  it.each([
    ['what it said last', [outcome('a', 2, 'E: broken')], 'a', expect.stringContaining('broken')],
    ['that it said nothing', [outcome('a', 2, '')], 'a', 'a ended with exit code 2 and said nothing'],
    ['what was expected', [outcome('a', 0, 'bye\n(expected to read "hello")')], 'a', '(expected to read "hello")'],
    [
      'all that failed',
      [outcome('a', 2, 'E: x'), { ...outcome('ok', 0, ''), passed: true }, outcome('b', 1, '')],
      'a, b',
      expect.stringContaining('x'),
    ],
  ])('that failed needs people, and tells them %s', async (_, tests, what, error) => {
    const { made } = await on({ state: 'absent' }, { machine, nextTest: 2, tests });

    expect(made).toMatchObject({ kind: 'to', stage: 'repair' });
    expect(failureIn(made)).toMatchObject({ stage: 'test', what, error, remedy: expect.stringMatching(/./) });
  });

  it('tells the remedy that it knows, else the recipe', async () => {
    const known = await on(
      { state: 'absent' },
      { machine, nextTest: 2, tests: [outcome('a', 2, 'x', { remedy: 'Do this.' })] },
    );
    const unknown = await on({ state: 'absent' }, { machine, nextTest: 2, tests: [outcome('a', 2, 'x')] });

    expect(failureIn(known.made)?.remedy).toBe('Do this.');
    expect(failureIn(unknown.made)?.remedy).toBe('Fix the recipe in the catalogue (or the test), then rebuild.');
  });

  it('that passed is asked about, with what was tested', async () => {
    const data = {
      machine,
      nextTest: 2,
      tests: [{ ...outcome('a', 0, ''), passed: true }],
      candidate: fingerprintOf(candidate),
      contents: {},
    };
    const { made } = await on({ state: 'absent' }, data);

    expect(made).toEqual(moved('approve', { failure: undefined, tested: fingerprintOf(candidate) }));
  });
});

describe('the base of a plan', () => {
  const { version, ...image } = fixed.base;
  const look = (found: object | undefined, listed: readonly string[] = [version], request = {}) =>
    step(
      capture,
      {
        ...roomForAll,
        marketplaceVersion: async (...args: unknown[]) =>
          args[2] === version && JSON.stringify(args) === JSON.stringify(['westeurope', image, version])
            ? found
            : { version: args[2] },
        marketplaceVersions: async () => listed.map((one) => ({ version: one })),
      },
      { request },
    );

  it('is built from as long as it is offered; a newer one is noted', async () => {
    expect((await look({ version })).made).toEqual(moved('customise'));
    const newer = '22.04.202611200';
    expect((await look({ version }, [version, newer])).made).toEqual(moved('customise', { newerBase: newer }));
    expect((await look({ version }, [])).made).toEqual(moved('customise'));
  });

  it.each([
    [
      {},
      'Rebuild: the next attempt takes the newest base. If the catalogue names a version of its own, change that first.',
    ],
    [{ from: version }, 'Cancel, and publish again without `--from`: this run is bound to that base.'],
  ])('needs people when it is not offered any more, asked for with %j', async (request, remedy) => {
    expect(failureIn((await look(undefined, [], request)).made)).toEqual({
      ...{ stage: 'capture', what: `22_04-lts-gen2 ${version}`, tail: [], remedy },
      error: `The marketplace no longer offers 22_04-lts-gen2 ${version}.`,
    });
  });
});

describe('a run whose database is older than the gallery', () => {
  const tags = (run: string) => ({ 'goldbot-run': run, 'goldbot-published': '2026-11-02T09:30:00.000Z' });
  const published = (run: string = id) => aVersion('1.6.0', { tags: tags(run) });
  const from = (stage: Parameters<typeof step>[0], version: GalleryVersion, read: object, data: PublishData = {}) =>
    step(stage, { version: async () => version, ...read }, { data });
  const build = { build: async () => ({ state: 'absent' }) };
  const gone = { testMachine: async () => ({ state: 'absent' }) };

  it.each([
    ['does not build', customise, build, {}],
    ['does not call its template vanished', customise, build, { template }],
    ['does not hide', tattoo, {}, {}],
    ['orders no test machine for', testing, gone, {}],
    ['looks for no test machine of', testing, gone, { machine }],
  ] as const)('%s what it has published already, and tells people', async (_, stage, read, data) => {
    const { made, asked } = await from(stage, published(), read, data);

    expect(asked).toEqual([]);
    expect(made).toMatchObject({ kind: 'to', stage: 'repair', data: { exposed: true } });
    expect(failureIn(made)).toMatchObject({
      what: 'ubuntu-22 1.6.0',
      error:
        '1.6.0 is published already, since Mon 2 Nov, 09:30 UTC, and this run knows nothing of that: its records are older than the gallery, as after restoring the database from a copy.',
      remedy: expect.stringContaining('Cancel the run: 1.6.0 stays published.'),
    });
  });

  it.each([
    ['ends, as it has published what it does not know of', published(), [], 'cleanup'],
    ['is planned again after an attempt that it remembers', published(), ['1.6.0'], 'capture'],
    ['is planned where another run has published', published('R-33333'), [], 'capture'],
  ])('that has not come further than its plan %s', async (_, version, versionsTaken, stage) => {
    const nothing = async () => undefined;
    const deps = {
      versionsTaken: async () => [],
      medianBuildMs: nothing,
      waitedBefore: async () => [],
      publishedBefore: nothing,
      recorded: nothing,
    };
    const planning = plan({ ...deps, catalogue: exampleCatalogue } as unknown as PublishDeps);
    const definition = { name: 'ubuntu-22', os: 'Linux', state: 'Generalized', generation: 'V2', architecture: 'x64' };
    const bases = [{ version: '22.04.202611260' }];
    const read = {
      definition: async () => ({ ...definition, securityType: 'TrustedLaunchSupported' }),
      versions: async () => [version],
      marketplaceVersions: async () => bases,
      marketplaceVersion: async () => ({ ...bases[0], traits: { os: 'Linux', generation: 'V2', architecture: 'x64' } }),
    };
    const { made } = await step(planning, read, { data: { versionsTaken } });

    expect(made).toMatchObject({ kind: 'to', stage });
    const why =
      'this run has published ubuntu-22 1.6.0 already, and its records are older than that, as after restoring the database from a copy; 1.6.0 stays as it is, and nothing was built again';
    if (stage === 'cleanup') expect(made).toMatchObject({ data: { ending: { outcome: 'failed', why } } });
  });

  it('builds and hides as ever what another run, or nobody, has published', async () => {
    const hidden = (await from(tattoo, aVersion('1.6.0', { tags: { 'goldbot-run': id } }), {})).asked;
    expect(hidden).toMatchObject([['updateVersion', {}, '1.6.0', { excludedFromLatest: true }]]);
    expect((await from(customise, published('R-33333'), build)).asked[0]).toContain('startBuild');
  });
});

describe('the looks before a build', () => {
  const { version } = fixed.base;
  const stagingResourceGroup = '/subscriptions/s/resourceGroups/rg-staging';
  const azure = {
    ...roomForAll,
    groupState: async () => ({ location: 'westeurope', isEmpty: false }),
    marketplaceVersion: async () => ({ version }),
    marketplaceVersions: async () => [{ version }],
  };
  const plan = { ...fixed, buildSettings: { stagingResourceGroup } };

  it('stop a first attempt with all that is in the way, and know what the attempt before left', async () => {
    const { made } = await step(capture, azure, { plan });
    const { error, remedy, findings, tail } = failureIn(made) as Failure;
    expect(error).toBe('One thing would stop the build.');
    expect(remedy).toBe('Fix what is listed, then rebuild; nothing was made in Azure.');
    expect(findings?.map(({ why }) => why)).toEqual([
      `The staging group ${stagingResourceGroup} is not empty; Image Builder takes an empty one alone.`,
    ]);
    expect(tail.at(-1)).toMatch(/^ {2}az resource list /);
    expect(await step(capture, azure, { plan, attempt: 2 })).toMatchObject({ made: { stage: 'customise' } });
  });
});

describe('a run that needs repair', () => {
  const signal = (kind: 'rebuild' | 'cancel', body = {}): Signal => ({
    kind,
    by: { oid: 'g', name: 'Grace' },
    body,
    at: now,
  });
  const nothing = {};

  it('looks again in a day, or when its time is over', async () => {
    expect((await step(repair, nothing)).made).toEqual({ kind: 'again', ms: days(1) });
    const soon = { since: now, limit: { waitsFor: 'x', until: new Date(now.getTime() + 500), afterwards: 'y' } };
    const over = { ...soon, limit: { ...soon.limit, until: new Date(now.getTime() - 500) } };
    const context = contextOf('repair', {});
    const looks = async (inStage: typeof soon) => repair.run({ ...context, run: { ...context.run, inStage } });
    expect([await looks(soon), await looks(over)]).toEqual([
      { kind: 'again', ms: 501 },
      { kind: 'again', ms: 0 },
    ]);
  });

  it('is planned again as the next attempt, which sees nothing of this one but why it failed', async () => {
    const failure = { stage: 'test' as const, what: 'sshd', error: 'exit 1', tail: ['a'], remedy: 'r' };
    const data: PublishData = { failure, template: 't', rebuilds: [{ attempt: 2, by: 'Ada' }] as never, tests: [] };
    const { made } = await step(repair, nothing, {
      attempt: 2,
      data,
      inbox: [signal('rebuild', { note: 'fixed it' })],
    });

    const rebuild = {
      attempt: 3,
      by: 'Grace',
      note: 'fixed it',
      after: { stage: 'test', what: 'sshd', error: 'exit 1' },
    };
    expect(made).toMatchObject({ kind: 'to', stage: 'plan', attempt: 3 });
    const { rebuilds, times, ...fresh } = made['data'] as PublishData;
    expect([rebuilds, times]).toEqual([
      [{ attempt: 2, by: 'Ada' }, rebuild],
      [{ stage: 'plan', attempt: 3, from: at }],
    ]);
    expect(Object.keys(fresh).sort()).toEqual(
      'approvalId baseNews builtAt candidate certificate contents deciders exposed failure held hidden kept listing machine newerBase nextTest os override progress regions replaces seen selfUpgrading tattooHash template tested tests waiting written'.split(
        ' ',
      ),
    );
    expect(Object.values(fresh).filter((value) => value !== undefined)).toEqual([]);
  });

  it('does not need to know why', async () => {
    const { made } = await step(repair, nothing, { inbox: [signal('rebuild')] });
    const after = { stage: 'repair', what: 'the attempt', error: 'no error was kept' };
    expect((made['data'] as PublishData).rebuilds).toEqual([{ attempt: 2, by: 'Grace', after }]);
  });

  it.each([
    [{ reason: 'enough' }, 'enough'],
    [{}, 'no reason given'],
  ])('is cancelled with %j', async (body, why) => {
    const { made } = await step(repair, nothing, { inbox: [signal('cancel', body)] });
    expect(made).toEqual(moved('cleanup', { ending: { outcome: 'cancelled', why, by: 'Grace' } }));
    expect(cancelled(contextOf('repair', { inbox: [signal('rebuild')] }))).toBeUndefined();
  });
});

describe('the time of a stage', () => {
  it('ends where the next one begins, and what ended before stays', () => {
    const times = [
      { stage: 'plan' as const, attempt: 1, from: 'a', to: 'b' },
      { stage: 'capture' as const, attempt: 1, from: 'b' },
    ];
    const { data } = move(contextOf('capture', { data: { times } }), 'customise', { progress: 'x' }, 2);
    const after = [times[0], { ...times[1], to: at }, { stage: 'customise', attempt: 2, from: at }];
    expect(data).toEqual({ progress: 'x', waiting: undefined, times: after });
    expect(stageStart({ data: { times } })).toBe('b');
    expect([stageStart({ data: {} }), since(undefined, now), since(ago(5), now)]).toEqual([undefined, 0, 5]);
  });

  it('of a wait is that of the very thing', () => {
    const context = contextOf('test', { data: { waiting: { what: 'a', since: ago(50) } } });
    expect([waited(context, 'a'), waited(context, 'b'), waited(contextOf('test', {}), 'a')]).toEqual([50, 0, 0]);
    expect([waiting(context, 'a'), waiting(context, 'b')]).toEqual([
      { waiting: { what: 'a', since: ago(50) } },
      { waiting: { what: 'b', since: at } },
    ]);
  });
});

describe('a question that decides nothing', () => {
  const error = (code: 'AZ_SILENT' | 'AZ_FORBIDDEN' | 'FENCED') => new UserError(code, 'x', { hint: 'y' });
  it.each([
    ['Azure is silent', error('AZ_SILENT'), 3, false],
    ['Azure was silent for more than three tries', error('AZ_SILENT'), 4, true],
    ['Azure refuses', error('AZ_FORBIDDEN'), 0, true],
    ['the lease is over', error('FENCED'), 9, false],
    ['goldbot has a bug', new TypeError('x'), 9, false],
  ])('is left without an answer, or asked again: %s', async (_, thrown, tries, left) => {
    expect(keepsRefusing(thrown, tries)).toBe(left);
    const asked = informational(contextOf('approve', { tries }), () => Promise.reject(thrown));
    if (left) expect(await asked).toBeUndefined();
    else await expect(asked).rejects.toBe(thrown);
  });
});

it('a version that is gone after it was published ends the run, and one that is there is announced', async () => {
  const asBefore = { stages: ['publish', 'replicate'] };
  const gone = await step(replicate, { version: async () => undefined }, asBefore);
  const why = 'ubuntu-22 1.6.0 was published, and then somebody deleted it from the gallery';
  expect(gone.made).toEqual(moved('cleanup', { ending: { outcome: 'failed', why } }));
  const told = await step(announce, {});
  expect(told.made).toEqual(
    moved('cleanup', { ending: { outcome: 'published', why: 'ubuntu-22 1.6.0 is published' } }),
  );
});
