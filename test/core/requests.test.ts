import { contentsGapReason } from '../../core/contents';
import { type InQuestion, remarks, riskClause, riskClauses, risksOf, sealOf, sharedCardOf } from '../../core/requests';
import type { FixedPlan, PublishPlan, PublishRun } from '../../core/runs';
import { anApproval, fixed } from '../dialogs/support/plan';
import { aRun } from '../dialogs/support/world';

const passed = { name: 'sshd', passed: true, exitCode: 0, output: '' };
const contents = { changes: { packages: { changed: 41, added: 0, removed: 0 }, top: [], lists: {} } };
const before: FixedPlan = {
  ...fixed,
  version: '1.5.0',
  previousVersion: '1.4.0',
  endOfLife: '2027-04-21T00:00:00.000Z',
  base: { ...fixed.base, version: '22.04.202610080' },
};

const ofGallery = (version: string) => ({ kind: 'imageVersion' as const, image: fixed.target, version });

interface Change {
  readonly plan?: Partial<FixedPlan>;
  readonly data?: PublishRun['data'];
  readonly attempt?: number;
  readonly asked?: Partial<InQuestion>;
}

function inQuestion({ plan = {}, data = {}, attempt = 1, asked = {} }: Change): InQuestion {
  const now = { ...fixed, ...plan };
  const run = aRun('R-22222', {
    plan: { request: {}, approvalChannel: 'a', fixed: now },
    data: { tests: [passed], contents, selfUpgrading: ['payments/vmss-api'], ...data },
    attempt,
  });
  const approval = anApproval({ fingerprint: { source: 's' } as never });
  return { approval, run, fixed: now, before, rejected: [], ...asked };
}

