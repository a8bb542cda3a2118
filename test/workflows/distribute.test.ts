import type { Build, GalleryVersion, Output, OutputTarget } from '../../core/azure';
import { UserError } from '../../core/errors';
import { fingerprintOf } from '../../core/images';
import {
  type Distribution,
  distributionName,
  type Failure,
  type FixedPlan,
  type PublishData,
  planHash,
  type Signal,
  stageAfter,
} from '../../core/runs';
import { hours, minutes } from '../../core/time';
import { publishWorkflow } from '../../workflows/publish';
import { distribute } from '../../workflows/publish/distribute';
import { repair } from '../../workflows/publish/plan';
import type { PublishContext, PublishLimit, PublishStageDefinition } from '../../workflows/publish/stage';
import { aVersion, fixed } from '../dialogs/support/plan';
import { aRun, now } from '../dialogs/support/world';

/** What one step makes of what Azure says about outputs: it reads first, and writes at most once. */
const id = 'R-22222' as const;
const managed: OutputTarget = {
  kind: 'managed-image',
  place: '/subscriptions/s/resourceGroups/rg-out/providers/Microsoft.Compute/images/ubuntu-22-1.6.0',
};
const vhd: OutputTarget = { kind: 'vhd', place: 'https://out.blob.core.windows.net/vhds/ubuntu-22-1.6.0.vhd' };
const plan: FixedPlan = { ...fixed, outputs: [managed, vhd] };
const version = aVersion('1.6.0', {
  source: '/a',
  tags: { 'goldbot-run': id, 'goldbot-version': '1.6.0', theirs: 'x' },
});
const template = distributionName(plan, 1, id);
const begun: Distribution = { attempt: 1, template, ordered: [managed.place, vhd.place] };
const ready = (runId?: string): Output => ({ state: 'ready', ...(runId !== undefined && { runId }) });
const lacks: Failure = { stage: 'distribute', what: 'VHD ubuntu-22-1.6.0.vhd', error: 'It was refused.', tail: [] };

interface Given {
  readonly build?: Build;
  readonly versions?: readonly GalleryVersion[];
  /** What stands where, by place. */
  readonly there?: Readonly<Record<string, Output>>;
  readonly distributed?: readonly string[];
  readonly data?: PublishData;
  readonly stage?: string;
  readonly inbox?: readonly Partial<Signal>[];
}

function contextOf(given: Given) {
  const { build = { state: 'absent' }, versions = [version], there = {}, distributed = [], data = {} } = given;
  const asked: [string, unknown[]][] = [];
  const read = {
    build: async () => build,
    buildLog: async () => undefined,
    version: async (_: unknown, number: string) => versions.find((v) => v.version === number),
    output: async ({ place }: OutputTarget) => there[place],
    distributed: async () => distributed,
  };
  const write = new Proxy(
    {},
    {
      get:
        (_, name) =>
        async (...args: unknown[]) =>
          void asked.push([String(name), args]),
    },
  );
  const run = aRun(id, {
    ...{ plan: { request: {}, approvalChannel: 'a', fixed: plan }, planHash: planHash(plan) },
    ...{ stage: given.stage ?? 'distribute', data: { tested: fingerprintOf(version), publishedAt: 'then', ...data } },
  });
  const inbox = given.inbox ?? [];
  return { context: { run, inbox, approval: undefined, now, read, write } as unknown as PublishContext, asked };
}

async function step(given: Given, stage: PublishStageDefinition = distribute) {
  const { context, asked } = contextOf(given);
  const made = (await stage.run(context)) as unknown as { stage?: string; data: PublishData };
  return { made, asked };
}

it('orders one template of the version by its exact number, with the tattoo and without the size of the build’s disk', async () => {
  const sized = { ...plan, buildSettings: { osDiskSizeGiB: 64, tags: { cost: 'images' } } };
  const { context, asked } = contextOf({});
  const run = { ...context.run, plan: { ...context.run.plan, fixed: sized } };
  const made = await distribute.run({ ...context, run } as PublishContext);
  expect(made).toMatchObject({ kind: 'again' });
  expect(asked).toMatchObject([
    [
      'startDistribution',
      [
        plan.place,
        distributionName(sized, 1, id),
        {
          ...{ source: { definition: 'ubuntu-22', version: '1.6.0' }, outputs: [managed, vhd] },
          ...{ settings: { tags: { cost: 'images' } }, tags: { 'goldbot-run': id } },
          artifactTags: { 'goldbot-run': id, 'goldbot-version': '1.6.0' },
        },
      ],
    ],
  ]);
  const [, [, , spec]] = asked[0] as [string, { artifactTags: object; settings: object }[]];
  expect(spec?.artifactTags).not.toHaveProperty('theirs');
  expect(spec?.settings).not.toHaveProperty('osDiskSizeGiB');
});

