import { inWords } from '../../cards';
import {
  type ChangePlan,
  type ChangeRun,
  type PublishData,
  type PublishRun,
  type PublishStage,
  planHash,
} from '../../core/runs';
import { cancelledChange, changeView } from '../../dialogs/present/change';
import { presentChangeNews } from '../../dialogs/present/change-news';
import { whatOf } from '../../dialogs/present/change-words';
import { presentNews } from '../../dialogs/present/news';
import { runView, stageViews } from '../../dialogs/present/run';
import { anApproval, fixed } from './support/plan';
import { aRun, now } from './support/world';

const plan = { request: {}, approvalChannel: 'Image Factory / approvals', fixed };
const later = (minutes: number) => new Date(now.getTime() + minutes * 60_000);
const at = (minutes: number) => later(minutes).toISOString();

function planned(change: Partial<PublishRun> = {}, data: Partial<PublishData> = {}): PublishRun {
  return aRun('R-22222', { plan, planHash: planHash(fixed), ...change, data });
}
const timed = (stage: PublishStage, from: number, to?: number, attempt = 1) => ({
  ...{ stage, attempt, from: at(from) },
  ...(to !== undefined && { to: at(to) }),
});
const failedTest = { name: 'audit', passed: false, exitCode: 1, output: 'reading\nrules missing\n' };
const passedTest = { name: 'sshd', passed: true, exitCode: 0, output: '' };
const failure: NonNullable<PublishData['failure']> = {
  ...{ stage: 'test', what: 'audit', error: 'rules missing', tail: ['a', 'rules missing'], remedy: 'Load the rules.' },
};

