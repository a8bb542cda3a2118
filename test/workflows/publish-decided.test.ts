import type { GalleryVersion } from '../../core/azure';
import { UserError } from '../../core/errors';
import { fingerprintOf } from '../../core/images';
import { type Approval, type PublishData, planHash, testMachineName } from '../../core/runs';
import { days, hours, minutes, seconds } from '../../core/time';
import { approve } from '../../workflows/publish/approve';
import { handed, remove, soon, spacingMs, unread } from '../../workflows/publish/leftovers';
import { publish as publishUnless, replicate as replicateUnless } from '../../workflows/publish/publish';
import type { PublishContext } from '../../workflows/publish/stage';
import { test as testing } from '../../workflows/publish/test';
import { anApproval, aVersion, fixed } from '../dialogs/support/plan';
import { aRun, now } from '../dialogs/support/world';
import { exampleCatalogue } from '../support/catalogue';
import { unheld } from '../support/unheld';

const publish = publishUnless(unheld);
const replicate = replicateUnless(unheld);

/** What a publish does about a decision, about what stands in the place of its candidate, and about what it leaves. */
const id = 'R-22222' as const;
const at = now.toISOString();
const ago = (ms: number): string => new Date(now.getTime() - ms).toISOString();
const candidate = aVersion('1.6.0', { excludedFromLatest: true, source: '/a' });
const deciders = { size: 2, count: 2, ids: ['a', 'b'] };

interface Given {
  readonly data?: PublishData;
  readonly approval?: Approval | undefined;
  readonly version?: GalleryVersion | undefined;
  readonly read?: object;
  readonly write?: object;
  readonly stages?: readonly string[];
}

function contextOf(stage: string, given: Given) {
  const { data = {}, approval, read = {}, stages } = given;
  const version = 'version' in given ? given.version : candidate;
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
  const plan = { request: {}, approvalChannel: 'c', fixed };
  const run = aRun(id, { plan, planHash: planHash(fixed), stage, data, ...(stages && { stages }) });
  const reads = {
    version: async (_: unknown, number: string) =>
      number === '1.6.0' ? version : aVersion(number, { tags: { 'goldbot-published': 'then' } }),
    machinesByVersion: async () => new Map([['ubuntu-22', new Map([['1.5.0', 7]])]]),
    scaleSets: async () => ({ rows: [], asOf: now }),
    marketplaceVersion: async (_place: unknown, _image: unknown, number: string) => ({ version: number }),
    ...read,
  };
  return {
    asked,
    context: { run, inbox: [], approval, now, read: reads, write: given.write ?? write } as unknown as PublishContext,
  };
}
const asking = approve({
  deciders: async () => deciders as never,
  catalogue: exampleCatalogue,
  publishedBefore: async () => undefined,
  contents: async () => new Map(),
});
const decide = (given: Given) => asking.run(contextOf('approve', given).context);
const failureIn = (step: object) => (step as { data?: PublishData }).data?.failure;

describe('an open request whose version is published already: the database is older than the gallery', () => {
  const tags = { 'goldbot-run': id, 'goldbot-published': at };
  const pending = anApproval({ runId: id, planHash: planHash(fixed), status: 'pending', fingerprint: {} });

  it.each([
    ['by this run', tags, { exposed: true }],
    ['by another run', { ...tags, 'goldbot-run': 'R-33333' }, {}],
    ['by nobody', { 'goldbot-run': id }, {}],
  ])('published %s', async (_, given, kept) => {
    const step = await decide({ approval: pending, version: aVersion('1.6.0', { tags: given }) });
    const { exposed } = (step as { data: PublishData }).data;
    expect({ kind: step.kind, exposed }).toEqual({ kind: 'again', exposed: undefined, ...kept });
  });
});