describe('nothing is overwritten', () => {
  const taken: readonly (readonly [string, Given['there'], RegExp])[] = [
    [
      'a managed image of another run',
      { [managed.place]: ready('R-33333') },
      /images\/ubuntu-22-1.6.0 already \(the run R-33333 made it\)/,
    ],
    ['a managed image of nobody’s', { [managed.place]: ready() }, /already \(goldbot did not make it\)/],
    ['a VHD', { [vhd.place]: ready() }, /ubuntu-22-1.6.0.vhd already \(goldbot did not make it\)/],
  ];
  it.each(taken)('%s is left alone', async (_, there, error) => {
    const { made, asked } = await step({ there: there ?? {} });
    expect(made).toMatchObject({ kind: 'to', stage: 'repair', data: { failure: { stage: 'distribute' } } });
    expect(made.data.failure?.error).toMatch(error);
    expect(asked).toEqual([]);
  });

  it('but what the run has begun itself is made again', async () => {
    const before = { ...begun, template: 'of before', attempt: 2 };
    const { asked } = await step({ there: { [vhd.place]: ready() }, data: { distribution: before } });
    expect(asked.map(([name]) => name)).toEqual(['startDistribution']);
  });

  it('nor what its tags call the run’s own, though nobody has seen it at work', async () => {
    const { asked } = await step({ there: { [managed.place]: ready(id) } });
    expect(asked.map(([name]) => name)).toEqual(['startDistribution']);
  });

  it('and what was seen at work was ordered, even if the step that ordered it was never written', async () => {
    const { made } = await step({ build: { state: 'provisioning' } });
    expect(made.data.distribution).toEqual(begun);
  });
});

it('a container that is not there is told at once, not asked for over hours', async () => {
  const { context, asked } = contextOf({});
  const missing = new UserError('AZ_NOT_FOUND', 'The container does not exist.', { hint: 'Check the names.' });
  const read = { ...context.read, output: () => Promise.reject(missing) };
  const made = await distribute.run({ ...context, read } as unknown as PublishContext);
  expect(made).toMatchObject({
    stage: 'repair',
    data: {
      failure: {
        error: expect.stringContaining('its container does not exist'),
        remedy: expect.stringContaining('az storage container create'),
      },
    },
  });
  expect(asked).toEqual([]);
});

describe('outputs are of what was approved', () => {
  const replaced = { ...version, source: '/b' };
  it.each<[string, Given['versions'], RegExp]>([
    ['deleted', [], /deleted ubuntu-22 1.6.0 from the gallery after it was published: there is nothing to make/],
    [
      'replaced',
      [replaced],
      /changed ubuntu-22 1.6.0 after it was published, so nothing is made of it: source: \/a → \/b/,
    ],
  ])('nothing is made of a version that somebody has %s', async (_, versions, error) => {
    const ordering = await step({ versions: versions ?? [] });
    expect(ordering.asked).toEqual([]);
    expect(ordering.made.data.failure?.error).toMatch(error);
    expect(ordering.made.data.failure?.remedy).toContain('Cancel to end the run without the outputs');
    const there = { [managed.place]: ready(id), [vhd.place]: ready() };
    const late = {
      versions: versions ?? [],
      there,
      distributed: [managed.place, vhd.place],
      data: { distribution: begun },
    };
    const ended = await step({ build: { state: 'succeeded' }, ...late });
    expect(ended.made.stage).toBe('repair');
    expect(ended.made.data.distribution?.made).toBeUndefined();
  });
});

