import { inWords } from '../../cards';
import { shortFingerprint } from '../../core/images';
import {
  type AccessPlan,
  type Approval,
  type ChangePlan,
  type ChangeRun,
  changeHash,
  type PublishRun,
  planHash,
  type SharePlan,
  type VersionPlan,
} from '../../core/runs';
import { presentPublishApproval } from '../../dialogs/present/approval';
import { presentChange, presentChangeApproval } from '../../dialogs/present/change';
import { presentChangeNews } from '../../dialogs/present/change-news';
import { presentNews } from '../../dialogs/present/news';
import { presentRun } from '../../dialogs/present/run';
import { presentRuns } from '../../dialogs/present/runs';
import { anApproval, fixed } from './support/plan';
import { aRun, now } from './support/world';

/** What people read when something is over, word for word: a card that says the opposite looks just as good. */
type Status = Approval['status'];
type Ending = NonNullable<PublishRun['data']['ending']>;

const plan = { request: {}, approvalChannel: 'Image Factory / approvals', fixed };
const publishing = (change: Partial<PublishRun> = {}) =>
  aRun('R-22222', { plan, planHash: planHash(fixed), stage: 'approve', ...change });
const over = (ending: Ending, data: PublishRun['data'] = {}) =>
  publishing({ stage: 'cleanup', outcome: ending.outcome, endedAt: now, data: { ending, ...data } });

const region = (name: string, state: string) => ({ name, state, progress: state === 'Completed' ? 100 : 40 });
const everywhere = [region('West Europe', 'Completed'), region('North Europe', 'Completed')];
const oneFailed = [region('West Europe', 'Completed'), region('northeurope', 'Failed')];
const published: Ending = { outcome: 'published', why: 'ubuntu-22 1.6.0 is published' };
const cancelled: Ending = { outcome: 'cancelled', why: 'wrong base', by: 'Ada' };
const expired: Ending = { outcome: 'expired', why: 'nobody decided in time' };
const failed: Ending = { outcome: 'failed', why: 'ubuntu-22 1.6.0 was published, and then somebody deleted it' };

const decision = (verdict: 'approve' | 'reject', reason: string | null = null) =>
  ({ oid: 'a2', name: 'Grace', verdict, reason, via: 'text', at: now }) as const;
const approvals: Readonly<Record<Exclude<Status, 'pending'>, Approval>> = {
  approved: anApproval({ status: 'approved', decisions: [decision('approve')], closed: { at: now, by: 'Grace' } }),
  rejected: anApproval({
    ...{ status: 'rejected', decisions: [decision('reject', 'sshd is open')], closed: { at: now, by: 'Grace' } },
  }),
  expired: anApproval({ status: 'expired', closed: { at: now, by: 'goldbot' } }),
  withdrawn: anApproval({ status: 'withdrawn', closed: { at: now, by: 'Ada', why: 'found a better base' } }),
  void: anApproval({ status: 'void', closed: { at: now, by: 'goldbot' } }),
};
const closedByCancel = anApproval({ status: 'void', closed: { at: now, by: 'Ada', why: 'wrong base' } });
/** The order of runs that began before regions were filled first. */
const asBefore = ['publish', 'replicate'];
const closedAsBefore = approvals.void;

const repair = (stage: 'approve' | 'publish') =>
  publishing({ stage: 'repair', data: { failure: { stage, what: 'ubuntu-22 1.6.0', error: 'it is gone', tail: [] } } });