describe('asking for approval', () => {
  const tested = fingerprintOf(candidate);
  const ask = {
    ...{
      kind: 'ask',
      rule: fixed.rule,
      ttlMs: fixed.approvalTtlMs,
      channel: 'c',
      fingerprint: tested,
      lookMs: hours(6),
    },
    data: { selfUpgrading: [], replaces: { machines: 7, publishedAt: 'then' }, tested, deciders },
  };

  it('tells what is asked about, what it replaces, and who can decide', async () => {
    expect(await decide({ data: { tested } })).toEqual(ask);
    expect(await decide({ data: { tested, deciders } as never })).toEqual({
      ...{ ...ask, data: { selfUpgrading: [], replaces: ask.data.replaces, tested } },
    });
    expect(await decide({ approval: anApproval({ planHash: 'other', status: 'approved' }) })).toEqual(ask);
  });

  it('does without what Azure refuses to tell', async () => {
    const refuse = async () => {
      throw new UserError('AZ_FORBIDDEN', 'x', { hint: 'y' });
    };
    const step = await decide({ read: { machinesByVersion: refuse, scaleSets: refuse } });
    expect(step).toMatchObject({ kind: 'ask', data: { replaces: { publishedAt: 'then' } } });
    expect(step).not.toHaveProperty(['data', 'replaces', 'machines']);
    const none = await decide({ read: { machinesByVersion: async () => new Map() } });
    expect(none.data?.replaces).toEqual({ machines: 0, publishedAt: 'then' });
  });

  it('asks nothing about what is gone', async () => {
    expect(failureIn(await decide({ version: undefined }))).toEqual({
      ...{ stage: 'approve', what: 'ubuntu-22 1.6.0', tail: [] },
      error: 'Somebody deleted the candidate from the gallery; nothing was published.',
      remedy: 'Rebuild: the next number is built, tested and put up for approval again.',
    });
  });

  const open = anApproval({ fingerprint: tested });
  it.each([
    ['in six hours', open, hours(6)],
    ['when it expires', { ...open, expiresAt: new Date(now.getTime() + 500) }, 500],
    ['at once', { ...open, expiresAt: new Date(now.getTime() - 500) }, 0],
  ])('looks at an open request again %s', async (_, approval, ms) => {
    expect(await decide({ approval })).toEqual({ kind: 'again', ms, data: { deciders } });
  });

  const decision = { oid: 'x', name: 'Grace', verdict: 'reject', reason: 'no', via: 'text', at: now } as const;
  it.each<[string, Partial<Approval>, string, string, string]>([
    [
      'a rejection',
      { status: 'rejected', decisions: [{ ...decision, verdict: 'approve', name: 'Ada' }, decision] },
      `${open.id} rejected by Grace`,
      'no',
      'Fix what was named, then rebuild.',
    ],
    [
      'one without a reason',
      { status: 'rejected', decisions: [{ ...decision, reason: null }] },
      `${open.id} rejected by Grace`,
      'no reason given',
      'Fix what was named, then rebuild.',
    ],
    [
      'one without a name',
      { status: 'rejected' },
      `${open.id} rejected by an approver`,
      'no reason given',
      'Fix what was named, then rebuild.',
    ],
    [
      'a request taken back',
      { status: 'withdrawn', closed: { at: now, by: 'Ada', why: 'later' } },
      `${open.id} withdrawn by Ada`,
      'later',
      'Rebuild to ask again with a new version, or cancel.',
    ],
    [
      'one by nobody',
      { status: 'withdrawn' },
      `${open.id} withdrawn by its requester`,
      'no reason given',
      'Rebuild to ask again with a new version, or cancel.',
    ],
    [
      'a void one',
      { status: 'void' },
      `${open.id} void`,
      `The approval request ${open.id} does not stand any more.`,
      'Rebuild to ask again with a new version, or cancel.',
    ],
  ])('tells people of %s', async (_, change, what, error, remedy) => {
    const step = await decide({ approval: { ...open, ...change } });
    expect(failureIn(step)).toEqual({ stage: 'approve', what, error, tail: [], remedy });
    expect(step).toMatchObject({ kind: 'to', stage: 'repair', why: `${what}: ${error}` });
  });

  it('goes on with an approval, remembers which, and asks anew when it is too old or bound to nothing', async () => {
    const approved = { ...open, status: 'approved' as const };
    expect(await decide({ approval: approved })).toMatchObject({
      kind: 'to',
      stage: 'replicate',
      data: { approvalId: open.id },
    });
    const { fingerprint: _, ...unbound } = approved;
    expect(await decide({ approval: unbound })).toMatchObject({ kind: 'ask', voids: { why: 'unbound' } });
    const old = { ...approved, askedAt: new Date(now.getTime() - days(2)), expiresAt: now };
    expect(await decide({ approval: old })).toMatchObject({ kind: 'ask', voids: { why: 'outlived' } });
    expect(await decide({ approval: { ...open, status: 'expired' } })).toMatchObject({
      kind: 'to',
      stage: 'cleanup',
      data: { ending: { outcome: 'expired' } },
    });
  });
});

