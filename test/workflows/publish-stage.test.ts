import type { GalleryVersion, RegionStatus, VersionChange } from '../../core/azure';
import { UserError } from '../../core/errors';
import { fingerprintOf, tattooFile, versionTags } from '../../core/images';
import { type Approval, type FixedPlan, type PublishData, planHash } from '../../core/runs';
import { publishStages, replicatesFirst } from '../../core/runs/publish';
import type { PublishedBefore } from '../../core/schedule';
import { hours } from '../../core/time';
import { listedBy, takenBy } from '../../workflows/engine';
import { publishWorkflow } from '../../workflows/publish';
import { approve } from '../../workflows/publish/approve';
import { customise as customiseUnless, tattoo } from '../../workflows/publish/build';
import { certificateOf } from '../../workflows/publish/certificate';
import { repair } from '../../workflows/publish/plan';
import { age, publish as publishUnless, replicate as replicateUnless } from '../../workflows/publish/publish';
import type { PlannedContext, PublishContext } from '../../workflows/publish/stage';
import { test as testing } from '../../workflows/publish/test';
import { anApproval, aVersion, fixed } from '../dialogs/support/plan';
import { aRun, now } from '../dialogs/support/world';
import { exampleCatalogue } from '../support/catalogue';
import { unheld } from '../support/unheld';

const customise = customiseUnless(unheld);
const publish = publishUnless(unheld);
const replicate = replicateUnless(unheld);

/** What one step does with what Azure says: it reads first, and writes at most once. */
interface Given {
  readonly versions: readonly GalleryVersion[];
  readonly plan?: FixedPlan;
  readonly data?: PublishData;
  readonly approval?: Approval;
  readonly stage?: string;
  readonly stages?: readonly string[];
  readonly inbox?: readonly object[];
}

const decided = new Date(now.getTime() - 60_000);
const approvedFor = (version: GalleryVersion, plan: FixedPlan = fixed, at = decided): Approval =>
  anApproval({
    planHash: planHash(plan),
    status: 'approved',
    fingerprint: fingerprintOf(version),
    decisions: [{ oid: 'g', name: 'Grace', verdict: 'approve', reason: null, via: 'text', at }],
  });

function contextOf({ versions, plan = fixed, data = {}, approval, stage = 'publish', stages, inbox = [] }: Given) {
  const written: (VersionChange & { version: string })[] = [];
  const run = aRun('R-22222', {
    plan: { request: {}, approvalChannel: 'a', fixed: plan },
    ...{ planHash: planHash(plan), stage, data, ...(stages && { stages }) },
  });
  const read = {
    version: async (_: unknown, number: string) => versions.find((v) => v.version === number),
    versions: async () => versions,
    scaleSets: async () => ({ rows: [], asOf: new Date(0) }),
    machinesByVersion: async () => new Map(),
    marketplaceVersion: async (_place: unknown, _image: unknown, version: string) => ({ version }),
  };
  const write = {
    updateVersion: async (_: unknown, version: string, change: VersionChange) => {
      written.push({ version, ...change });
    },
  };
  return { context: { run, inbox, approval, now, read, write } as unknown as PublishContext, written };
}

const hidden = aVersion('1.6.0', { excludedFromLatest: true, source: '/a' });
const endless: FixedPlan = { ...fixed, endOfLife: null };
/** As it is once all of the plan stands on it. */
const exposed = (at: Date): GalleryVersion => ({
  ...hidden,
  excludedFromLatest: false,
  endOfLife: new Date(fixed.endOfLife ?? 0),
  blockDeletionBeforeEndOfLife: true,
  regions: fixed.regions.map((r) => ({ ...r, state: 'Completed', progress: 100, excludedFromLatest: false })),
  tags: { ...hidden.tags, [versionTags.published]: at.toISOString() },
});

/** The order of runs that began before regions were filled first. */
const asBefore = publishStages
  .filter((stage) => stage !== 'replicate')
  .flatMap((stage) => (stage === 'publish' ? [stage, 'replicate'] : [stage]));

/** What the gallery says of a version's regions. */
const region = (name: string, state: RegionStatus['state']): RegionStatus => ({
  ...{ name, replicas: 1, state, progress: 50, excludedFromLatest: false },
});

it('a new run lists more than the stages, so that a replica of the order before leaves it alone', () => {
  const listed = listedBy(publishWorkflow({} as never) as never);
  expect(listed).toEqual([...publishStages, 'replicate before publish']);
  expect(replicatesFirst({ stages: listed })).toBe(true);
  expect(replicatesFirst({ stages: asBefore })).toBe(false);
});