describe('the card of an approval request to publish', () => {
  it.each<[string, Approval, PublishRun, string, string]>([
    ['approved', approvals.approved, publishing(), 'Approved: ubuntu-22 1.6.0', 'It is being published.'],
    ['approved, exposing', approvals.approved, publishing({ stage: 'publish' }), 'Approved:', 'It is being published.'],
    [
      ...(['approved, ageing', approvals.approved, publishing({ stage: 'age' }), 'Approved:'] as const),
      'It is published, and the clean-up follows.',
    ],
    [
      ...(['approved, replicating', approvals.approved, publishing({ stage: 'replicate' }), 'Approved:'] as const),
      'It is being copied to its regions, still hidden; then it is published.',
    ],
    [
      ...(['approved, as before', approvals.approved, publishing({ stage: 'replicate', stages: asBefore })] as const),
      ...(['Approved:', 'It is published, and its regions are being served.'] as const),
    ],
    [
      ...(['approved, everywhere', approvals.approved, over(published, { regions: everywhere }), 'Approved:'] as const),
      'ubuntu-22 1.6.0 is published.',
    ],
    [
      ...(['approved, one region failed', approvals.approved, over(published, { regions: oneFailed })] as const),
      ...(['Approved:', 'is published. North Europe is not served: replication failed there.'] as const),
    ],
    [
      ...(['approved, then gone', approvals.approved, over(failed), 'Approved:'] as const),
      'The run failed: ubuntu-22 1.6.0 was published, and then somebody deleted it.',
    ],
    [
      ...([
        'approved, over without a word',
        approvals.approved,
        over({ ...failed, why: '' }, { ending: undefined } as never),
      ] as const),
      ...(['Approved:', 'The run failed: no reason is known.'] as const),
    ],
    [
      ...([
        'approved, in repair without a word',
        approvals.approved,
        publishing({ stage: 'repair' }),
        'Approved:',
      ] as const),
      'It could not be published, and the run needs repair: no error was kept.',
    ],
    [
      ...(['approved, in repair', approvals.approved, repair('publish'), 'Approved:'] as const),
      'It could not be published, and the run needs repair: it is gone.',
    ],
    [
      ...(['rejected', approvals.rejected, repair('approve'), 'Rejected: ubuntu-22 1.6.0'] as const),
      'The run is back in repair, with the reason given. Nothing was published.',
    ],
    [
      ...(['rejected, rebuilt', approvals.rejected, publishing({ stage: 'plan', attempt: 2 }), 'Rejected:'] as const),
      'Nothing was published. The run was rebuilt: attempt 2 is under way.',
    ],
    [
      ...(['rejected, cancelled', approvals.rejected, over(cancelled), 'Rejected:'] as const),
      'Ada cancelled the run: wrong base. Nothing was published.',
    ],
    [
      ...(['expired', approvals.expired, publishing(), 'Not decided in time: ubuntu-22 1.6.0'] as const),
      'Nothing was published.',
    ],
    [
      ...(['expired, over', approvals.expired, over(expired), 'Not decided in time:'] as const),
      'Nobody decided in time. Nothing was published.',
    ],
    [
      ...(['withdrawn', approvals.withdrawn, repair('approve'), 'Withdrawn: ubuntu-22 1.6.0'] as const),
      'Ada withdrew it: “found a better base”',
    ],
    [
      ...(['withdrawn, waiting', approvals.withdrawn, repair('approve'), 'Withdrawn:'] as const),
      'The run waits for a rebuild or a cancel. Nothing was published.',
    ],
    [
      ...(['cancelled', closedByCancel, over(cancelled), 'Cancelled: ubuntu-22 1.6.0'] as const),
      'Ada cancelled the run: wrong base. Nothing was published.',
    ],
    [
      ...(['cancelled under a version that kept no reason', closedAsBefore, over(cancelled), 'Cancelled:'] as const),
      'Ada cancelled the run: wrong base. Nothing was published.',
    ],
    ['void', approvals.void, publishing(), 'No longer valid: ubuntu-22 1.6.0', 'Its run went on without it.'],
    ['void, open', approvals.void, publishing(), 'No longer valid:', 'Nothing was published.'],
  ])('%s', (_, approval, run, title, sentence) => {
    const { text } = presentPublishApproval(approval, run, { now });
    expect(text).toContain(title);
    expect(text).toContain(sentence);
    expect(text).not.toMatch(/approve R-99999|plan has changed/);
    if (!sentence.includes('being published')) expect(text).not.toContain('being published');
    // Nothing will follow from what was not approved.
    const upgrading = { ...run, data: { ...run.data, selfUpgrading: ['web/front'] } };
    const follows = presentPublishApproval(approval, upgrading, { now }).text.includes('will upgrade automatically');
    expect(follows).toBe(title.startsWith('Approved'));
  });

  const differences = [
    { part: 'source', was: '/good', is: '/evil' },
    { part: 'tag goldbot-os', was: 'Ubuntu' },
  ];
  it.each<[NonNullable<Approval['voided']>, string]>([
    [
      { why: 'changed', differences },
      'Somebody changed the version after it was tested: what was asked about is not there',
    ],
    [
      { why: 'outlived' },
      'It was approved longer ago than the request was open, so the approval does not count any more.',
    ],
    [{ why: 'unbound' }, 'It was asked before requests were bound to the very version that was tested.'],
  ])('says what goldbot found and made it void: %j', (voided, sentence) => {
    const approval = { ...approvals.void, decisions: [decision('approve')], voided };
    const said = (run: PublishRun) => presentPublishApproval(approval, run, { now }).text;
    const [here, later] = [said(repair('publish')), said(publishing({ planHash: 'another', attempt: 2 }))];
    for (const text of [here, later]) {
      expect(text).toContain(sentence);
      expect(text.includes('source: /good → /evil')).toBe(voided.why === 'changed');
      expect(text.includes('tag goldbot-os: Ubuntu → none')).toBe(voided.why === 'changed');
    }
    expect(here).toContain('No longer valid: ubuntu-22 1.6.0');
    expect(said(publishing({ stage: 'replicate' }))).toContain(
      'The run goes on with an approval that was given again.',
    );
  });

  it('shows the short form of the fingerprint of what was tested', () => {
    const asked = anApproval({ fingerprint: { source: '/good' } });
    const { text } = presentPublishApproval(asked, publishing(), { now });
    expect(text).toContain(`Fingerprint: ${shortFingerprint({ source: '/good' })}`);
    expect(presentPublishApproval(anApproval(), publishing(), { now }).text).not.toContain('Fingerprint');
  });

  it('names the request that asks again', () => {
    const newest = anApproval({ id: 'R-77777' });
    const { text } = presentPublishApproval(approvals.void, publishing(), { now, newest });
    expect(text).toContain('R-77777 asks again.');
    const decided = presentPublishApproval(approvals.void, publishing(), {
      now,
      newest: { ...newest, status: 'approved' },
    });
    expect(decided.text).toContain('R-77777 asked again: it is approved.');
    const own = presentPublishApproval(approvals.void, publishing(), { now, newest: approvals.void });
    expect(own.text).not.toContain('again');
  });

  it.each<[string, PublishRun, string]>([
    ['open', publishing({ planHash: 'another', attempt: 2 }), 'went on with another plan. Attempt 2 is under way.'],
    [
      ...(['published', { ...over(published, { regions: everywhere }), planHash: 'another' }] as const),
      'went on with another plan. ubuntu-22 1.6.0 is published.',
    ],
  ])('of a plan that is gone tells where the run is: %s', (_, run, sentence) => {
    const { text } = presentPublishApproval(approvals.rejected, run, { now });
    expect(text).toContain('R-99999 is rejected: ubuntu-22');
    expect(text).toContain('Grace rejected: sshd is open');
    expect(text).toContain(sentence);
  });
});