describe('a base that is withdrawn after the build', () => {
  const data = { tested: fingerprintOf(candidate) };
  const approved = anApproval({
    status: 'approved',
    fingerprint: data.tested,
    decisions: [{ oid: 'g', name: 'Grace', verdict: 'approve', reason: null, via: 'card', at: now }],
  });
  const gone = { marketplaceVersion: async () => undefined };
  const deprecated = {
    marketplaceVersion: async (_: unknown, __: unknown, version: string) => ({
      version,
      deprecation: { state: 'Deprecated' },
    }),
  };
  const news = { why: 'withdrawn', said: expect.stringMatching(/no longer offers 22_04-lts-gen2/) };

  it('is told to those who are asked, and stops nothing by itself', async () => {
    expect(await decide({ data, read: gone })).toMatchObject({ kind: 'ask', data: { baseNews: news } });
    expect(await decide({ data, read: deprecated })).toMatchObject({
      data: { baseNews: { said: expect.stringContaining('Canonical has deprecated') } },
    });
    expect((await decide({ data })).data).not.toHaveProperty('baseNews.why');
    const forbidden = async () => {
      throw new UserError('AZ_FORBIDDEN', 'x', { hint: 'y' });
    };
    expect(await decide({ data, read: { marketplaceVersion: forbidden } })).toMatchObject({ kind: 'ask' });
  });

  it('is decided about anew when those who approved did not know, and published when they did', async () => {
    const anew = await decide({ data, approval: approved, read: gone });
    expect(anew).toMatchObject({ kind: 'ask', voids: { why: 'base', news }, data: { baseNews: news } });
    const told = { ...data, baseNews: (anew.data as PublishData).baseNews as NonNullable<PublishData['baseNews']> };
    expect(await decide({ data: told, approval: approved, read: gone })).toMatchObject({ stage: 'replicate' });

    const publishing = async (given: PublishData, read: object) => {
      const { context } = contextOf('publish', { data: given, approval: approved, read });
      const step = await publish.run(context);
      return step?.kind === 'to' ? step.stage : step?.kind;
    };
    expect(await publishing(data, gone)).toBe('approve');
    expect(await publishing(told, gone)).toBe('again');
    expect(await publishing(data, {})).toBe('again');
    // Somebody else deprecates it besides: that is another thing to know.
    expect(await publishing(told, deprecated)).toBe('approve');
  });
});