const { previousVersion: _none, ...firstOnes } = fixed;
const cases: readonly [string, Change, string][] = [
  [
    'is the first of its image',
    { plan: { ...firstOnes, previousVersion: null }, asked: { before: undefined } },
    'It is the first of its image.',
  ],
  [
    'replaces what goldbot did not make',
    { asked: { before: undefined } },
    'goldbot did not make 1.5.0, so nothing can be compared.',
  ],
  ['has another recipe', { plan: { recipeHash: 'd'.repeat(64) } }, 'Its recipe has changed since 1.5.0.'],
  [
    'says itself that it replaces another recipe',
    { plan: { previousRecipeHash: 'd'.repeat(64) } },
    'Its recipe has changed since 1.5.0.',
  ],
  ['has other tests', { plan: { tests: [] } }, 'Its tests have changed since 1.5.0.'],
  [
    'goes to another region',
    { plan: { regions: [{ name: 'West Europe', replicas: 3 }] } },
    'Its regions have changed since 1.5.0.',
  ],
  [
    'has another output',
    { plan: { outputs: [{ kind: 'vhd', place: 'https://a/vhds/b.vhd' } as never] } },
    'Its outputs have changed since 1.5.0.',
  ],
  [
    'is for other approvers',
    { plan: { rule: { ...fixed.rule, group: 'other' } } },
    'Who must approve has changed since 1.5.0.',
  ],
  [
    'takes fewer approvals',
    { asked: { before: { ...before, rule: { ...fixed.rule, quorum: 2 } } } },
    'Who must approve has changed since 1.5.0.',
  ],
  [
    'is for other roles',
    {
      plan: { roles: [] },
      asked: { before: { ...before, roles: [{ role: 'approver', group: 'g', name: 'approvers' }] } },
    },
    'Who has which role for it has changed since 1.5.0.',
  ],
  ['has no end of life any more', { plan: { endOfLife: null } }, 'It has no end of life any more.'],
  ['has an end of life now', { asked: { before: { ...before, endOfLife: null } } }, 'It has an end of life now.'],
  [
    'has another base',
    // Lower, and not older: the versions of two images say nothing of each other.
    { plan: { base: { ...fixed.base, sku: '24_04-lts', version: '1.0.0' } } },
    'It has another base: Canonical 22_04-lts-gen2 → Canonical 24_04-lts.',
  ],
  [
    'has an older base',
    { plan: { base: { ...fixed.base, version: '22.04.202609010' } } },
    'Its base 22.04.202609010 is older than 22.04.202610080.',
  ],
  [
    'goes to another definition',
    { plan: { target: { ...fixed.target, gallery: 'other' } } },
    'It goes to another image definition now: other/ubuntu-22.',
  ],
  [
    'has a base that was withdrawn',
    { data: { baseNews: { why: 'withdrawn', said: 'Canonical has withdrawn it.' } as never } },
    'Canonical has withdrawn it.',
  ],
  [
    'has a base that has ended',
    { data: { baseNews: { why: 'ended', at: '2026-11-01' } as never } },
    'Its base is past its end of life by now.',
  ],
  ['has a base that retires', { plan: { baseDeprecation: {} } }, 'The end of its base has been announced.'],
  [
    'has missed a newer base',
    { data: { newerBase: '22.04.202611190' } },
    'There is a newer base by now: 22.04.202611190.',
  ],
  [
    'took a second attempt',
    {
      attempt: 2,
      data: {
        rebuilds: [{ attempt: 2, by: 'Ada', after: { stage: 'test', what: 'sshd', error: 'exit code 1' } }],
      },
    },
    'It took 2 attempts. sshd: exit code 1',
  ],
  ['was not tested', { data: { tests: [] } }, 'Nothing was tested.'],
  [
    'has a test that failed',
    { data: { tests: [passed, { ...passed, passed: false }] } },
    'Not all of its tests passed.',
  ],
  [
    'was rejected before, in another run',
    { asked: { rejected: [{ id: 'R-33333', runId: 'R-44444' }] } },
    'R-33333 for the same image was rejected.',
  ],
  [
    'went through a freeze',
    {
      data: {
        override: {
          ...{ reason: 'openssl', by: { oid: 'a', name: 'Ada' }, at: '', windows: [] },
          confirmed: { by: { oid: 'g', name: 'Grace' }, at: '' },
        },
      },
    },
    'A freeze was overridden for it: “openssl”.',
  ],
  [
    'was built in spite of a warning',
    {
      data: {
        seen: [{ severity: 'unseen', why: 'goldbot could not see the quota.', mend: '', commands: [] } as never],
      },
    },
    'The looks before the build found: goldbot could not see the quota.',
  ],
  [
    'could not be compared inside',
    { data: { contents: { since: '1.5.0', sinceGap: { reason: 'never read' } } } },
    `What is inside was not compared: ${contentsGapReason({ reason: 'never read' })}.`,
  ],
  [
    'could not be read inside',
    { data: { contents: { ...contents, gap: { reason: 'machine gone' } } } },
    `What is inside was not compared: ${contentsGapReason({ reason: 'machine gone' })}.`,
  ],
  ['has no list of packages', { data: { contents: {} } }, 'What is inside was not compared: there is no list'],
  [
    'brings vulnerabilities',
    {
      data: {
        contents: { ...contents, vulnerabilities: { fixed: 1, brought: 1, remaining: 0, top: ['CVE-2026-1'] } },
      },
    },
    'It brings vulnerabilities of your list: CVE-2026-1.',
  ],
  [
    'brings more vulnerabilities than a line takes',
    {
      data: {
        contents: {
          ...contents,
          vulnerabilities: { fixed: 0, brought: 4, remaining: 0, top: ['CVE-1', 'CVE-2', 'CVE-3', 'CVE-4'] },
        },
      },
    },
    'It brings vulnerabilities of your list: CVE-1, CVE-2, CVE-3.',
  ],
  ['will not be the latest', { plan: { previousVersion: '1.7.0' } }, 'It will not be the latest: 1.7.0 is higher.'],
  [
    'lacks the number of a change',
    { asked: { approval: { fingerprint: {} as never, rule: { ...fixed.rule, changeNumber: 'CHG[0-9]+' } } } },
    'It needs the number of a change.',
  ],
  [
    'has no fingerprint',
    { asked: { approval: { rule: fixed.rule } } },
    'The request is not bound to the very version that was tested.',
  ],
];