describe('the message that a publish is over', () => {
  it.each<[string, PublishRun, readonly string[], readonly string[]]>([
    [
      ...(['published everywhere', over(published, { regions: everywhere, aged: ['1.5.0'] })] as const),
      ['ubuntu-22 1.6.0 is published', 'in West Europe ×3, North Europe ×2', '1.5.0 marked aged, replaced by 1.6.0'],
      ['not served'],
    ],
    [
      ...(['published in one of two regions', over(published, { regions: oneFailed })] as const),
      ['ubuntu-22 1.6.0 in West Europe ×3', 'North Europe is not served: replication failed there'],
      ['North Europe ×2'],
    ],
    [
      ...(['published, one region untold', over(published, { regions: [everywhere[0] as never] })] as const),
      ['ubuntu-22 1.6.0 in West Europe ×3', 'North Europe is not served: the gallery does not list it as complete'],
      ['replication failed', 'North Europe ×2'],
    ],
    ['cancelled', over(cancelled), ['ubuntu-22 1.6.0 was cancelled', 'Ada: wrong base'], ['What exists now']],
    ['expired', over(expired), ['ubuntu-22 1.6.0 expired without a decision', 'nobody decided in time'], ['cancelled']],
    ['failed', over(failed), ['ubuntu-22 1.6.0 failed', 'then somebody deleted it'], ['What exists now']],
  ])('%s', (_, run, said, never) => {
    const { text, leadsTo } = presentNews(run, 'outcome');
    expect(leadsTo).toEqual({ topic: `run:${run.id}`, title: 'Go to the run' });
    for (const words of said) expect(text).toContain(words);
    for (const words of never) expect(text).not.toContain(words);
  });
});