describe('publishing', () => {
  const step = async (given: Omit<Given, 'approval'> & { approval?: Approval }) => {
    const approval = given.approval ?? approvedFor(hidden, given.plan);
    const { digest } = statementOn({ ...given, approval });
    const { context, written } = contextOf({
      ...{ ...given, approval, versions: given.versions.map((version) => certified(version, digest)) },
      data: { certificate: digest, ...given.data },
    });
    return { step: await publish.run(context), written };
  };

  /** What goldbot states about the version, whoever reads it. */
  function statementOn(given: Given & { readonly approval: Approval }) {
    const { plan = fixed } = given;
    const stated = certificateOf({ ...contextOf(given).context, plan } as PlannedContext, given.approval, hidden);
    if (!stated) throw new Error('it carries no tattoo');
    return stated;
  }

  const certified = (version: GalleryVersion, digest: string): GalleryVersion =>
    version.tags[versionTags.published] === undefined
      ? version
      : { ...version, tags: { ...version.tags, [versionTags.certificate]: digest } };

  it('states what it publishes before it exposes anything, and names the statement with the flag', async () => {
    const given = { versions: [hidden], approval: approvedFor(hidden) };
    const certificate = statementOn(given);
    const first = contextOf(given);
    expect(await publish.run(first.context)).toEqual({
      ...{ kind: 'again', ms: 0, certificate },
      data: { certificate: certificate.digest },
    });
    expect(first.written).toEqual([]);
    const second = contextOf({ ...given, data: { certificate: certificate.digest } });
    await publish.run(second.context);
    expect(second.written).toMatchObject([
      { excludedFromLatest: false, tags: { [versionTags.certificate]: certificate.digest } },
    ]);
    const other = contextOf({ ...given, data: { certificate: 'of another decision' } });
    expect(await publish.run(other.context)).toMatchObject({ certificate });
  });

  it('sets all that the plan says, and moves on when all of it was read back', async () => {
    const first = await step({ versions: [hidden] });
    expect(first.step).toMatchObject({ kind: 'again', data: { written: { what: 'publish 1.6.0', times: 1 } } });
    expect(first.written).toEqual([
      {
        version: '1.6.0',
        excludedFromLatest: false,
        endOfLife: new Date(fixed.endOfLife ?? 0),
        blockDeletionBeforeEndOfLife: true,
        tags: {
          [versionTags.published]: now.toISOString(),
          [versionTags.certificate]: statementOn({ versions: [], approval: approvedFor(hidden) }).digest,
        },
      },
    ]);
    const second = await step({ versions: [exposed(now)] });
    expect(second.written).toEqual([]);
    const copies = fixed.regions.map(({ name }) => ({ name, state: 'Completed', progress: 100 }));
    expect(second.step).toMatchObject({
      ...{ kind: 'to', stage: 'age' },
      data: { publishedAt: now.toISOString(), regions: copies },
    });
  });

  it('in a run of before sets the regions as well, and replicates then', async () => {
    const first = await step({ versions: [hidden], stages: asBefore });
    expect(first.written).toMatchObject([{ excludedFromLatest: false, regions: fixed.regions }]);
    const short = { ...exposed(now), regions: exposed(now).regions.slice(0, 1) };
    const once = { written: { what: 'publish 1.6.0', times: 1 } };
    expect((await step({ versions: [short], stages: asBefore, data: once })).written).toHaveLength(1);
    const twice = { written: { what: 'publish 1.6.0', times: 2 } };
    expect((await step({ versions: [short], stages: asBefore, data: twice })).step).toMatchObject({
      ...{ kind: 'to', stage: 'repair' },
      data: { failure: { error: expect.stringMatching(/no copy in North Europe/) } },
    });
    const second = await step({ versions: [{ ...exposed(now), provisioningState: 'Updating' }], stages: asBefore });
    expect(second.step).toMatchObject({ kind: 'to', stage: 'replicate', data: { publishedAt: now.toISOString() } });
  });

  it.each([
    [0, 'again'],
    [hours(1), 'again'],
    [hours(1) + 1, 'to'],
  ])('is over once the gallery has finished, or after an hour: %d ms', async (ms, kind) => {
    const versions: GalleryVersion[] = [{ ...exposed(now), provisioningState: 'Updating' }];
    const waiting = { what: 'exposure', since: new Date(now.getTime() - ms).toISOString() };
    const { step: next, written } = await step({ versions, data: { waiting } });
    expect([next.kind, written]).toEqual([kind, []]);
  });

  it('is not held up by a region that failed before: only its own change may make it fail', async () => {
    const regions = exposed(now).regions.map((r, i) => ({ ...r, state: i === 0 ? 'Completed' : 'Failed' }) as const);
    const versions: GalleryVersion[] = [{ ...hidden, provisioningState: 'Failed', regions }];
    expect((await step({ versions })).written).toMatchObject([{ excludedFromLatest: false }]);
    const asked = await step({ versions, data: { written: { what: 'publish 1.6.0', times: 1 } } });
    expect([asked.step, asked.written]).toMatchObject([{ kind: 'to', stage: 'repair' }, []]);
    const whole: GalleryVersion[] = [{ ...hidden, provisioningState: 'Failed' }];
    expect((await step({ versions: whole })).step).toMatchObject({ kind: 'to', stage: 'repair' });
    expect((await step({ versions, stages: asBefore })).step).toMatchObject({ kind: 'to', stage: 'repair' });
  });

  it.each<[string, Partial<GalleryVersion>, RegExp]>([
    ['hidden', { excludedFromLatest: true }, /still excluded from latest/],
    [
      'hidden in one region',
      { regions: exposed(now).regions.map((r, i) => ({ ...r, excludedFromLatest: i === 1 })) },
      /still excluded from latest in North Europe/,
    ],
  ])('does not call published what Azure left %s: it asks twice, then people', async (_, left, why) => {
    const versions = [{ ...exposed(now), ...left }];
    const once = { written: { what: 'publish 1.6.0', times: 1 } };
    expect((await step({ versions, data: once })).written).toHaveLength(1);
    const { step: last, written } = await step({ versions, data: { written: { what: 'publish 1.6.0', times: 2 } } });
    expect(written).toEqual([]);
    expect(last).toMatchObject({
      kind: 'to',
      stage: 'repair',
      data: { failure: { error: expect.stringMatching(why) } },
    });
  });

  it.each<[string, Partial<GalleryVersion>, string]>([
    ['another end of life', { endOfLife: new Date(0) }, 'its end of life is 1 Jan 1970 instead of 23 May 2027'],
    ['unprotected', { blockDeletionBeforeEndOfLife: false }, 'it can be deleted before its end of life'],
    ['untagged', { tags: hidden.tags }, 'its tag goldbot-published is missing instead of 2026-11-23T09:00:00.000Z'],
  ])('goes on with what is public although Azure left it %s, and says so', async (_, left, clause) => {
    const versions = [{ ...exposed(now), ...left }];
    const { step: last, written } = await step({ versions, data: { written: { what: 'publish 1.6.0', times: 2 } } });
    expect(written).toEqual([]);
    expect(last).toMatchObject({ kind: 'to', stage: 'age', data: { kept: expect.arrayContaining([clause]) } });
  });

  it.each<[string, Partial<GalleryVersion>, true | undefined, RegExp]>([
    ['hidden', { excludedFromLatest: true }, undefined, /still excluded from latest\.$/],
    [
      'hidden in one region',
      { regions: exposed(now).regions.map((r, i) => ({ ...r, excludedFromLatest: i === 1 })) },
      true,
      /still excluded from latest in North Europe\. Elsewhere it is public already\.$/,
    ],
    [
      'failed, and public',
      { provisioningState: 'Failed', endOfLife: new Date(0) },
      true,
      /is Failed\. 1\.6\.0 is public all the same\.$/,
    ],
    [
      'failed, and hidden',
      { provisioningState: 'Failed', excludedFromLatest: true },
      undefined,
      /Nothing was published/,
    ],
  ])('knows in repair what is public: %s', async (_, left, isExposed, error) => {
    const versions = [{ ...exposed(now), ...left }];
    const { step: last } = await step({ versions, data: { written: { what: 'publish 1.6.0', times: 2 } } });
    expect(last).toMatchObject({ stage: 'repair', data: { failure: { error: expect.stringMatching(error) } } });
    expect((last as { readonly data?: PublishData }).data?.exposed).toBe(isExposed);
  });

  it.each([
    [true, 'typo; 1.6.0 is public already and stays that way'],
    [undefined, 'typo'],
  ])('is not taken back by cancelling what needs repair: exposed %s', async (isExposed, why) => {
    const inbox = [{ kind: 'cancel', by: { name: 'Ada' }, body: { reason: 'typo' } }];
    const data = isExposed ? { exposed: isExposed } : {};
    const { context } = contextOf({ versions: [], stage: 'repair', inbox, data });
    expect(await repair.run(context)).toMatchObject({
      ...{ kind: 'to', stage: 'cleanup' },
      data: { ending: { outcome: 'cancelled', why, by: 'Ada' } },
    });
  });

  it('is content when Azure only keeps an end of life that the plan has not, and says so', async () => {
    const kept = { ...exposed(now), blockDeletionBeforeEndOfLife: false };
    const given = { versions: [kept], plan: endless };
    expect((await step(given)).written).toMatchObject([{ endOfLife: null }]);
    const { step: last } = await step({ ...given, data: { written: { what: 'publish 1.6.0', times: 2 } } });
    expect(last).toMatchObject({
      stage: 'age',
      data: { kept: ['its end of life is 23 May 2027 instead of none'] },
    });
  });

  it('blocks no deletion without an end of life: that would be for ever', async () => {
    const [written] = (await step({ versions: [hidden], plan: endless })).written;
    expect(written).toMatchObject({ endOfLife: null, blockDeletionBeforeEndOfLife: false });
  });

  it.each<[string, Partial<Given> & { hash?: string }]>([
    ['no request', {}],
    ['an open request', { approval: { ...approvedFor(hidden), status: 'pending' } }],
    ['a void request', { approval: { ...approvedFor(hidden), status: 'void' } }],
    ['a request of another plan', { approval: { ...approvedFor(hidden), planHash: 'another' } }],
    ['a plan that was altered under its hash', { approval: approvedFor(hidden), hash: planHash(fixed), plan: endless }],
  ])('publishes nothing by %s', async (_, { hash, ...given }) => {
    const { context, written } = contextOf({ versions: [hidden], ...given });
    const altered = { ...context, run: { ...context.run, planHash: hash ?? context.run.planHash } };
    expect(await publish.run(altered)).toMatchObject({
      ...{ kind: 'to', stage: 'cleanup' },
      data: { ending: { outcome: 'failed', why: 'the approval does not cover this plan; nothing was published' } },
    });
    expect(written).toEqual([]);
  });

  it('believes no date of publication that is older than the decision', async () => {
    const before = new Date(decided.getTime() - 1);
    expect((await step({ versions: [exposed(before)] })).written).toHaveLength(1);
    expect((await step({ versions: [exposed(decided)] })).written).toEqual([]);
  });

  it('waits while Azure is at work on the version', async () => {
    const { step: next, written } = await step({ versions: [{ ...hidden, provisioningState: 'Updating' }] });
    expect(next).toMatchObject({ kind: 'again' });
    expect(written).toEqual([]);
  });

  it.each([
    [0, 'approve'],
    [1, undefined],
  ])('uses a decision until its request would have expired: %i ms left', async (leftMs, stage) => {
    const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
    const open = { askedAt: ago(100), expiresAt: ago(40) };
    const approval = { ...approvedFor(hidden, fixed, new Date(ago(60).getTime() + leftMs)), ...open };
    const { step: next, written } = await step({ versions: [hidden], approval });
    expect(next).toMatchObject(stage ? { kind: 'to', stage } : { kind: 'again' });
    expect(written).toHaveLength(stage ? 0 : 1);
  });

  it('hides once what stands in the place of what was approved, and voids the request', async () => {
    const evil = { ...hidden, source: '/b', excludedFromLatest: false };
    const first = await step({ versions: [evil] });
    expect(first.written).toEqual([{ version: '1.6.0', excludedFromLatest: true }]);
    for (const given of [
      { versions: [evil], data: { hidden: true } },
      { versions: [{ ...evil, excludedFromLatest: true }] },
    ]) {
      const { step: next, written } = await step(given);
      expect(written).toEqual([]);
      expect(next).toMatchObject({
        ...{ kind: 'to', stage: 'repair' },
        voids: { why: 'changed', differences: [{ part: 'source', was: '/a', is: '/b' }] },
      });
    }
  });

  it('voids the request when the version is gone', async () => {
    expect((await step({ versions: [] })).step).toMatchObject({
      ...{ kind: 'to', stage: 'repair', voids: { why: 'changed' } },
      data: { failure: { error: 'Somebody deleted the approved candidate from the gallery; nothing was published.' } },
    });
  });
});