describe('what stands in the place of an approved candidate', () => {
  const approval = anApproval({
    status: 'approved',
    fingerprint: fingerprintOf(candidate),
    decisions: [{ oid: 'g', name: 'G', verdict: 'approve', reason: null, via: 'text', at: now }],
  });
  const other = aVersion('1.6.0', { source: '/b' });
  const look = async (version: GalleryVersion, data: PublishData = {}) => {
    const { context, asked } = contextOf('publish', { approval, version, data });
    return { step: await publish.run(context), asked };
  };
  const progress = '1.6.0 is not what was tested: goldbot hides it from latest';

  it.each([
    [
      'while Azure is at work on it',
      { provisioningState: 'Updating' },
      {},
      { waiting: { what: 'hide', since: at }, progress },
      [],
    ],
    [
      'for half an hour',
      { provisioningState: 'Updating' },
      { waiting: { what: 'hide', since: ago(minutes(30)) } },
      { waiting: { what: 'hide', since: ago(minutes(30)) }, progress },
      [],
    ],
    [
      'and then hides it all the same',
      { provisioningState: 'Updating' },
      { waiting: { what: 'hide', since: ago(minutes(30) + 1) } },
      { hidden: true, progress },
      ['hide'],
    ],
    ['and hides it at once', {}, {}, { hidden: true, progress }, ['hide']],
    ['and hides it when it failed', { provisioningState: 'Failed' }, {}, { hidden: true, progress }, ['hide']],
  ] as const)('waits %s', async (_, version, data, kept, hides) => {
    const { step, asked } = await look({ ...other, ...version } as GalleryVersion, data);
    expect(step).toEqual({ kind: 'again', ms: seconds(20), data: kept });
    expect(asked).toEqual(hides.map(() => ['updateVersion', fixed.target, '1.6.0', { excludedFromLatest: true }]));
  });

  it.each([
    ['was hidden by goldbot', other, { hidden: true }, true],
    ['was never latest', { ...other, excludedFromLatest: true }, {}, false],
  ])('is lost for good when it %s, and people are told', async (_, version, data, said) => {
    const { step, asked } = await look(version, data);
    expect([step.kind, asked]).toEqual(['to', []]);
    expect(failureIn(step)?.error).toMatch(
      /^Somebody changed the version after it was tested, so nothing was published: ./,
    );
    expect(failureIn(step)?.remedy?.startsWith('It was latest meanwhile; goldbot has excluded it. Ask who')).toBe(said);
    expect(failureIn(step)?.tail).not.toEqual([]);
    expect(step).toMatchObject({ voids: { why: 'changed', differences: [expect.any(Object)] } });
  });

  it('is nothing: the request is void, and its card says what is missing', async () => {
    const { context } = contextOf('publish', { approval, version: undefined });
    expect(await publish.run(context)).toMatchObject({
      ...{
        kind: 'to',
        stage: 'repair',
        voids: { why: 'changed', differences: [{ part: 'the version', was: 'in the gallery' }] },
      },
      data: { failure: { error: 'Somebody deleted the approved candidate from the gallery; nothing was published.' } },
    });
  });
});

describe('copying to its regions what was published before', () => {
  const region = (name: string, state: string) => ({
    name,
    state,
    progress: 10,
    replicas: 1,
    excludedFromLatest: false,
  });
  it.each([
    ['one is under way', ['Completed', 'Replicating'], 'Succeeded', '1 of 2 regions'],
    ['Azure is still updating', ['Completed', 'Completed'], 'Updating', '2 of 2 regions'],
    ['none is known yet', [], 'Succeeded', '0 of 2 regions'],
  ])('goes on while %s', async (_, states, provisioningState, progress) => {
    const regions = states.map((state, i) => region(['West Europe', 'northeurope'][i] ?? '', state));
    const version = { ...candidate, regions, provisioningState } as GalleryVersion;
    const step = await replicate.run(contextOf('replicate', { version, stages: ['publish', 'replicate'] }).context);
    const shown = regions.map(({ name, state }) => ({
      ...{ name, state, progress: 10 },
      ...(state === 'Completed' && { completedAt: now.toISOString() }),
    }));
    expect(step).toEqual({
      kind: 'again',
      ms: expect.any(Number),
      data: { regions: shown, progress, looking: expect.objectContaining({ what: 'regions', state: 'copying' }) },
    });
  });
});