describe('the message that a publish needs repair', () => {
  const failure = { stage: 'test' as const, what: 'sshd', error: 'inactive', tail: [] };
  it.each<[string, PublishRun, readonly string[], string]>([
    [
      ...(['in repair', publishing({ stage: 'repair', data: { failure } })] as const),
      ...([
        ['ubuntu-22 1.6.0 needs repair', 'Attempt 1 of R-22222 stopped in Test. Ada acts.'],
        'needed repair',
      ] as const),
    ],
    [
      ...(['in repair, and nobody kept why', publishing({ stage: 'repair' })] as const),
      ...([['ubuntu-22 1.6.0 needs repair', '! the attempt: no error was kept'], 'needed repair'] as const),
    ],
    [
      ...(['rebuilt', publishing({ stage: 'customise', attempt: 2 })] as const),
      ...([['Attempt 1 of R-22222 needed repair.', 'Attempt 2 was started after it.'], 'Ada acts'] as const),
    ],
    [
      ...(['in repair again', publishing({ stage: 'repair', attempt: 2, data: { failure } })] as const),
      ...([['Attempt 1 of R-22222 needed repair.', 'Attempt 2 was started after it.'], 'Ada acts'] as const),
    ],
    [
      ...(['cancelled there', over(cancelled)] as const),
      ...([['Attempt 1 of R-22222 needed repair.', 'The run was ended there.'], 'Ada acts'] as const),
    ],
  ])('%s', (_, run, said, never) => {
    const { text } = presentNews(run, 'repair-1');
    for (const words of said) expect(text).toContain(words);
    expect(text).not.toContain(never);
  });
});

const failedTest = { stage: 'test' as const, what: 'sshd', error: 'inactive', tail: [] };
const halfPassed = [
  { name: 'tattoo', passed: true, exitCode: 0, output: '' },
  { name: 'sshd', passed: false, exitCode: 3, output: 'inactive' },
];
const asked = [{ stage: 'approve' as const, attempt: 1, from: now.toISOString() }];

describe('the card of a publish that waits or is over', () => {
  it.each<[string, PublishRun, string]>([
    ['waiting', publishing(), 'Waits for goldbot-approvers until Wed 25 Nov, 09:00 UTC; then it expires.'],
    ['cancelling', publishing({ stage: 'cleanup', data: { ending: cancelled } }), 'Cancelled by Ada: wrong base.'],
    ['cancelled', over(cancelled), 'Cancelled: ubuntu-22 1.6.0'],
    ['expired', over(expired), 'Expired: nobody decided in time.'],
    ['failed', over(failed), 'Failed: ubuntu-22 1.6.0 was published, and then somebody deleted it.'],
    ['published', over(published, { regions: everywhere }), '✓ Replicate: done · 2 of 2 regions in place'],
    [
      'published, one region failed',
      over(published, { regions: oneFailed }),
      '! Replicate: needs a person · 1 of 2 regions in place',
    ],
    ['planning', publishing({ stage: 'plan', planHash: null }), '● Capture: now · choosing base and number'],
    ['ageing nothing', publishing({ stage: 'announce' }), '✓ Age: done · nothing older to age'],
    [
      'ageing',
      publishing({ stage: 'announce', data: { aged: ['1.5.0', '1.4.1'] } }),
      '✓ Age: done · 1.5.0, 1.4.1 aged',
    ],
    ['testing', publishing({ stage: 'repair', data: { failure: failedTest, tests: halfPassed } }), '✗ Test · sshd'],
    ['tested', publishing({ data: { tests: halfPassed } }), '✓ Test: done · 1 of 2 passed'],
  ])('%s', (_, run, words) => {
    expect(inWords(presentRun(run, { now, approval: anApproval() }).text)).toContain(words);
  });

  it('names the request as what it became when somebody cancelled its run', () => {
    const { text } = presentRun(
      { ...over(cancelled), data: { ending: cancelled, times: asked } },
      {
        ...{ now, approval: closedByCancel },
      },
    );
    expect(text).toContain('R-99999 cancelled');
    expect(text).not.toContain('R-99999 void');
  });
});