describe('testing', () => {
  const passed = fixed.tests.map(({ name }) => ({ name, passed: true, exitCode: 0, output: '' }));
  const step = async (version: GalleryVersion | undefined, data: PublishData) => {
    const { context, written } = contextOf({ versions: version ? [version] : [], data, stage: 'test' });
    const ordered: string[] = [];
    const machines = {
      read: { ...context.read, testMachine: async () => ({ state: 'absent' }) },
      write: { createTestMachine: async (_: unknown, name: string) => void ordered.push(name) },
    };
    return { step: await testing.run({ ...context, ...machines } as never), ordered, written };
  };
  const before = { candidate: fingerprintOf(hidden), tests: [], nextTest: 0 };
  const after = { ...before, tests: passed, nextTest: passed.length + 1, contents: {} };
  const evil = { ...hidden, tags: { ...hidden.tags, 'goldbot-recipe': 'another' } };

  it('orders no machine from another object than the one that was built', async () => {
    const given = await step(evil, before);
    expect(given.ordered).toEqual([]);
    expect(given.step).toMatchObject({
      ...{ kind: 'to', stage: 'repair' },
      data: { failure: { stage: 'test', tail: [expect.stringMatching(/^tag goldbot-recipe: .* → another$/)] } },
    });
    expect((await step(hidden, before)).ordered).toHaveLength(1);
  });

  it('passes no object that was changed meanwhile, and keeps the fingerprint of the one that passed', async () => {
    const given = await step(evil, after);
    expect(given.step).toMatchObject({
      ...{ kind: 'to', stage: 'repair' },
      data: { failure: { error: expect.stringMatching(/^Somebody changed the version while it was tested, /) } },
    });
    expect((await step(undefined, after)).step).toMatchObject({ stage: 'repair' });
    const { step: next } = await step(hidden, after);
    expect(next).toMatchObject({ kind: 'to', stage: 'approve', data: { tested: fingerprintOf(hidden) } });
  });

  it('takes what there is in a run of before there were fingerprints', async () => {
    const { candidate: _, ...old } = after;
    expect((await step(hidden, old)).step).toMatchObject({ stage: 'approve', data: { tested: fingerprintOf(hidden) } });
  });
});