describe('what the card of a run tells', () => {
  it('in repair is the failure, its tests and who is waited for', () => {
    const actors = [
      { oid: 'h', name: 'Heidi', did: 'joined' },
      { oid: 'a', name: 'Ada', did: 'requested' },
    ] as const;
    const run = planned(
      { stage: 'repair', attempt: 2, actors, plan: { ...plan, request: { note: 'the openssl fix' } } },
      { tests: [passedTest, failedTest], failure, expectedMs: 9, times: [timed('repair' as PublishStage, -30)] },
    );
    const left = [{ what: 'a disk', since: now }] as never;
    const { stages, ...view } = runView(run, { now, left });
    expect({ ...view, remark: inWords(view.remark ?? '') }).toEqual({
      id: 'R-22222',
      image: 'ubuntu-22',
      status: 'needs-repair',
      requestedBy: 'Ada',
      joinedBy: ['Heidi'],
      attempt: 2,
      startedAt: run.createdAt,
      elapsedMs: 20 * 60_000,
      canCancel: true,
      hash: planHash(fixed),
      version: '1.6.0',
      note: 'the openssl fix',
      remark: 'Waits for Ada or another publisher until Mon 7 Dec, 08:30 UTC; then it expires.',
      tests: [
        { name: 'sshd', mark: 'done' },
        { name: 'audit', mark: 'failed', detail: 'rules missing' },
      ],
      failure: {
        stage: 'Test',
        what: 'audit',
        error: 'rules missing',
        log: ['a', 'rules missing'],
        attempt: 2,
        owner: 'Ada',
        remedy: 'Load the rules.',
      },
      left,
    });
    expect(stages.map(({ mark }) => mark)).toEqual(['done', 'done', 'done', 'failed', 'todo', 'todo', 'todo', 'todo']);
  });

  it('has nothing in it that is not known, and compares with earlier runs only before people are waited for', () => {
    const { stages: _, ...view } = runView(aRun('R-22222', { actors: [] }), { now });
    expect(view).toEqual({
      ...{ id: 'R-22222', image: 'ubuntu-22', status: 'running', requestedBy: 'a schedule', joinedBy: [], attempt: 1 },
      ...{ startedAt: later(-20), elapsedMs: 20 * 60_000, canCancel: true },
    });
    const pace = (stage: PublishStage, more: Partial<PublishRun> = {}, data: Partial<PublishData> = {}) => {
      const { usualMs, first } = runView(planned({ stage, ...more }, data), { now });
      return [usualMs, first];
    };
    for (const stage of ['capture', 'customise', 'tattoo', 'test'] as const) {
      expect(pace(stage, {}, { expectedMs: 70 })).toEqual([70, undefined]);
      expect(pace(stage)).toEqual([undefined, true]);
      expect(pace(stage, { attempt: 2 }, { expectedMs: 70 })).toEqual([undefined, undefined]);
    }
    for (const stage of ['plan', 'approve', 'publish', 'replicate'] as const)
      expect(pace(stage, {}, { expectedMs: 70 })).toEqual([undefined, undefined]);
  });

  const ended = (outcome: 'published' | 'cancelled', by?: string) => ({
    ending: { outcome, why: 'wrong base', ...(by !== undefined && { by }) },
  });
  const cleaning = { 'test machine': { since: at(-11), said: 'Azure is busy' } } as never;

  it.each<[string, Partial<PublishRun>, Partial<PublishData>, string | undefined]>([
    ['running', { stage: 'test' }, {}, undefined],
    ['newer base', { stage: 'test' }, { newerBase: '22.04.2' }, 'The marketplace has a newer base: 22.04.2.'],
    [
      'trouble',
      {
        ...{ stage: 'test', tries: 6, lastError: 'Azure is silent', failingSince: later(-60) },
        inStage: { limit: { until: at(60), afterwards: 'Then it fails.' } } as never,
      },
      {},
      '6 tries in a row failed since Mon 23 Nov, 08:00 UTC: Azure is silent. goldbot keeps trying until Mon 23 Nov, 10:00 UTC. Then it fails.',
    ],
    ['trouble unknown', { stage: 'test', tries: 5 }, {}, '5 tries in a row failed. goldbot keeps trying.'],
    ['four tries', { stage: 'test', tries: 4, lastError: 'x' }, {}, undefined],
    ['cancelled', { stage: 'cleanup', outcome: 'cancelled' }, ended('cancelled'), 'Cancelled: wrong base.'],
    [
      'cancelling',
      { stage: 'cleanup' },
      { ...ended('cancelled', 'Ada'), cleaning },
      'Cancelled by Ada: wrong base. What the run made is being deleted. test machine has been waited for since Mon 23 Nov, 08:49 UTC: Azure is busy. The run ends without it if that takes too long.',
    ],
    [
      'handed to the reaper',
      { stage: 'cleanup' },
      { ...ended('cancelled'), cleaning, handed: ['test machine'] },
      'Cancelled: wrong base. What the run made is being deleted.',
    ],
    [
      'ten minutes',
      { stage: 'cleanup' },
      { ...ended('cancelled'), cleaning: { vm: { since: at(-10), said: 'no' } } as never },
      'Cancelled: wrong base. What the run made is being deleted.',
    ],
    [
      'published, tidying up',
      { stage: 'cleanup' },
      { ...ended('published'), cleaning },
      'test machine has been waited for since Mon 23 Nov, 08:49 UTC: Azure is busy. The run ends without it if that takes too long.',
    ],
    [
      'published',
      { stage: 'cleanup', outcome: 'published' },
      { discontinue: '1.2.0' },
      '1.2.0 has no end of life: think about discontinuing it.',
    ],
  ])('remarks of %s', (_, change, data, remark) => {
    const { remark: said } = runView(planned(change, data), { now });
    expect(said && inWords(said)).toBe(remark);
  });

  it('remarks who is waited for, and first that nobody can', () => {
    const remark = (data: Partial<PublishData> = {}) =>
      inWords(runView(planned({ stage: 'approve' }, data), { now, approval: anApproval() }).remark ?? '');
    const waits = 'Waits for goldbot-approvers until Wed 25 Nov, 09:00 UTC; then it expires.';
    expect(remark()).toBe(waits);
    expect(remark({ deciders: { size: 'fits', count: 0, ids: [] } })).toBe(
      `Nobody can approve this: goldbot-approvers has no members. ${waits}`,
    );
    const [, , , , asked] = stageViews(planned({ stage: 'approve' }), {
      now,
      approval: anApproval({ status: 'rejected' }),
    });
    expect(asked).toMatchObject({ mark: 'needs-person', detail: 'R-99999 rejected' });
    expect(asked).not.toHaveProperty('word');
    const early = planned({ stage: 'repair' }, { failure: { ...failure, stage: 'approve' } });
    expect(stageViews(early, { now, approval: anApproval({ status: 'rejected' }) })[4]).toMatchObject({
      ...{ mark: 'failed', word: 'rejected', detail: 'audit' },
    });
  });

  it.each<[number, Partial<PublishRun>, string]>([
    [4, { stage: 'test' }, 'running'],
    [5, { stage: 'test' }, 'needs-a-look'],
    [5, { stage: 'approve' }, 'waiting'],
    [5, { stage: 'repair' }, 'needs-repair'],
    [5, { stage: 'cleanup', outcome: 'failed' }, 'failed'],
  ])('after %i tries, %j is %s', (tries, change, status) => {
    expect(runView(planned({ ...change, tries }), { now }).status).toBe(status);
  });

  it('is where each region is while it is served, and afterwards where one failed', () => {
    const regions = [
      { name: 'westeurope', state: 'Completed', progress: 100 },
      { name: 'North Europe', state: 'Replicating', progress: 40 },
      { name: 'East US', state: 'Unknown', progress: 0 },
    ];
    const shown = (stage: PublishStage, states: readonly object[] | undefined) =>
      runView(planned({ stage }, states && { regions: states as never }), { now }).regions;
    expect(shown('replicate', regions)).toEqual([
      { name: 'westeurope', replicas: 3, mark: 'done', detail: 'in place' },
      { name: 'North Europe', replicas: 2, mark: 'now', detail: '40 %' },
      { name: 'East US', replicas: 1, mark: 'todo', detail: '0 %' },
    ]);
    expect(shown('age', regions)).toBeUndefined();
    expect(shown('replicate', undefined)).toBeUndefined();
    expect(shown('age', [{ ...regions[1], state: 'Failed' }])).toEqual([
      { name: 'North Europe', replicas: 2, mark: 'failed', detail: 'failed' },
    ]);
  });
});