const about = { machineId: '/m', target: 'vm-1', team: 'payments' } as const;
const rule = { group: 'g', groupName: 'payments-owners', quorum: 1 };
const askedOf = { approval: { rule, ttlMs: 1, channel: 'payments / ops' }, reason: 'vendor image' } as const;
const policy = { assignment: '/a', policy: 'only-golden-images' } as const;
const version = (verb: VersionPlan['verb']): VersionPlan => ({
  ...{ verb, target: 'ubuntu-22 1.5.0', team: null, image: 'ubuntu-22', versions: ['1.5.0'], ...askedOf },
  gallery: { subscription: 's', resourceGroup: 'rg', gallery: 'gold', definition: 'ubuntu-22' },
  radius: { machines: 3, breaks: [], digest: '3f9c1ab2' },
});
const given = (verb: AccessPlan['verb'], until?: string): AccessPlan => ({
  ...{ verb, target: 'view of ubuntu-22', team: null, image: 'ubuntu-22', right: 'view', ...askedOf },
  gallery: { subscription: 's', resourceGroup: 'rg', gallery: 'gold', definition: 'ubuntu-22' },
  group: { id: 'g', name: 'payments-owners' },
  role: { id: 'r', name: 'Compute Gallery Image Reader' },
  ...(until !== undefined && { until }),
});
const sharing = (verb: SharePlan['verb'], to: SharePlan['to']): SharePlan => ({
  ...{ verb, target: 'the gallery gold', team: null, image: 'ubuntu-22', definition: 'ubuntu-22', ...askedOf, to },
  gallery: { subscription: 's', resourceGroup: 'rg', gallery: 'gold' },
});
const sharee = { kind: 'subscription', id: 'g-1' } as const;
type Shown = Exclude<ChangePlan, { verb: 'tattoo' }>;
const plans: Readonly<Record<Shown['verb'], Shown>> = {
  classify: { verb: 'classify', ...about, ...askedOf, model: 'pet' },
  exempt: { verb: 'exempt', ...about, ...askedOf, ...policy, until: '2027-03-01T00:00:00Z' },
  remediate: { verb: 'remediate', ...about, ...askedOf, ...policy },
  assign: {
    ...{ verb: 'assign', target: 'monitor-agent', team: 'payments', baseline: 'monitor-agent', ...askedOf },
    ...{ scope: '/subscriptions/s/resourceGroups/rg-payments', location: 'westeurope' },
  },
  rescan: { verb: 'rescan', target: 'payments', team: 'payments', scopes: ['/s'], ...askedOf },
  leftovers: {
    ...{ verb: 'leftovers', target: 'rg-image-builds', team: null, ...askedOf },
    ...{ place: { subscription: 's', resourceGroup: 'rg-image-builds', location: 'westeurope' } },
    things: [{ id: '/m', kind: 'machine', name: 'gbt-22222-a1', runId: 'R-22222' }],
  },
  eol: { ...version('eol'), until: '2027-03-01T00:00:00Z' },
  age: { ...version('age'), replacedBy: '1.6.0' },
  grant: given('grant', '2027-03-01T00:00:00.000Z'),
  ungrant: given('ungrant'),
  share: { ...sharing('share', { ...sharee, name: 'Labs' }), until: '2027-03-01T00:00:00.000Z' },
  unshare: sharing('unshare', { kind: 'everybody', losing: [sharee] }),
  revoke: version('revoke'),
  retire: { ...version('retire'), keeps: true },
  restore: version('restore'),
  try: {
    ...{ verb: 'try', target: 'goldbot-trials', team: null, cost: 'little', ...askedOf },
    ...{ gallery: { subscription: 's', resourceGroup: 'g', gallery: 'gold' } },
    source: { definition: 'ubuntu-22', version: '1.5.0' },
  },
  promote: { ...version('promote'), regions: ['West Europe'] },
  channel: { ...version('channel'), channel: 'stable' },
  replicate: {
    ...version('replicate'),
    copies: { set: [{ name: 'East US', replicas: 3 }], again: [], remove: ['UK South'] },
  },
  copy: {
    ...version('copy'),
    second: {
      ...{ from: { subscription: 's', resourceGroup: 'g', gallery: 'gold', definition: 'ubuntu-22' }, source: {} },
      ...{ location: 'eastus', regions: [{ name: 'East US', replicas: 3 }] },
      ...{ blocks: false, hidden: false, hiddenIn: ['East US'] },
    },
  },
  rollback: { ...version('rollback'), target: 'ubuntu-22 to 1.4.1', to: '1.4.1' },
  rollout: {
    ...{ verb: 'rollout', target: 'ubuntu-22 1.5.0', team: 'data', image: 'ubuntu-22', version: '1.5.0', ...askedOf },
    gallery: { subscription: 's', resourceGroup: 'g', gallery: 'gold', definition: 'ubuntu-22' },
    sets: [{ id: '/set', name: 'vmss-data-workers', location: 'westeurope', way: 'batches' }],
  },
  defer: {
    ...{ verb: 'defer', target: 'ubuntu-22 for data', team: 'data', image: 'ubuntu-22', ...askedOf },
    ...{ sets: [], until: '2027-03-01T00:00:00.000Z', reason: 'the month is being closed' },
  },
  restrict: {
    ...{ verb: 'restrict', target: 'payments', team: 'payments', effect: 'deny', ...askedOf },
    ...{ galleries: [], targets: [], dryRun: [] },
  },
};
const titles: Readonly<Record<Shown['verb'], string>> = {
  classify: 'Classify vm-1\nas pet',
  exempt: 'Exempt vm-1\nfrom only-golden-images until 1 Mar 2027',
  remediate: 'Remediate vm-1\nby only-golden-images',
  assign: 'Assign monitor-agent\nto rg-payments, for the VMs that lack it',
  rescan: 'Rescan payments\nin 1 scope',
  leftovers: 'Delete leftovers in rg-image-builds\n1 thing',
  eol: 'End of life of ubuntu-22 1.5.0\non 1 Mar 2027',
  age: 'Mark as aged: ubuntu-22 1.5.0\nreplaced by 1.6.0',
  retire: 'Retire ubuntu-22 1.5.0\nout of latest, then deleted; kept for a week',
  grant: 'Grant view of ubuntu-22\nfor payments-owners until 1 Mar 2027',
  ungrant: 'Take back view of ubuntu-22\nfrom payments-owners',
  share: 'Share the gallery gold\nwith subscription Labs (g-1) until 1 Mar 2027',
  unshare: 'Stop sharing the gallery gold\nwith everybody (1), for good',
  revoke: 'Revoke ubuntu-22 1.5.0\nout of latest in every region',
  restore: 'Restore ubuntu-22 1.5.0\nto be offered again',
  try: 'Try goldbot-trials\nwhat no document settles, on a copy of a version',
  promote: 'Promote ubuntu-22 1.5.0\nto be latest in West Europe',
  channel: 'Channel ubuntu-22 1.5.0\nto be the stable version',
  replicate: 'Copies of ubuntu-22 1.5.0\n3 copies in East US; none in UK South',
  copy: 'Copy ubuntu-22 1.5.0\ninto gold: 3 copies in East US; out of latest in East US',
  rollback: 'Roll back ubuntu-22 to 1.4.1\nwith 1.5.0 out of latest in every region',
  rollout: 'Roll out ubuntu-22 1.5.0\nto vmss-data-workers',
  defer: 'Defer ubuntu-22 for data\nuntil Mon 1 Mar, 00:00 UTC',
  restrict: 'Restrict payments\nto golden images (deny)',
};

