import { type Approval, type PublishData, type PublishRun, planHash } from '../../core/runs';
import {
  approvalView,
  asksAgain,
  presentPublishApproval,
  rejectionOf,
  voidSentence,
} from '../../dialogs/present/approval';
import { anApproval, fixed } from './support/plan';
import { aRun, now } from './support/world';

const plan = { request: { note: 'the openssl fix' }, approvalChannel: 'Image Factory / approvals', fixed };
const later = (minutes: number) => new Date(now.getTime() + minutes * 60_000);
const at = (minutes: number) => later(minutes).toISOString();
const decided = (name: string, verdict: 'approve' | 'reject', reason: string | null = null) => ({
  ...{ oid: name.toLowerCase(), name, verdict, reason, at: now, via: 'click' as const },
});

function planned(change: Partial<PublishRun> = {}, data: Partial<PublishData> = {}): PublishRun {
  return aRun('R-22222', { plan, planHash: planHash(fixed), stage: 'approve', ...change, data });
}

const rebuilt = {
  attempt: 2,
  by: 'Ada',
  after: { stage: 'test', what: 'sshd', error: 'no sshd' },
} as const;

describe('what a request for approval tells', () => {
  it('is all that is known, with what stopped it before, oldest first', () => {
    const run = planned(
      { attempt: 3 },
      {
        tests: [
          { name: 'sshd', passed: true, exitCode: 0, output: '' },
          { name: 'audit', passed: false, exitCode: 1, output: 'x' },
        ],
        times: [
          { stage: 'test', attempt: 2, from: at(-90), to: at(-80) },
          { stage: 'test', attempt: 3, from: at(-60), to: at(-59) },
          { stage: 'test', attempt: 3, from: at(-50), to: at(-43) },
          { stage: 'approve', attempt: 3, from: at(-40) },
        ],
        rebuilds: [
          { ...rebuilt, note: 'sshd is back', changes: ['the recipe has changed'] },
          { ...rebuilt, attempt: 3, after: { stage: 'approve', what: 'R-44444 rejected', error: 'no' }, changes: [] },
        ],
        replaces: { machines: 12 },
        selfUpgrading: ['web/vmss-front'],
        newerBase: '22.04.202611200',
        deciders: { size: 'fits', count: 0, ids: [] },
      },
    );
    const rejected = [
      {
        approval: anApproval({
          id: 'R-88888',
          decisions: [decided('Ida', 'approve'), decided('Grace', 'reject', 'old')],
        }),
        run: aRun('R-77777', { plan: { ...plan, fixed: { ...fixed, version: '1.5.1', endOfLife: null } } }),
      },
      // Told by the note of the rebuild that followed it.
      { approval: anApproval({ id: 'R-44444' }), run },
      { approval: anApproval({ id: 'R-33333' }), run: aRun('R-55555') },
    ];
    const approval = anApproval({ decisions: [decided('Grace', 'approve'), decided('Heidi', 'reject', 'no')] });
    expect(approvalView(approval, run, { now, rejected })).toEqual({
      owners: ['a1'],
      id: 'R-99999',
      runId: 'R-22222',
      hash: planHash(fixed),
      image: 'ubuntu-22',
      version: '1.6.0',
      askedBy: 'Ada',
      base: { name: 'Canonical 22_04-lts-gen2', version: '22.04.202611120', was: '22.04.202610080' },
      changed: { recipe: [] },
      goesTo: fixed.regions,
      tests: { passed: 1, total: 2, elapsedMs: 420_000 },
      replaces: { version: '1.5.0', machines: 12 },
      endOfLife: '2027-05-23T00:00:00.000Z',
      selfUpgrading: ['web/vmss-front'],
      note: 'the openssl fix',
      earlier: [
        { what: 'R-33333 of R-55555 rejected by an approver ', why: 'no reason given', since: [] },
        {
          what: 'R-88888 of R-77777 rejected by Grace on Mon 23 Nov, 09:00 UTC',
          why: 'old',
          since: ['That was ubuntu-22 1.5.1. Different now: the end of life has changed.'],
        },
        {
          what: 'Attempt 1 stopped in Test: sshd',
          why: 'no sshd',
          since: ['Ada rebuilt it: “sshd is back”', 'Different now: the recipe has changed.'],
        },
        {
          what: 'Attempt 2: R-44444 rejected',
          why: 'no',
          since: [
            'Ada rebuilt it and did not say what was fixed.',
            'Nothing in the plan but the number is different now.',
          ],
        },
      ],
      until: later(2 * 24 * 60),
      group: 'goldbot-approvers',
      quorum: 1,
      decisions: [
        { name: 'Grace', verdict: 'approve', at: now },
        { name: 'Heidi', verdict: 'reject', at: now, reason: 'no' },
      ],
      blocked: [
        'Nobody can approve this: goldbot-approvers has no members.',
        'An owner of goldbot-approvers in Entra can add somebody, which counts at once; this card follows within 15 minutes.',
      ],
      warnings: ['The marketplace has a newer base: 22.04.202611200.', 'This is attempt 3.'],
    });
  });

  it('has nothing in it that is not known', () => {
    const bare = { ...fixed, previousBase: null, previousVersion: null, endOfLife: null };
    const run = planned({ plan: { ...plan, request: {}, fixed: bare }, planHash: planHash(bare) });
    expect(approvalView(anApproval({ planHash: planHash(bare) }), run, { now })).toEqual({
      id: 'R-99999',
      runId: 'R-22222',
      hash: planHash(bare),
      image: 'ubuntu-22',
      version: '1.6.0',
      askedBy: 'Ada',
      base: { name: 'Canonical 22_04-lts-gen2', version: '22.04.202611120' },
      changed: { recipe: ['the first of its image'] },
      goesTo: fixed.regions,
      tests: { passed: 0, total: 0 },
      until: later(2 * 24 * 60),
      group: 'goldbot-approvers',
      quorum: 1,
      decisions: [],
    });
    const running = planned({}, { times: [{ stage: 'test', attempt: 1, from: at(-9) }] });
    expect(approvalView(anApproval(), running, { now }).tests).toEqual({ passed: 0, total: 0 });
    const other = { ...fixed, previousRecipeHash: 'd'.repeat(64) };
    const changed = planned({ plan: { ...plan, fixed: other } });
    expect(approvalView(anApproval(), changed, { now }).changed.recipe).toEqual(['changed since 1.5.0']);
  });
});