describe('a test that does not end', () => {
  const machine = testMachineName(id, 1);
  const late = { since: new Date(now.getTime() - days(1)) };
  const passed = { name: 'sshd', passed: true, exitCode: 0, output: '' };
  const over = (data: PublishData, error?: string, write?: object) => {
    const { limit } = testing;
    if (limit === 'at once') throw new Error('it has no limit');
    const { context, asked } = contextOf('test', { data, ...(write && { write }) });
    return limit.past(context, { ...late, ...(error && { error }) }).then((step) => ({ step, asked }));
  };
  const left = {
    kind: 'machine',
    name: machine,
    runId: id,
    dueAt: now,
    place: { place: fixed.place, target: fixed.target },
  };

  it('keeps the verdict that stands, and leaves the machine to the reaper', async () => {
    const tests = [passed];
    const data = {
      tests,
      nextTest: 2,
      waiting: { what: 'deletion of the test machine', since: ago(5) },
      handed: ['x'],
    };
    const { step, asked } = await over(data);
    expect(step).toMatchObject({ kind: 'to', stage: 'approve', data: { tests, nextTest: 2, handed: ['x', machine] } });
    expect(step?.leftovers).toMatchObject([{ ...left, since: new Date(ago(5)), answer: 'Azure is deleting it' }]);
    expect(asked).toEqual([]);
  });

  it('has failed when nothing is known, and its machine is to be deleted', async () => {
    const { step, asked } = await over({ tests: [passed], nextTest: 1 });
    expect(step).toMatchObject({
      kind: 'to',
      stage: 'repair',
      data: {
        nextTest: 2,
        tests: [
          passed,
          {
            name: 'machine',
            passed: false,
            exitCode: -1,
            output: expect.stringMatching(/^goldbot has waited for the test machine since /),
          },
        ],
      },
    });
    expect(step?.leftovers).toMatchObject([{ ...left, since: now, answer: 'Azure was asked to delete it' }]);
    expect(asked).toEqual([['deleteTestMachine', fixed.place, machine]]);
  });

  it('has failed when what passed cannot be looked at once more', async () => {
    const { step } = await over({ tests: [passed], nextTest: 2 }, 'Azure is silent');
    expect(step).toMatchObject({
      kind: 'to',
      stage: 'repair',
      data: { tests: [passed, { output: expect.stringContaining('Azure is silent') }] },
    });
    const failed = await over({ tests: [{ ...passed, passed: false }], nextTest: 2 }, 'Azure is silent');
    expect(failed.step).toMatchObject({
      stage: 'repair',
      data: { tests: [{ name: 'sshd' }] },
      leftovers: [{ answer: 'Azure is silent' }],
    });
  });

  it('says what Azure says when it would not delete the machine; a lost lease is nobody’s answer', async () => {
    const refusing = (error: Error) => ({ deleteTestMachine: () => Promise.reject(error) });
    const { step } = await over({}, undefined, refusing(new UserError('AZ_CONFLICT', 'Locked.', { hint: 'x' })));
    expect(step?.leftovers).toMatchObject([{ answer: 'Locked.' }]);
    for (const error of [new UserError('FENCED', 'over', { hint: 'x' }), new Error('bug')])
      await expect(over({}, undefined, refusing(error))).rejects.toBe(error);
  });
});