const change = (verb: Shown['verb'], ending: ChangeRun['data']['ending'], outcome: ChangeRun['outcome']): ChangeRun =>
  ({
    ...aRun('R-33333', {}),
    kind: 'change',
    plan: plans[verb],
    planHash: changeHash(plans[verb]),
    stage: ending ? 'close' : 'approve',
    data: { ending, before: 'as it was' },
    outcome,
    endedAt: outcome ? now : null,
  }) as ChangeRun;
const ofChange = (approval: Approval, run: ChangeRun) => ({ ...approval, runId: run.id, rule, planHash: run.planHash });

type End = readonly [
  how: NonNullable<ChangeRun['data']['ending']>,
  outcome: ChangeRun['outcome'],
  approval: Exclude<Status, 'pending'>,
  badge: string,
  news: string,
  sentence: string,
];
const ends: readonly End[] = [
  [{ how: 'done', why: 'It is so.' }, 'done', 'approved', '✓ Done', 'done', 'It is so.'],
  [{ how: 'failed', why: 'Azure says no' }, 'failed', 'approved', '✗ Failed', 'failed', 'It failed: Azure says no.'],
  [
    ...([{ how: 'refused', why: 'too long', by: 'Grace' }, 'cancelled', 'rejected', '✗ Refused', 'refused'] as const),
    'It was refused by Grace: too long. Nothing was changed.',
  ],
  [
    ...([{ how: 'withdrawn', why: 'a typo', by: 'Ada' }, 'cancelled', 'withdrawn', '– Withdrawn'] as const),
    ...(['withdrawn', 'The request was withdrawn by Ada: a typo. Nothing was changed.'] as const),
  ],
  [
    ...([{ how: 'expired', why: 'nobody in payments-owners decided in time' }, 'expired', 'expired'] as const),
    ...([
      '– Expired',
      'expired',
      'It expired: nobody in payments-owners decided in time. Nothing was changed.',
    ] as const),
  ],
  [
    ...([{ how: 'superseded', why: 'R-44444 looks on', supersededBy: 'R-44444' }, 'done', 'approved'] as const),
    ...(['– Superseded', 'superseded', 'It was superseded: R-44444 looks on. Nothing was changed.'] as const),
  ],
  [
    ...([{ how: 'cancelled', why: 'no need', by: 'Ada' }, 'cancelled', 'void', '– Cancelled', 'cancelled'] as const),
    'It was cancelled by Ada: no need. Nothing was changed.',
  ],
];
const verbs = Object.keys(plans) as Shown['verb'][];
const cases = verbs.flatMap((verb) => ends.map((end) => [verb, end[0].how, end] as const));