describe('a request', () => {
  it('is unremarkable when only the base has moved and the packages with it', () => {
    expect(remarks(inQuestion({}))).toEqual([]);
  });

  it.each(cases)('that %s is to be looked at by itself', (_, change, sentence) => {
    expect(remarks(inQuestion(change))).toEqual([expect.stringContaining(sentence)]);
  });

  it('of which nobody knows who upgrades is to be looked at by itself', () => {
    const asked = inQuestion({});
    const { selfUpgrading: _, ...data } = asked.run.data;
    expect(remarks({ ...asked, run: { ...asked.run, data } })).toEqual([
      'Which scale sets will upgrade automatically could not be seen.',
    ]);
  });

  it.each<[string, Change]>([
    ['replaces what does not say its recipe', { plan: { previousRecipeHash: null } }],
    [
      'has a lower version of an image of a gallery as its base, which says nothing of its age',
      { plan: { base: ofGallery('1.0.0') }, asked: { before: { ...before, base: ofGallery('2.0.0') } } },
    ],
    ['takes more approvals than a person needed', { plan: { rule: { ...fixed.rule, quorum: 2 } } }],
    [
      'was rejected in its own run, which its attempts tell',
      { asked: { rejected: [{ id: 'R-3', runId: 'R-22222' }] } },
    ],
    [
      'has an override that nobody confirmed',
      { data: { override: { reason: 'x', by: { oid: 'a', name: 'Ada' }, at: '', windows: [] } } },
    ],
  ])('that %s is unremarkable', (_, change) => {
    expect(remarks(inQuestion(change))).toEqual([]);
  });
});

/**
 * What is known of a version when people are asked. Whoever adds a field says here whether somebody should look because
 * of it: the compiler asks.
 */
describe('what is known of a version', () => {
  const looked = 'is looked at';
  const no = 'says nothing of the version';
  const ofData: Readonly<Record<keyof PublishRun['data'], typeof looked | typeof no>> = {
    ...{ newerBase: looked, baseNews: looked, tests: looked, override: looked, seen: looked, contents: looked },
    ...{ selfUpgrading: looked, rebuilds: looked },
    ...{ usual: no, took: no, looking: no },
    ...{ times: no, progress: no, waiting: no, template: no, machine: no, nextTest: no, listing: no, failure: no },
    ...{ builtAt: no, os: no, tattooHash: no, candidate: no, tested: no, hidden: no, written: no, kept: no },
    ...{
      exposed: no,
      unmarked: no,
      approvalId: no,
      deciders: no,
      reminded: no,
      guard: no,
      replaces: no,
      certificate: no,
      publishedAt: no,
    },
    ...{ regions: no, aged: no, ageTrouble: no, distribution: no, discontinue: no, versionsTaken: no, ending: no },
    ...{ cleanedOnce: no, cleaned: no, cleaning: no, handed: no, expectedMs: no, because: no, unchanged: no, held: no },
  };
  const ofPlan: Readonly<Record<keyof FixedPlan, typeof looked | typeof no>> = {
    ...{ base: looked, baseDeprecation: looked, previousVersion: looked, previousRecipeHash: looked },
    ...{ recipeHash: looked, tests: looked, regions: looked, outputs: looked, endOfLife: looked, rule: looked },
    ...{ target: looked, version: looked, roles: looked },
    ...{ image: no, previousBase: no, recipe: no, approvalTtlMs: no, place: no, keep: no, identity: no },
    ...{ buildVmSize: no, buildTimeoutMinutes: no, testVmSize: no, testSubnetId: no, buildSettings: no },
    ...{ testSecurity: no, testTags: no, template: no },
  };

  it('is looked at where this says so', () => {
    const used = cases.flatMap(([, { data = {}, plan = {} }]) => [...Object.keys(data), ...Object.keys(plan)]);
    const wanted = Object.entries({ ...ofData, ...ofPlan }).filter(([, what]) => what === looked);
    const others = ['selfUpgrading', 'version'];
    expect(wanted.map(([name]) => name).filter((name) => !used.includes(name) && !others.includes(name))).toEqual([]);
  });
});