it('a run whose requests are kept no more says where they stand', () => {
  const over = { clearedAt: later(600_000), endedAt: now };
  const words = 'It is over for so long that what was asked and decided in it stands in the audit alone.';
  expect(runView(planned({ ...over, outcome: 'expired' }), { now }).remark).toBe(words);
  const change = changing({ verb: 'remediate', policy: 'baseline', reason: 'audit on Friday' }, over);
  expect(changeView(change, { now }).warnings).toContain(words);
});

describe('the stages on the card of a run', () => {
  const shownOf = (run: PublishRun, approval?: Parameters<typeof stageViews>[1]['approval']) =>
    stageViews(run, { now, approval }).map(({ name, mark, word, detail, elapsedMs }) =>
      [
        name,
        mark,
        ...(word ? [word] : []),
        ...(detail ? [detail] : []),
        ...(elapsedMs === undefined ? [] : [elapsedMs / 60_000]),
      ].join(' '),
    );
  const regions = [{ name: 'West Europe', state: 'Completed', progress: 100 }] as never;
  const times = [
    ...[timed('capture', -60, -59), timed('customise', -59, -30), timed('tattoo', -30, -29), timed('test', -29, -20)],
    timed('approve', -20),
  ];
  const known = { tests: [passedTest, failedTest], tattooHash: 'abcdef0123456789', times };

  it('tell of what is done, and who is asked', () => {
    const approval = anApproval({
      rule: { ...fixed.rule, quorum: 2 },
      decisions: [{ name: 'Ida', verdict: 'approve' } as never],
    });
    expect(shownOf(planned({ stage: 'approve' }, known), approval)).toEqual([
      'capture done Canonical 22_04-lts-gen2 22.04.202611120 1',
      'customise done 2 steps 29',
      'tattoo done sealed as abcdef01 1',
      'test done 1 of 2 passed 9',
      'approve needs-person R-99999 asks goldbot-approvers in Image Factory / approvals · 1 of 2',
      'replicate todo',
      'publish todo',
      'age todo',
    ]);
  });

  it('tell of a run that is over what came of each', () => {
    const decisions = [
      { name: 'Ida', verdict: 'approve' },
      { name: 'Grace', verdict: 'approve' },
    ] as never;
    const approval = anApproval({ status: 'approved', decisions });
    const run = planned(
      { stage: 'cleanup', outcome: 'published', endedAt: later(-1) },
      { ...known, regions, aged: ['1.4.1', '1.5.0'] },
    );
    expect(shownOf(run, approval).slice(4)).toEqual([
      'approve done R-99999 approved by Ida and Grace 19',
      'replicate needs-person 1 of 2 regions in place',
      'publish done 1.6.0 is the latest',
      'age done 1.4.1, 1.5.0 aged',
    ]);
    expect(shownOf(planned({ stage: 'announce' })).slice(5)).toEqual([
      'replicate done',
      'publish done 1.6.0 is the latest',
      'age done nothing older to age',
    ]);
  });

  it('stand in the order of the run: those of before were published first', () => {
    const run = (stages: readonly string[]) => planned({ stage: 'replicate', stages }, { progress: '1 of 2 regions' });
    expect(shownOf(run(['publish', 'replicate'])).slice(5, 7)).toEqual([
      'publish done 1.6.0 is the latest',
      'replicate now 1 of 2 regions',
    ]);
    expect(shownOf(run(['replicate', 'publish'])).slice(5, 7)).toEqual([
      'replicate now 1 of 2 regions',
      'publish todo',
    ]);
  });

  it('tell where it stopped, and skip the rest', () => {
    const ending = { outcome: 'cancelled', why: 'x' } as const;
    const run = planned(
      { stage: 'cleanup', outcome: 'cancelled', endedAt: now },
      { ...known, ending, times: times.slice(0, 2) },
    );
    expect(shownOf(run).slice(0, 3)).toEqual([
      'capture done Canonical 22_04-lts-gen2 22.04.202611120 1',
      'customise stopped 29',
      'tattoo skipped',
    ]);
    const failed = planned(
      { stage: 'cleanup', outcome: 'failed' },
      { times: times.slice(0, 2), failure: { ...failure, stage: 'customise' } },
    );
    expect(shownOf(failed)[1]).toBe('customise failed audit 29');
    const asked = planned(
      { stage: 'cleanup', outcome: 'expired' },
      { ...known, ending: { outcome: 'expired', why: 'x' } },
    );
    expect(shownOf(asked, anApproval({ status: 'expired' }))[4]).toBe('approve stopped expired R-99999 expired 20');
    expect(shownOf(asked, anApproval())[4]).toBe(
      'approve stopped R-99999 asked goldbot-approvers in Image Factory / approvals 20',
    );
    expect(shownOf(planned({ stage: 'plan', plan: { ...plan, fixed: null } }))[0]).toBe(
      'capture now choosing base and number',
    );
  });
});