const contents = async () => new Map();
const publishedBefore = async (): Promise<PublishedBefore | undefined> => undefined;

describe('asking for approval', () => {
  const deciders = () => Promise.reject(new UserError('DIRECTORY_SILENT', 'Silence.', { hint: 'Later.' }));
  const step = (given: Omit<Given, 'stage'>) =>
    approve({ deciders, catalogue: exampleCatalogue, contents, publishedBefore }).run(
      contextOf({ ...given, stage: 'approve' }).context,
    );

  it('asks nothing about another object than the one that was tested', async () => {
    const data = { tested: fingerprintOf(hidden) };
    expect(await step({ versions: [hidden], data })).toMatchObject({ kind: 'ask', fingerprint: data.tested });
    expect(await step({ versions: [{ ...hidden, source: '/b' }], data })).toMatchObject({ stage: 'repair' });
    expect(await step({ versions: [], data })).toMatchObject({ stage: 'repair' });
  });

  it('asks more people about what is special, and tells what was loosened', async () => {
    const risky = { ...fixed, rule: { ...fixed.rule, risks: [{ when: ['changed-guard'] as const, quorum: 3 }] } };
    const before = { ...risky, rule: { ...risky.rule, quorum: 2 }, version: '1.5.0' };
    const asked = (published: FixedPlan) =>
      approve({
        ...{ deciders, catalogue: exampleCatalogue, contents },
        publishedBefore: async () => ({ fixed: published, publishedAt: now }),
      }).run(contextOf({ versions: [hidden], plan: risky, stage: 'approve' }).context);

    expect(await asked(before)).toMatchObject({
      rule: { quorum: 3, because: ['changed-guard'] },
      data: { guard: ['quorum 2 → 1'] },
    });
    expect(await asked({ ...risky, version: '1.5.0' })).toMatchObject({ rule: risky.rule, data: { guard: undefined } });
  });

  it.each<[string, Partial<Approval>, object]>([
    ['open', { status: 'pending', decisions: [] }, { kind: 'again' }],
    ['approved', {}, { kind: 'to', stage: 'replicate' }],
  ])('asks again what is %s and bound to no object', async (_, change, bound) => {
    const { fingerprint, ...unbound } = { ...approvedFor(hidden), ...change };
    expect(await step({ versions: [hidden], approval: unbound })).toMatchObject({
      kind: 'ask',
      voids: { why: 'unbound' },
    });
    expect(
      await step({ versions: [hidden], approval: { ...unbound, ...(fingerprint && { fingerprint }) } }),
    ).toMatchObject(bound);
  });
});