describe('the list of runs', () => {
  const list = { title: 'Runs', none: '', now };
  it.each(ends.map((end) => [end[0].how, end] as const))(
    'says of a change that is %s what it is',
    (how, [ending, outcome]) => {
      const good = { done: '✓', failed: '✗', refused: '✗' } as const;
      const sign = how in good ? good[how as keyof typeof good] : '–';
      expect(presentRuns([change('exempt', ending, outcome)], list).text).toMatch(
        new RegExp(`^${sign} .* · ${how}\\b`, 'm'),
      );
    },
  );

  it.each([published, cancelled, expired, failed].map((ending) => [ending.outcome, ending] as const))(
    'says of a publish that is %s what it is',
    (outcome, ending) => {
      const sign = { published: '✓', failed: '✗', expired: '–', cancelled: '–' }[outcome];
      expect(presentRuns([over(ending)], list).text).toMatch(new RegExp(`^${sign} .* · ${outcome}\\b`, 'm'));
    },
  );
});

describe('the end of a change', () => {
  it.each(cases)('%s, %s', (verb, _, [ending, outcome, status, badge, word, sentence]) => {
    for (const run of [change(verb, ending, null), change(verb, ending, outcome)]) {
      const approval = ofChange(approvals[status], run) as Approval;
      const card = presentChange(run, { now, approval }).text;
      const request = presentChangeApproval(approval, run, { now }).text;
      for (const text of [card, request]) {
        expect(text).toContain(titles[verb]);
        expect(text).toContain(badge);
        expect(text).toContain(sentence);
        expect(text).not.toMatch(/● (Waiting|In progress)|approve R-99999|reject R-99999/);
      }
      const news = presentChangeNews(run).text;
      expect(news).toContain(`${verb} ${plans[verb].target}: ${word}`);
      expect(news).toContain(sentence);
    }
  });

  it('is not that of a request that does not stand any more: its run asks again', () => {
    const run = change('exempt', undefined, null);
    const lapsed = ofChange({ ...approvals.void, voided: { why: 'outlived' } }, run) as Approval;
    const { text } = presentChangeApproval(lapsed, run, { now, newest: anApproval({ id: 'R-77777' }) });
    for (const words of ['! Void', 'so the approval does not count any more. R-77777 asks again.'])
      expect(text).toContain(words);
    expect(text).not.toMatch(/Cancelled|● |approve R-99999/);
  });

  it.each(verbs)('of %s is not on its request while that is open or has just been approved', (verb) => {
    const run = change(verb, undefined, null);
    const open = presentChangeApproval(ofChange(anApproval(), run) as Approval, run, { now }).text;
    expect(open).toContain('● Waiting');
    expect(open).toContain('approve R-99999');
    const approved = presentChangeApproval(ofChange(approvals.approved, run) as Approval, run, { now }).text;
    expect(approved).toContain('● In progress');
    expect(approved).not.toContain('approve R-99999');
  });
});