describe('the message beside the card of a run', () => {
  it('calls for repair while it is needed, and says afterwards what came then', () => {
    const run = planned({ stage: 'repair' }, { failure, tests: [failedTest] });
    expect(presentNews(run, 'repair-1').text.split('\n')).toEqual([
      'ubuntu-22 1.6.0 needs repair',
      'Attempt 1 of R-22222 stopped in Test. Ada acts.',
      '! audit: rules missing',
      'status R-22222 · rebuild R-22222 · logs R-22222',
    ]);
    expect(presentNews(planned({ stage: 'test', attempt: 2 }), 'repair-1').text.split('\n')).toEqual([
      'Attempt 1 of R-22222 needed repair.',
      'Attempt 2 was started after it.',
      'status R-22222 · logs R-22222',
    ]);
    expect(presentNews(planned({ stage: 'cleanup' }), 'repair-1').text).toContain('The run was ended there.');
  });

  it('tells what exists, what is gone and what is left', () => {
    const run = planned(
      { stage: 'cleanup', outcome: 'published', endedAt: now },
      {
        ...{ cleaned: ['the test machine'], aged: ['1.5.0'], kept: ['its end of life'], ageTrouble: 'Azure is busy.' },
        ...{
          discontinue: '1.2.0',
          regions: [
            { name: 'West Europe', state: 'Completed', progress: 100 },
            { name: 'North Europe', state: 'Failed', progress: 3 },
          ] as never,
        },
      },
    );
    const { text } = presentNews(run, 'outcome');
    for (const line of [
      'ubuntu-22 1.6.0 in West Europe ×3',
      '1.5.0 marked aged, replaced by 1.6.0',
      'the test machine',
      'North Europe is not served: replication failed there',
      'Azure did not change all of the version: its end of life',
      'Some earlier versions are not marked as aged: Azure is busy.',
      'ubuntu-22 1.2.0 has no end of life: decide when it goes',
    ])
      expect(text).toContain(line);
    expect(text).toContain('20 min');
  });
});