describe('replicating', () => {
  const places = (states: readonly RegionStatus['state'][], change: Partial<GalleryVersion> = {}): GalleryVersion => ({
    ...hidden,
    regions: fixed.regions.map(({ name, replicas }, i) => ({ ...region(name, states[i] ?? 'Unknown'), replicas })),
    ...change,
  });
  const step = async (versions: readonly GalleryVersion[], given: Partial<Given> = {}) => {
    const approval = approvedFor(hidden);
    const { context, written } = contextOf({ versions, approval, stage: 'replicate', ...given });
    return { step: await replicate.run(context), written };
  };

  it('adds the regions while the version stays hidden, twice at most, and then people must look', async () => {
    const first = await step([hidden]);
    expect(first.written).toEqual([{ version: '1.6.0', regions: fixed.regions }]);
    expect(first.step).toMatchObject({ kind: 'again', data: { written: { what: 'replicate 1.6.0', times: 1 } } });
    expect((await step([{ ...hidden, provisioningState: 'Updating' }])).written).toEqual([]);
    const refused = await step([hidden], { data: { written: { what: 'replicate 1.6.0', times: 2 } } });
    expect(refused.written).toEqual([]);
    expect(refused.step).toMatchObject({
      ...{ kind: 'to', stage: 'repair' },
      data: { failure: { stage: 'replicate', error: expect.stringMatching(/has no copy in North Europe/) } },
    });
  });

  it.each<[RegionStatus['state'], RegionStatus['state'], GalleryVersion['provisioningState'], string]>([
    ['Completed', 'Replicating', 'Updating', 'again'],
    ['Completed', 'Unknown', 'Succeeded', 'again'],
    ['Completed', 'Completed', 'Updating', 'again'],
    ['Completed', 'Completed', 'Succeeded', 'publish'],
    ['Completed', 'Failed', 'Failed', 'publish'],
    ['Failed', 'Failed', 'Failed', 'repair'],
  ])('with %s, %s and %s goes on to: %s', async (home, other, provisioningState, next) => {
    const { step: made, written } = await step([places([home, other], { provisioningState })]);
    expect([made.kind === 'to' ? made.stage : made.kind, written]).toEqual([next, []]);
    expect(made.data?.regions).toMatchObject([{ state: home }, { state: other }]);
  });

  it('says why when no region has it', async () => {
    const reason = { state: 'Failed', details: 'No room.' } as const;
    const failed = places(['Failed', 'Failed']).regions.map((r) => ({ ...r, ...reason }));
    expect((await step([places([], { regions: failed, provisioningState: 'Failed' })])).step.data?.failure).toEqual({
      ...{ stage: 'replicate', what: 'ubuntu-22 1.6.0', tail: ['West Europe: No room.', 'North Europe: No room.'] },
      error: 'Azure could not copy the version to any of its regions: West Europe: No room.',
      remedy: 'Look at the regions of the version in the Azure portal, then rebuild.',
    });
  });

  it('copies nothing without the approval of this plan, and nothing that is gone', async () => {
    const other = { ...approvedFor(hidden), planHash: 'another' };
    const uncovered = await step([hidden], { approval: other });
    expect(uncovered.written).toEqual([]);
    expect(uncovered.step).toMatchObject({ stage: 'cleanup', data: { ending: { outcome: 'failed' } } });
    expect((await step([])).step).toMatchObject({
      ...{ kind: 'to', stage: 'repair', voids: { why: 'changed' } },
      data: { failure: { error: 'Somebody deleted the approved candidate from the gallery; nothing was published.' } },
    });
  });

  it('copies nothing that was put in the place of what was approved, and hides it where it is public', async () => {
    const other = { ...hidden, source: '/galleries/evil/images/x/versions/1.0.0' };
    const excluded = await step([other]);
    expect(excluded.written).toEqual([]);
    expect(excluded.step).toMatchObject({ stage: 'repair', voids: { why: 'changed' } });
    const open = await step([{ ...other, excludedFromLatest: false }]);
    expect(open.written).toEqual([{ version: '1.6.0', excludedFromLatest: true }]);
    expect(open.step).toMatchObject({ kind: 'again', data: { hidden: true } });
  });

  it('is cancelled until the version is published, and not in a run of before', async () => {
    const cancel = { kind: 'cancel', by: { name: 'Ada' }, body: { reason: 'wrong week' } };
    const { step: made, written } = await step([hidden], { inbox: [cancel] });
    expect(written).toEqual([]);
    expect(made).toMatchObject({ stage: 'cleanup', data: { ending: { outcome: 'cancelled', why: 'wrong week' } } });
    const takes = (stages: readonly string[]) => takenBy(replicate, { stage: 'replicate', stages, plan: fixed });
    expect([takes(publishStages), takes(asBefore)]).toEqual([['cancel'], []]);
  });

  it.each([
    [[region('West Europe', 'Completed'), region('North Europe', 'Replicating')], 'again', '1 of 2 regions'],
    [[region('West Europe', 'Completed'), region('North Europe', 'Failed')], 'to', undefined],
    [[region('West Europe', 'Completed'), region('North Europe', 'Unknown')], 'again', '1 of 2 regions'],
    [
      [
        ...[region('West Europe', 'Completed'), region('North Europe', 'Completed')],
        region('Japan East', 'Replicating'),
      ],
      ...['to', undefined],
    ],
  ])(
    'in a run of before waits for the regions of the plan, not for those that others added',
    async (regions, kind, progress) => {
      const { step: made, written } = await step([{ ...exposed(now), regions }], { stages: asBefore });
      expect([made.kind, made.data?.progress, written]).toEqual([kind, progress, []]);
      if (made.kind === 'to') expect(made.stage).toBe('age');
    },
  );
});