describe('what was refused before', () => {
  const rebuilds = [
    {
      ...{ attempt: 2, by: 'Ada', note: 'openssl is in' },
      after: { stage: 'approve' as const, what: 'R-44444 rejected by Grace', error: 'wait for openssl' },
      changes: ['the recipe has changed'],
    },
    { attempt: 3, by: 'Heidi', after: { stage: 'test' as const, what: 'sshd', error: 'inactive' }, changes: [] },
  ];
  const rejected = (runId: `R-${string}`, id: `R-${string}`) =>
    anApproval({ id, runId, status: 'rejected', decisions: [decision('reject', 'too early')] });

  it('stands on the next request, with what was mended', () => {
    const run = publishing({ attempt: 3, data: { rebuilds } });
    const before = aRun('R-55555', { plan: { ...plan, fixed: { ...fixed, version: '1.5.9', recipeHash: 'd' } } });
    const around = {
      now,
      rejected: [
        { approval: rejected('R-22222', 'R-44444'), run },
        { approval: rejected('R-55555', 'R-66666'), run: before },
      ],
    };
    const { text } = presentPublishApproval(anApproval(), run, around);
    for (const words of [
      'Attempt 1: R-44444 rejected by Grace',
      '“wait for openssl”',
      'Ada rebuilt it: “openssl is in”',
      'Different now: the recipe has changed.',
      'Attempt 2 stopped in Test: sshd',
      'Heidi rebuilt it and did not say what was fixed.',
      'Nothing in the plan but the number is different now.',
      'R-66666 of R-55555 rejected by Grace on Mon 23 Nov, 09:00 UTC',
      '“too early”',
      'That was ubuntu-22 1.5.9. Different now: the recipe has changed.',
    ])
      expect(text).toContain(words);
    expect(text.split('R-44444')).toHaveLength(2);
  });

  it('stands on the next request for a change, with what was asked then', () => {
    const run = change('exempt', undefined, null);
    const longer = { ...run, id: 'R-55555', plan: { ...plans.exempt, until: '2029-01-01T00:00:00Z' } } as ChangeRun;
    const text = (before: ChangeRun) =>
      presentChangeApproval(ofChange(anApproval(), run) as Approval, run, {
        now,
        rejected: [{ approval: rejected('R-55555', 'R-66666'), run: before }],
      }).text;
    expect(text(longer)).toContain('R-66666 refused by Grace on Mon 23 Nov, 09:00 UTC');
    expect(text(longer)).toContain(
      'Asked then: exempt vm-1 from only-golden-images until 1 Jan 2029, because “vendor image”.',
    );
    expect(text({ ...run, id: 'R-55555' })).toContain('The same is asked again.');
  });
});