function changing(changed: Partial<ChangePlan> & Pick<ChangePlan, 'verb'>, more: object = {}): ChangeRun {
  const about = {
    machineId: '/vm',
    target: 'vm-1',
    team: 'web',
    assignment: '/a',
    approval: { channel: 'web / approvals' },
  };
  return {
    ...aRun('R-22222'),
    kind: 'change',
    subject: 'vm-1',
    plan: { ...about, ...changed },
    data: {},
    ...more,
  } as never;
}

describe('what the card of a change tells', () => {
  const remediate = { verb: 'remediate', policy: 'baseline', reason: 'audit on Friday' } as const;

  it('is what is asked, of whom, and what was before', () => {
    const run = changing(remediate, {
      stage: 'approve',
      data: { before: 'NonCompliant', warnings: ['It restarts.'], progress: 'asked' },
    });
    const approval = anApproval({ decisions: [{ name: 'Ida', verdict: 'approve', at: now, reason: null } as never] });
    expect(changeView(run, { now, approval })).toEqual({
      ...{ id: 'R-22222', verb: 'remediate', subject: 'vm-1', what: 'by baseline', status: 'waiting-for-approval' },
      ...{
        askedBy: 'Ada',
        reason: 'audit on Friday',
        warnings: ['It restarts.'],
        progress: 'asked',
        canCancel: true,
        at: now,
        hasEnded: false,
      },
      facts: [
        { title: 'Team', value: 'web' },
        { title: 'Before', value: 'non-compliant' },
      ],
      approval: {
        ...{ id: 'R-99999', hash: planHash(fixed), group: 'goldbot-approvers', until: later(2 * 24 * 60), quorum: 1 },
        decisions: [{ name: 'Ida', verdict: 'approve', at: now }],
      },
      next: [{ verb: 'status', values: { request: 'R-22222' } }],
    });
  });

  const ended = (how: string, by?: string) => ({
    ...{ outcome: how === 'done' ? 'done' : 'failed', endedAt: later(-3), stage: 'end' },
    data: { ending: { how, why: 'vm-1 is compliant', ...(by && { by }) }, warnings: ['x'], progress: 'y' },
  });

  it.each([
    ['done', undefined, 'vm-1 is compliant'],
    ['failed', undefined, 'It failed: vm-1 is compliant.'],
    ['refused', 'Grace', 'It was refused by Grace: vm-1 is compliant. Nothing was changed.'],
    ['withdrawn', 'Ada', 'The request was withdrawn by Ada: vm-1 is compliant. Nothing was changed.'],
    ['expired', undefined, 'It expired: vm-1 is compliant. Nothing was changed.'],
    ['cancelled', 'Ada', 'It was cancelled by Ada: vm-1 is compliant. Nothing was changed.'],
  ])('is how it ended when it is over: %s', (how, by, outcome) => {
    const run = changing({ ...remediate, team: null }, ended(how, by));
    expect(changeView(run, { now, approval: anApproval() })).toEqual({
      ...{ id: 'R-22222', verb: 'remediate', subject: 'vm-1', what: 'by baseline', status: how, askedBy: 'Ada' },
      ...{ reason: 'audit on Friday', facts: [], outcome, canCancel: false, at: later(-3), hasEnded: true },
      next: [{ verb: 'tattoo', values: { machine: 'vm-1' } }],
    });
    expect(presentChangeNews(run).text.split('\n')).toEqual([
      `remediate vm-1: ${how}`,
      'Ada asked for it in R-22222.',
      outcome,
      'status R-22222',
    ]);
  });

  it('is cancelled while it goes on, where it goes in parts; what has begun ends between two of them', () => {
    const rollout = (more: object) => changing({ verb: 'rollout', sets: [], version: '1.5.0' }, more);
    const said = { why: 'a bug', by: 'Ida', at: later(1) };
    const begun = rollout({ stage: 'verify', data: { begunAt: 'x', progress: 'vm: 1 of 5' } });
    expect(changeView(begun, { now }).canCancel).toBe(true);
    expect(changeView(changing(remediate, { stage: 'verify' }), { now }).canCancel).toBe(false);
    expect(changeView(cancelledChange(begun, said), { now })).toMatchObject({
      ...{ status: 'running', canCancel: false },
      progress: 'Ida cancelled it: it ends once no batch is half done. vm: 1 of 5',
    });
    const untouched = cancelledChange(rollout({ stage: 'wait' }), said);
    expect(changeView(untouched, { now })).toMatchObject({
      ...{ status: 'cancelled', outcome: 'It was cancelled by Ida: a bug. Nothing was changed.' },
    });
  });

  it('is what fails while it goes on', () => {
    const outcome = (tries: number) =>
      changeView(changing(remediate, { stage: 'apply', tries, lastError: 'no' }), { now }).outcome;
    expect(outcome(4)).toBeUndefined();
    expect(outcome(5)).toBe('5 tries in a row failed: no. goldbot keeps trying.');
    const news = presentChangeNews(changing(remediate, { stage: 'apply' })).text.split('\n');
    expect(news).toEqual(['remediate vm-1: running', 'Ada asked for it in R-22222.', 'status R-22222']);
  });

  it.each<[object, string]>([
    [{ verb: 'classify', model: 'pet' }, 'as pet'],
    [{ verb: 'exempt', policy: 'baseline', until: '2027-01-31T12:00:00Z' }, 'from baseline until 31 Jan 2027'],
    [{ verb: 'rescan', scopes: ['a'] }, 'in 1 scope'],
    [{ verb: 'rescan', scopes: ['a', 'b'] }, 'in 2 scopes'],
    [{ verb: 'restrict', effect: 'off' }, 'no longer'],
    [{ verb: 'restrict', effect: 'deny' }, 'to golden images (deny)'],
    [{ verb: 'restrict', effect: 'deny', pastEnd: true }, 'to golden images before their end of life (deny)'],
    [
      { verb: 'rollback', versions: ['1.5.0'], forward: '1.6.0' },
      'with 1.5.0 out of latest in every region; it comes back as 1.6.0, a copy',
    ],
    [{ verb: 'tattoo' }, 'afresh'],
  ])('says after its verb what %j does: %s', (asked, words) => {
    expect(whatOf(asked as ChangePlan)).toBe(words);
  });

  it('of a restriction is where it holds, what it allows, and what it leaves out', () => {
    const target = {
      scope: '/subscriptions/s/resourceGroups/rg-web',
      notScopes: ['/x/rg-old'],
      buildGroups: ['/x/IT_rg'],
    };
    const run = changing({ verb: 'restrict', effect: 'deny', galleries: ['/g/gold'], targets: [target] } as never, {
      outcome: 'done',
      data: {},
    });
    const { facts, next } = changeView(run, { now });
    expect(facts).toEqual([
      { title: 'Team', value: 'web' },
      { title: 'Scope', value: 'resource group rg-web' },
      { title: 'Allowed', value: 'gold' },
      { title: 'Left out', value: 'rg-old, IT_rg…' },
    ]);
    expect(next).toEqual([{ verb: 'compliance', values: { team: 'web' } }]);
    const open = changeView({ ...run, outcome: null }, { now });
    expect(open.next).toEqual([{ verb: 'status', values: { request: 'R-22222' } }]);
    const all = changing({ verb: 'rescan', team: null, scopes: [] } as never, { outcome: 'done' });
    expect(changeView(all, { now }).next).toEqual([{ verb: 'compliance', values: { team: 'all' } }]);
  });
});