describe('ageing', () => {
  const older = aVersion('1.5.0', { tags: {} });
  const versions = [older, { ...exposed(now), version: '1.6.0' }];
  const step = async (data: PublishData) => {
    const { context, written } = contextOf({ versions, data, stage: 'age' });
    return { step: await age.run(context), written };
  };

  it('goes on without a version whose tags Azure accepts and does not write, and says which', async () => {
    expect((await step({})).written).toMatchObject([{ version: '1.5.0', tags: { 'goldbot-state': 'aged' } }]);
    const given = await step({ aged: ['1.5.0'], written: { what: 'age 1.5.0', times: 2 } });
    expect(given.step).toMatchObject({ kind: 'again', data: { unmarked: ['1.5.0'], aged: [] } });
    expect((await step({ unmarked: ['1.5.0'] })).step).toMatchObject({
      ...{ kind: 'to', stage: 'announce' },
      data: { ageTrouble: 'Azure accepted the tags of 1.5.0 and did not write them.' },
    });
  });

  const aged = (version: string, end?: Date): GalleryVersion =>
    aVersion(version, {
      tags: { 'goldbot-state': 'aged', 'goldbot-replaced-by': '1.6.0' },
      ...(end && { endOfLife: end }),
    });
  it.each<[string, readonly GalleryVersion[], string | undefined]>([
    ['as many as are kept', [aged('1.3.0'), aged('1.4.0'), aged('1.5.0')], undefined],
    ['one more', [aged('1.2.0'), aged('1.3.0'), aged('1.4.0'), aged('1.5.0')], '1.2.0'],
    ['one more, which ends by itself', [aged('1.2.0', now), aged('1.3.0'), aged('1.4.0'), aged('1.5.0')], '1.3.0'],
  ])(
    'proposes to discontinue the oldest when there are more than the catalogue keeps: %s',
    async (_, before, oldest) => {
      const { context } = contextOf({ versions: [...before, { ...exposed(now), version: '1.6.0' }], stage: 'age' });
      const step = await age.run(context);
      expect(step).toMatchObject({ kind: 'to', stage: 'announce' });
      expect(step.data).toEqual(expect.objectContaining(oldest ? { discontinue: oldest } : {}));
      if (!oldest) expect(step.data).not.toHaveProperty('discontinue');
    },
  );
});