describe('deleting what a run left', () => {
  const places = { place: fixed.place, target: fixed.target };
  const thing = (kind: 'template' | 'machine' | 'version') => ({
    id: '/x',
    kind,
    name: kind === 'version' ? 'ubuntu-22@1.6.0' : 'x',
    runId: id,
  });
  const take = async (kind: 'template' | 'machine' | 'version', state: object, insist = false) => {
    const asked: unknown[] = [];
    const write = new Proxy(
      {},
      {
        get:
          (_, name) =>
          async (...args: unknown[]) =>
            void asked.push([name, args[1]]),
      },
    );
    const read = { build: async () => state, testMachine: async () => state, version: async () => state };
    return [await remove({ read, write } as never, places, thing(kind), insist), asked];
  };
  const was = 'Azure was asked to delete it';
  const copying = 'Azure is still changing it or copying it to its regions';

  it.each([
    [
      'template',
      { state: 'running' },
      false,
      true,
      'Image Builder was asked to cancel its build',
      [['cancelBuild', 'x']],
    ],
    [
      'template',
      { state: 'running' },
      true,
      true,
      'Image Builder was asked to cancel its build',
      [['cancelBuild', 'x']],
    ],
    ['template', { state: 'cancelling' }, false, false, 'Image Builder is cancelling its build', []],
    ['template', { state: 'provisioning' }, false, false, 'Image Builder is still preparing it', []],
    ['template', { state: 'deleting' }, false, false, 'Azure is deleting it', []],
    [
      'template',
      { state: 'deleting' },
      true,
      true,
      'Azure is deleting it, and was asked again',
      [['deleteTemplate', 'x']],
    ],
    ['template', { state: 'succeeded' }, false, true, was, [['deleteTemplate', 'x']]],
    ['template', { state: 'failed', code: 'x', message: 'y' }, false, true, was, [['deleteTemplate', 'x']]],
    [
      'template',
      { state: 'failed', code: 'SubnetInUse', message: 'Held.' },
      false,
      true,
      'Azure cannot delete its staging group until somebody removes what holds it (Held), and was asked again',
      [['deleteTemplate', 'x']],
    ],
    [
      'template',
      { state: 'failed', code: 'x', message: 'The assigned managed identity cannot be used' },
      false,
      true,
      'Azure cannot delete it until somebody gives it an identity that exists, with “az image builder identity assign” (The assigned managed identity cannot be used), and was asked again',
      [['deleteTemplate', 'x']],
    ],
    ['machine', { state: 'ready' }, false, true, was, [['deleteTestMachine', 'x']]],
    ['machine', { state: 'deleting' }, false, false, 'Azure is deleting it', []],
    ['version', { provisioningState: 'Succeeded' }, false, true, was, [['deleteVersion', '1.6.0']]],
    ['version', { provisioningState: 'Deleting' }, false, false, 'Azure is deleting it', []],
    ['version', { provisioningState: 'Updating' }, false, false, copying, []],
    [
      'version',
      { provisioningState: 'Updating' },
      true,
      true,
      `${copying}, and was asked again`,
      [['deleteVersion', '1.6.0']],
    ],
    [
      'version',
      { provisioningState: 'Deleting' },
      true,
      true,
      'Azure is deleting it, and was asked again',
      [['deleteVersion', '1.6.0']],
    ],
  ] as const)('a %s that is %j, insisting %s', async (kind, state, insist, asked, said, writes) => {
    expect(await take(kind, state, insist)).toEqual([{ asked, said }, writes]);
  });

  it('is looked at in 10 minutes, 20, 40, and at last once a day', () => {
    expect([0, 1, 2, 7, 8, 60].map((looks) => spacingMs(looks) / minutes(1))).toEqual([
      10, 20, 40, 1_280, 1_440, 1_440,
    ]);
    expect(soon(now)).toEqual(new Date(now.getTime() + minutes(10)));
  });

  it('is handed over with where to look for it, also when Azure did not tell what it is', () => {
    const told = { since: now, answer: 'x', dueAt: now };
    expect(handed({ id: '/a', kind: 'template', name: 'a', runId: id }, { ...places, more: 1 } as never, told)).toEqual(
      {
        ...{ id: '/a', kind: 'template', name: 'a', runId: id, place: places, ...told },
      },
    );
    expect(unread(id, places, now, 'x')).toEqual({
      ...{ id: `unread ${id}`, kind: 'unread', name: `whatever ${id} made in rg`, runId: id, place: places, ...told },
    });
  });
});