describe('what followed a request that is over', () => {
  const ending = (outcome: 'published' | 'cancelled' | 'expired' | 'failed', more: object = {}) => ({
    ending: { outcome, why: 'wrong base', by: 'Ada', ...more },
  });
  const failure = { stage: 'publish' as const, what: 'the publishing', error: 'Azure said no', tail: [] };

  it.each<[Approval['status'], Partial<PublishRun>, Partial<PublishData>, string]>([
    ['approved', { stage: 'approve' }, {}, 'It is being published.'],
    ['approved', { stage: 'publish' }, {}, 'It is being published.'],
    ['approved', { stage: 'replicate' }, {}, 'It is being copied to its regions, still hidden; then it is published.'],
    [
      'approved',
      { stage: 'replicate', stages: ['publish', 'replicate'] },
      {},
      'It is published, and its regions are being served.',
    ],
    ['approved', { stage: 'age' }, {}, 'It is published, and the clean-up follows.'],
    [
      'approved',
      { stage: 'repair' },
      { failure },
      'It could not be published, and the run needs repair: Azure said no.',
    ],
    ['approved', { stage: 'repair' }, {}, 'It could not be published, and the run needs repair: no error was kept.'],
    ['approved', { outcome: 'published' }, {}, 'ubuntu-22 1.6.0 is published.'],
    ['approved', { stage: 'cleanup' }, ending('published'), 'ubuntu-22 1.6.0 is published.'],
    [
      'approved',
      { outcome: 'published' },
      { regions: [{ name: 'West Europe', state: 'Completed', progress: 100 }] },
      'ubuntu-22 1.6.0 is published. North Europe is not served: the gallery does not list it as complete.',
    ],
    ['approved', { stage: 'cleanup' }, ending('failed'), 'The run failed: wrong base.'],
    ['approved', { outcome: 'failed' }, {}, 'The run failed: no reason is known.'],
    ['rejected', { stage: 'repair' }, {}, 'The run is back in repair, with the reason given. Nothing was published.'],
    [
      'rejected',
      { stage: 'test', attempt: 2 },
      {},
      'Nothing was published. The run was rebuilt: attempt 2 is under way.',
    ],
    ['rejected', { stage: 'publish' }, {}, 'The run goes on with an approval that was given again.'],
    ['rejected', { outcome: 'expired' }, {}, 'Nobody decided in time. Nothing was published.'],
    ['rejected', { outcome: 'cancelled' }, {}, 'Somebody cancelled the run: no reason given. Nothing was published.'],
    ['withdrawn', { stage: 'repair' }, {}, 'The run waits for a rebuild or a cancel. Nothing was published.'],
    [
      'withdrawn',
      { stage: 'cleanup' },
      ending('cancelled'),
      'Ada cancelled the run: wrong base. Nothing was published.',
    ],
    ['expired', { stage: 'approve' }, {}, 'Nothing was published.'],
    ['expired', { stage: 'cleanup' }, ending('expired'), 'Nobody decided in time. Nothing was published.'],
  ])('%s with the run %j %j: %s', (status, change, data, sentence) => {
    const { text } = presentPublishApproval(anApproval({ status }), planned(change, data), { now });
    expect(text.split('\n')).toContain(sentence);
  });

  it('begins with who withdrew it and why, and ends with the request that asks again', () => {
    const closed = { at: later(-5), by: 'Ada', why: 'wrong base' };
    const shown = (more: Partial<Approval>, newest?: Approval) =>
      presentPublishApproval(anApproval({ closed, ...more }), planned({ stage: 'repair' }), { now, newest }).text;
    const newest = anApproval({ id: 'R-66666' });
    const lines = shown({ status: 'withdrawn' }, newest).split('\n');
    expect(lines.slice(0, 6)).toEqual([
      'Withdrawn: ubuntu-22 1.6.0',
      'R-99999 · run R-22222 · by Ada · Mon 23 Nov, 08:55 UTC · in Azure as goldbot’s own identity',
      '– Withdrawn',
      'Ada withdrew it: “wrong base”',
      'The run waits for a rebuild or a cancel. Nothing was published.',
      'R-66666 asks again.',
    ]);
    expect(shown({ status: 'withdrawn', closed: { at: now, by: 'Ada' } })).not.toContain('withdrew');
    // Who decided stands in the decisions, and their reasons too.
    const rejected = shown({ status: 'rejected', decisions: [decided('Grace', 'reject', 'too old')] });
    expect(rejected).not.toContain('withdrew');
    expect(rejected.split('\n')[1]).toBe(
      'R-99999 · run R-22222 · Mon 23 Nov, 08:55 UTC · in Azure as goldbot’s own identity',
    );
    expect(asksAgain(anApproval(), { now, newest: anApproval() })).toEqual([]);
    expect(asksAgain(anApproval(), { now })).toEqual([]);
    expect(asksAgain(anApproval(), { now, newest: { ...newest, status: 'approved' } })).toEqual([
      'R-66666 asked again: it is approved.',
    ]);
  });

  it('is dated by its end: its expiry, its closing, its last decision', () => {
    const dated = (more: Partial<Approval>) =>
      presentPublishApproval(anApproval(more), planned(), { now }).text.split('\n')[1]?.split(' · ').at(-2);
    expect(dated({ status: 'expired', expiresAt: later(-60), closed: { at: now, by: 'goldbot' } })).toBe(
      'Mon 23 Nov, 08:00 UTC',
    );
    expect(dated({ status: 'rejected', decisions: [{ ...decided('Grace', 'reject'), at: later(-120) }] })).toBe(
      'Mon 23 Nov, 07:00 UTC',
    );
    expect(dated({ status: 'void' })).toBe('Mon 23 Nov, 09:00 UTC');
  });

  it.each([
    [undefined, 'Its run went on without it.'],
    [
      { why: 'changed' as const, differences: [] },
      'Somebody changed the version after it was tested: what was asked about is not there any more.',
    ],
    [
      { why: 'outlived' as const },
      'It was approved longer ago than the request was open, so the approval does not count any more.',
    ],
    [{ why: 'unbound' as const }, 'It was asked before requests were bound to the very version that was tested.'],
  ])('says why it does not stand any more: %j', (voided, sentence) => {
    const approval = anApproval({ status: 'void', ...(voided && { voided }) });
    expect(voidSentence(approval)).toBe(sentence);
    expect(presentPublishApproval(approval, planned({ stage: 'repair' }), { now }).text.split('\n')).toContain(
      sentence,
    );
  });

  it('of another plan is what was decided then, and where the run is now', () => {
    const shown = (change: Partial<PublishRun>, more: Partial<Approval> = {}) =>
      presentPublishApproval(anApproval({ planHash: 'f'.repeat(64), ...more }), planned(change), { now }).text.split(
        '\n',
      );
    const decisions = [decided('Ida', 'approve'), decided('Grace', 'reject', 'too old')];
    expect(shown({ attempt: 2 }, { status: 'rejected', decisions })).toEqual([
      'R-99999 is rejected: ubuntu-22',
      'Ida approved',
      'Grace rejected: too old',
      'The run R-22222 went on with another plan. Attempt 2 is under way.',
      'status R-22222',
    ]);
    // Nobody can decide about a plan that is gone.
    expect(shown({ outcome: 'published' })[0]).toBe('R-99999 is void: ubuntu-22');
    expect(shown({ outcome: 'published' })).toContain(
      'The run R-22222 went on with another plan. ubuntu-22 1.6.0 is published.',
    );
  });

  it('names who rejected it, when and why', () => {
    expect(
      rejectionOf(anApproval({ decisions: [decided('Ida', 'approve'), decided('Grace', 'reject', 'too old')] })),
    ).toEqual({ name: 'Grace', when: 'on Mon 23 Nov, 09:00 UTC', reason: 'too old' });
    expect(rejectionOf(anApproval())).toEqual({ name: 'an approver', when: '', reason: 'no reason given' });
  });
});