describe('building', () => {
  const step = async (build: object, log?: string) => {
    const { context } = contextOf({ versions: [], stage: 'customise', data: { template: 't' } });
    const read = { build: async () => build, buildLog: async () => log };
    return customise.run({ ...context, read } as never);
  };

  it.each([
    ['Queued', 'waiting for a build machine'],
    ['Building', 'starting the build machine'],
    ['Customizing', 'customising'],
    ['Optimizing', 'optimising'],
    ['Validating', 'validating inside the build'],
    ['Distributing', 'copying the image into the gallery'],
    ['Dreaming', 'Dreaming'],
  ])('tells of %s what is being done', async (subState, progress) => {
    expect(await step({ state: 'running', subState })).toMatchObject({ kind: 'again', data: { progress } });
  });

  it('needs people when somebody cancelled it in Azure', async () => {
    expect(await step({ state: 'canceled' })).toMatchObject({
      ...{ kind: 'to', stage: 'repair' },
      data: {
        failure: {
          error: expect.stringMatching(/^The build ubuntu-22-1-6-0-a1-\w+ was cancelled in Azure, not by goldbot\.$/),
          remedy: 'Rebuild to start again.',
        },
      },
    });
  });

  it('tells of an image that could not be handed on what Image Builder says, and nothing of the log', async () => {
    const message = 'Failed in distributing 1 images out of total 1: {context deadline exceeded}';
    const log = "    azure-arm: could not find it\nBuild 'azure-arm' finished after 6 minutes.";
    expect(await step({ state: 'failed', code: 'RunFailed', message }, log)).toMatchObject({
      ...{ kind: 'to', stage: 'repair' },
      data: {
        failure: {
          ...{ stage: 'customise', what: 'the build', error: message, tail: [] },
          remedy:
            'The image was built, but copying it into the gallery took longer than a build may. Raise `buildTimeoutMinutes`, then rebuild.',
        },
      },
    });
  });

  it.each<[GalleryVersion['provisioningState'], object]>([
    ['Creating', { kind: 'again', data: { progress: 'the gallery says Creating' } }],
    [
      'Failed',
      {
        stage: 'repair',
        data: {
          failure: { error: 'The gallery could not make ubuntu-22 1.6.0: its provisioning state is Failed.' },
        },
      },
    ],
    ['Succeeded', { kind: 'again', data: { progress: 'writing the tattoo into the tags' } }],
  ])('looks at a candidate that the gallery calls %s', async (provisioningState, expected) => {
    const versions = [aVersion('1.6.0', { tags: {}, excludedFromLatest: true, provisioningState })];
    const { context, written } = contextOf({ versions, stage: 'tattoo' });
    expect(await tattoo.run(context)).toMatchObject(expected);
    expect(written).toHaveLength(provisioningState === 'Succeeded' ? 1 : 0);
  });

  it('is no stage of a run without a plan', async () => {
    const { context } = contextOf({ versions: [], stage: 'customise' });
    const planless = { ...context.run, plan: { ...context.run.plan, fixed: null } };
    await expect(customise.run({ ...context, run: planless })).rejects.toThrow(
      'R-22222 is in customise without a plan',
    );
  });
});