describe('what Image Builder says it has made', () => {
  const built: Build = { state: 'succeeded' };
  const all = [managed.place.toUpperCase(), vhd.place];
  const kept = { distribution: begun };

  it('counts once Azure shows it', async () => {
    const there = { [managed.place]: ready(id), [vhd.place]: ready() };
    const { made } = await step({ build: built, distributed: all, there, data: kept });
    expect(made).toMatchObject({ kind: 'to', stage: 'announce' });
    expect(made.data.distribution?.made).toEqual([managed, vhd].map(({ place }) => ({ place, at: now.toISOString() })));
  });

  it.each<[string, Given['there'], readonly string[], string]>([
    [
      'is still being made',
      { [managed.place]: { state: 'making', runId: id }, [vhd.place]: ready() },
      all,
      'managed image',
    ],
    ['is not there', { [managed.place]: ready(id) }, all, 'VHD'],
    ['is of another run', { [managed.place]: ready('R-33333'), [vhd.place]: ready() }, all, 'managed image'],
    ['it does not name', { [managed.place]: ready(id), [vhd.place]: ready() }, [managed.place], 'VHD'],
  ])('and %s is waited for, and then needs repair', async (_, there = {}, distributed, missing) => {
    const given = { build: built, there, distributed };
    const first = await step({ ...given, data: kept });
    expect(first.made).toMatchObject({ kind: 'again', data: { waiting: { what: 'outputs' } } });
    const since = new Date(now.getTime() - minutes(6)).toISOString();
    const { made } = await step({ ...given, data: { ...kept, waiting: { what: 'outputs', since } } });
    expect(made.stage).toBe('repair');
    expect(made.data.failure?.error).toMatch(`Image Builder reported success, but there is no ${missing}`);
    expect(made.data.distribution?.made).toHaveLength(1);
  });

  it('of one that failed the other counts, and only the first error is told', async () => {
    const message = `Deployment failed. Correlation ID: 1. Failed in distributing 1 images out of total 2: {[Error 0] [Distribute 1] Error publishing VHD to ${vhd.place}. Error: Copying the disk failed: StatusCode=404, ErrorCode=ContainerNotFound, ErrorMessage=none}`;
    const there = { [managed.place]: ready(id) };
    const failed: Build = { state: 'failed', code: 'x', message };
    const { made } = await step({ build: failed, there, distributed: [managed.place], data: kept });
    expect(made.data.distribution?.made).toMatchObject([{ place: managed.place }]);
    expect(made.data.failure).toMatchObject({
      what: 'VHD ubuntu-22-1.6.0.vhd',
      error: expect.stringMatching(/^Failed in distributing 1 images/),
      remedy:
        'Create the container that azure.yaml names under `outputs` (`az storage container create`), then rebuild.',
    });
  });
});

describe('in repair, with the version published', () => {
  const data = { failure: lacks, distribution: { ...begun, made: [{ place: managed.place, at: 'then' }] } };
  const ada = { oid: 'a', name: 'Ada' };

  it('a rebuild makes what is missing by another template, in the same attempt of the run', async () => {
    const { made } = await step({ stage: 'repair', data, inbox: [{ kind: 'rebuild', by: ada, body: {} }] }, repair);
    expect(made).toMatchObject({ kind: 'to', stage: 'distribute', attempt: 1 });
    expect(made.data.distribution).toEqual({ ...data.distribution, template: undefined, attempt: 2 });
    const next = await step({ data: made.data });
    expect(next.asked).toMatchObject([
      ['startDistribution', [plan.place, distributionName(plan, 2, id), { outputs: [vhd] }]],
    ]);
  });

  it('a cancel ends it as published, and says what there is not and who ended it', async () => {
    const cancel = { kind: 'cancel', by: ada, body: { reason: 'no need' } } as const;
    const { made } = await step({ stage: 'repair', data, inbox: [cancel] }, repair);
    expect(made.stage).toBe('cleanup');
    expect(made.data.ending).toEqual({
      ...{ outcome: 'published', by: 'Ada' },
      why: 'published without the VHD ubuntu-22-1.6.0.vhd: Ada ended the run: no need',
    });
    expect(made.data.distribution?.missing).toBe('It was refused. Ada ended the run: no need');
  });

  it('so does the end of the wait', async () => {
    const { context } = contextOf({ stage: 'repair', data });
    const made = (await (repair.limit as PublishLimit).past(context, { since: now } as never)) as { data: PublishData };
    expect(made.data.ending?.outcome).toBe('published');
    expect(made.data.distribution?.missing).toContain('nobody rebuilt or cancelled it within 14 days');
  });
});

it('a template that hangs is cancelled by its own name, and people are asked', async () => {
  const { context, asked } = contextOf({ data: { template: 'of the build', distribution: begun } });
  const late = { since: new Date(now.getTime() - hours(8)) };
  const made = (await (distribute.limit as PublishLimit).past(context, late as never)) as {
    stage: string;
    data: PublishData;
  };
  expect(asked).toEqual([['cancelBuild', [plan.place, template]]]);
  expect(made).toMatchObject({ stage: 'repair', data: { failure: { stage: 'distribute', what: 'the outputs' } } });
});

describe('which runs distribute', () => {
  const listed = publishWorkflow({} as never).stages.map(({ name }) => name);
  const run = (of: FixedPlan, stages: readonly string[]) => ({
    stages,
    plan: { request: {}, approvalChannel: 'a', fixed: of },
  });

  it('those that began with the stage and whose plan says so', () => {
    expect(stageAfter('age', run(plan, listed))).toBe('distribute');
    expect(stageAfter('age', run(fixed, listed))).toBe('announce');
    expect(
      stageAfter(
        'age',
        run(
          plan,
          listed.filter((name) => name !== 'distribute'),
        ),
      ),
    ).toBe('announce');
  });
});