describe('the risks of a version', () => {
  const risksIn = (change: Change) => risksOf(inQuestion(change));
  it.each<[string, Change, readonly string[]]>([
    ['none when only the base has moved', {}, []],
    ['its first version', { plan: { previousVersion: null }, asked: { before: undefined } }, ['first-version']],
    ['another recipe', { plan: { recipeHash: 'd'.repeat(64) } }, ['changed-recipe']],
    ['other tests', { plan: { tests: [] } }, ['changed-guard']],
    ['more approvers too', { plan: { rule: { ...fixed.rule, quorum: 2 } } }, ['changed-guard']],
    ['no more approvers only because of a schedule', { plan: { rule: { ...fixed.rule, quorum: 2, own: 1 } } }, []],
    ['an old base', { plan: { base: { ...fixed.base, version: '22.04.202609010' } } }, ['old-base']],
    [
      'new packages',
      { data: { contents: { changes: { packages: { changed: 1, added: 2, removed: 0 }, top: [], lists: {} } } } },
      ['new-packages'],
    ],
    ['packages that nobody could compare', { data: { contents: {} } }, ['new-packages', 'vulnerabilities']],
    [
      'a version before that goldbot did not make',
      { asked: { before: undefined } },
      ['changed-recipe', 'changed-guard', 'new-packages'],
    ],
  ])('are %s', (_, change, found) => {
    expect(risksIn(change)).toEqual(found);
  });

  it.each<[string, Change, readonly string[]]>([
    ['what was seen', { plan: { recipeHash: 'd'.repeat(64) } }, ['its recipe has changed']],
    ['that nobody compared', { data: { contents: {} } }, ['what is inside was not compared']],
    ['that nobody could', { asked: { before: undefined } }, ['what is different from the version before is not known']],
  ])('are called what they are: %s', (_, change, clauses) => {
    expect(riskClauses(inQuestion(change))).toEqual(clauses);
  });

  it('are called so by the run alone too: what may not have been compared is never said to have changed', () => {
    const { run } = inQuestion({});
    const withAdded = (added: number | undefined) => ({
      ...run,
      data: {
        ...run.data,
        contents:
          added === undefined
            ? undefined
            : { changes: { ...contents.changes, packages: { ...contents.changes.packages, added } } },
      },
    });
    const said = (risk: Parameters<typeof riskClause>[0], added?: number) =>
      riskClause(risk, withAdded(added) as never);
    expect(said('new-packages', 2)).toBe('it has packages that the version before had not');
    expect(said('new-packages', 0)).toBe('what is different from the version before is not known');
    expect(said('new-packages')).toBe('what is inside was not compared');
    expect(said('changed-recipe', 0)).toBe('its recipe has changed, or could not be compared');
    expect(said('first-version', 0)).toBe('it is the first of its image');
  });
});

describe('the card of a request', () => {
  const schedule: NonNullable<PublishPlan['schedule']> = {
    ...{ key: 'monthly 1 UTC', period: '2026-12', zone: 'UTC', missed: 0 },
    ...{ startAt: '2026-11-25T00:00:00Z', expectedAt: '2026-12-01T00:00:00Z' },
  };
  const plan: PublishPlan = { request: {}, approvalChannel: 'a', fixed, schedule };
  const own = sharedCardOf({ plan });

  it('is shared with an image of the same schedule', () => {
    expect(own).toMatch(/^requests:[0-9a-f]{16}$/);
    expect(sharedCardOf({ plan: { ...plan, fixed: { ...fixed, image: 'other', version: '9.0.0' } } })).toBe(own);
  });

  it.each<[string, Partial<PublishPlan>]>([
    ['another rhythm', { schedule: { ...schedule, key: 'monthly 2 UTC' } }],
    ['another month', { schedule: { ...schedule, period: '2027-01' } }],
    ['another channel', { approvalChannel: 'b' }],
    ['another group', { fixed: { ...fixed, rule: { ...fixed.rule, group: 'h' } } }],
  ])('is not shared over %s', (_, change) => {
    expect(sharedCardOf({ plan: { ...plan, ...change } })).not.toBe(own);
  });

  it('is its own when a person asked for the version', () => {
    const { schedule: _, ...unscheduled } = plan;
    expect(sharedCardOf({ plan: unscheduled })).toBeUndefined();
  });
});

describe('the seal of several requests', () => {
  const [a, b] = [anApproval({ id: 'R-22222' }), anApproval({ id: 'R-33333' })];

  it('is the same in any order', () => {
    expect(sealOf([a, b])).toBe(sealOf([b, a]));
  });

  it.each([
    ['one is missing', [a]],
    ['a plan is another', [a, { ...b, planHash: 'other' }]],
    ['an object is another', [a, { ...b, fingerprint: { source: 'x' } as never }]],
  ])('is another when %s', (_, approvals) => {
    expect(sealOf(approvals)).not.toBe(sealOf([a, b]));
  });
});