describe('after the machine has read its tattoo', () => {
  it('writes the OS that only the machine knows into the tags of the version', async () => {
    const { context, written } = contextOf({
      versions: [hidden],
      stage: 'test',
      data: { machine: 'gbt-22222-a1', builtAt: 'b' },
    });
    const { image, version, base, recipeHash: recipe } = fixed;
    const source = [base.publisher, base.offer, base.sku, base.version].join(':');
    const inside = tattooFile({
      schema: '1',
      image,
      version,
      source,
      os: 'Ubuntu 22.04.5',
      built: 'b',
      run: 'R-22222',
      recipe,
    });
    const read = {
      ...context.read,
      testMachine: async () => ({ state: 'ready' }),
      command: async () => ({ state: 'done', exitCode: 0, output: inside, error: '' }),
    };
    const step = await testing.run({ ...context, read } as never);
    expect(step).toMatchObject({ kind: 'again', data: { progress: 'writing the OS into the tags' } });
    expect(written).toMatchObject([{ version: '1.6.0', tags: { 'goldbot-os': 'Ubuntu 22.04.5' } }]);
  });
});

describe('what stopped an attempt', () => {
  const deciders = async () => ({ state: 'some' }) as never;
  const step = (change: Partial<Approval>) => {
    const approval = { ...approvedFor(hidden), ...change };
    const { context } = contextOf({ versions: [hidden], stage: 'approve', approval });
    return approve({ deciders, catalogue: exampleCatalogue, contents, publishedBefore }).run(context);
  };
  const grace = {
    oid: 'g',
    name: 'Grace',
    verdict: 'reject',
    reason: 'sshd is open',
    via: 'text',
    at: decided,
  } as const;

  it.each<[Partial<Approval>, { what: string; error: string; remedy?: string }]>([
    [
      { status: 'rejected', decisions: [grace] },
      {
        what: 'R-99999 rejected by Grace',
        error: 'sshd is open',
        remedy: 'Fix what was named, then rebuild.',
      },
    ],
    [
      { status: 'void', decisions: [] },
      { what: 'R-99999 void', error: 'The approval request R-99999 does not stand any more.' },
    ],
    [
      { status: 'withdrawn', decisions: [], closed: { at: decided, by: 'Ada', why: 'wrong base' } },
      {
        what: 'R-99999 withdrawn by Ada',
        error: 'wrong base',
        remedy: 'Rebuild to ask again with a new version, or cancel.',
      },
    ],
  ])('a request that is %j', async (change, failure) => {
    expect(await step(change)).toMatchObject({
      ...{ stage: 'repair', why: `${failure.what}: ${failure.error}` },
      data: { failure: { stage: 'approve', ...failure } },
    });
  });

  it('is told by the next one, also when it was not kept', async () => {
    const inbox = [{ kind: 'rebuild', by: { name: 'Ada' }, body: { note: 'mended' } }] as never;
    const told = async (data: PublishData) => {
      const { context } = contextOf({ versions: [], stage: 'repair', data });
      const next = await repair.run({ ...context, inbox });
      return next.kind === 'to' ? [next.stage, next.attempt, next.data?.rebuilds?.at(-1)] : next;
    };
    const failure = { stage: 'test', what: 'sshd', error: 'inactive', tail: [] } as const;
    const rebuild = { attempt: 2, by: 'Ada', note: 'mended' };
    const { tail: _, ...kept } = failure;
    expect(await told({ failure })).toEqual(['plan', 2, { ...rebuild, after: kept }]);
    const unknown = { stage: 'repair', what: 'the attempt', error: 'no error was kept' };
    expect(await told({})).toEqual(['plan', 2, { ...rebuild, after: unknown }]);
  });
});
