import { inWords } from '../../cards';
import type { Approval } from '../../core/runs';
import { type PublishRun, planHash } from '../../core/runs';
import { publishStages } from '../../core/runs/publish';
import { renderTopic } from '../../dialogs';
import { presentPublishApproval } from '../../dialogs/present/approval';
import { presentNews } from '../../dialogs/present/news';
import { presentRun } from '../../dialogs/present/run';
import { presentRuns } from '../../dialogs/present/runs';
import { anApproval, fixed } from './support/plan';
import { aRun, dialogWorld, now } from './support/world';

const times = publishStages.map((stage, i) => ({
  stage,
  attempt: 1,
  from: new Date(now.getTime() - (20 - i) * 60_000).toISOString(),
  to: new Date(now.getTime() - (19 - i) * 60_000).toISOString(),
}));

function planned(change: Parameters<typeof aRun>[1] = {}): PublishRun {
  const plan = { request: {}, approvalChannel: 'Image Factory / approvals', fixed };
  return aRun('R-22222', { plan, planHash: planHash(fixed), ...change, data: { times, ...change.data } });
}

describe('the card of a run', () => {
  const endings = [undefined, 'published', 'cancelled', 'expired', 'failed'] as const;
  const cases = publishStages.flatMap((stage) => endings.map((outcome) => [stage, outcome] as const));

  it.each(cases)('has no gap in %s, ending as %s', (stage, outcome) => {
    const ending = outcome && { ending: { outcome, why: 'because', by: 'Ada' } };
    const run = planned({ stage, data: { ...ending } });
    const cards = [
      run,
      { ...run, plan: { ...run.plan, fixed: null } },
      { ...run, outcome: outcome ?? null, endedAt: now },
    ];
    for (const shown of cards) {
      const reply = presentRun(shown, { now, approval: anApproval() });
      expect(reply.text).toContain('R-22222');
      expect(reply.text).not.toMatch(/undefined|NaN|null/);
    }
  });

  it('marks what is done, what goes on and what is to come', () => {
    const { text } = presentRun(planned({ stage: 'customise', data: { progress: 'step 5 of 8 · harden-sshd' } }), {
      now,
    });
    expect(text).toMatch(/✓ Capture: done · Canonical 22_04-lts-gen2 22\.04\.202611120/);
    expect(text).toMatch(/● Customise: now · step 5 of 8 · harden-sshd/);
    expect(text).toMatch(/○ Age: to come/);
  });

  it('offers cancel until publishing begins, and not after', () => {
    for (const stage of ['approve', 'replicate'])
      expect(presentRun(planned({ stage }), { now }).text).toContain('cancel R-22222');
    expect(presentRun(planned({ stage: 'publish' }), { now }).text).not.toContain('cancel R-22222');
  });

  it('says that it needs a look after five tries, with the last error', () => {
    const { text } = presentRun(planned({ stage: 'test', tries: 5, lastError: 'Azure is silent.' }), { now });
    expect(text).toContain('Needs a look');
    expect(text).toContain('5 tries in a row failed: Azure is silent. goldbot keeps trying.');
  });

  it('names the failing test, its words and who acts', () => {
    const tests = [
      { name: 'sshd', passed: true, exitCode: 0, output: '' },
      { name: 'audit', passed: false, exitCode: 3, output: 'inactive\n' },
    ];
    const failure = { stage: 'test' as const, what: 'audit', error: 'inactive', tail: ['inactive'] };
    const { text } = presentRun(planned({ stage: 'repair', data: { tests, failure } }), { now });
    expect(text).toContain('Needs repair: ubuntu-22 1.6.0');
    expect(text).toMatch(/✗ Test · audit/);
    expect(text).toContain('Who acts: Ada');
    expect(text).toContain('rebuild R-22222');
  });

  it('says of several failed tests why each failed', () => {
    const tests = [
      { name: 'audit', passed: false, exitCode: 3, output: 'inactive\n' },
      { name: 'sshd', passed: false, exitCode: 1, output: 'reading\npasswords yes\n\n' },
      { name: 'time', passed: false, exitCode: 9, output: '' },
    ];
    const failure = { stage: 'test' as const, what: 'audit, sshd, time', error: 'inactive', tail: ['inactive'] };
    const run = planned({ stage: 'repair', data: { tests, failure } });
    for (const { text } of [presentRun(run, { now }), presentNews(run, 'repair-1')]) {
      for (const line of ['! audit: inactive', '! sshd: passwords yes', '! time: exit code 9'])
        expect(text).toContain(line);
    }
  });

  it('calls for repair beside its card by a notice that asks for nothing', () => {
    const failure = { stage: 'test' as const, what: 'audit', error: 'inactive', tail: ['inactive'] };
    const { text, card } = presentNews(planned({ stage: 'repair', data: { failure } }), 'repair-1');
    expect(text).toContain('ubuntu-22 1.6.0 needs repair');
    expect(text).toContain('! audit: inactive');
    expect(text).toContain('rebuild R-22222');
    expect(card?.actions).toEqual([expect.objectContaining({ verb: 'status' })]);
    expect(JSON.stringify(card)).not.toContain('Input.');
  });

  it('says who cancelled and why, and that it is being cleaned up', () => {
    const ending = { outcome: 'cancelled' as const, why: 'wrong base', by: 'Ada' };
    const { text } = presentRun(planned({ stage: 'cleanup', data: { ending } }), { now });
    expect(text).toContain('Cancelling');
    expect(text).toContain('Cancelled by Ada: wrong base. What the run made is being deleted.');
  });
});

describe('how long a run takes', () => {
  const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
  const expectedMs = 70 * 60_000;

  it('is compared with earlier runs while nobody is waited for', () => {
    const slow = planned({ stage: 'customise', createdAt: ago(90), data: { expectedMs } });
    expect(presentRun(slow, { now }).text).toContain('longer than the usual 1 h 10 min');
    expect(presentRun(planned({ stage: 'customise' }), { now }).text).toContain('no estimate yet');
    const ofWindows = { ...fixed, recipe: { ...fixed.recipe, os: 'Windows' as const } };
    const windows = planned({ stage: 'customise', plan: { request: {}, approvalChannel: 'a', fixed: ofWindows } });
    expect(presentRun(windows, { now }).text).toContain('for 20 min · Windows takes about 3 h');
    expect(presentRun(aRun('R-22222'), { now }).text).not.toContain('no estimate yet');
  });

  it.each([
    ['approval', planned({ stage: 'publish', createdAt: ago(300), data: { expectedMs } })],
    ['repair', planned({ stage: 'customise', attempt: 2, createdAt: ago(300), data: { expectedMs } })],
  ])('is not compared once people were waited for: %s', (_, run) => {
    const { text } = presentRun(run, { now });
    expect(text).toContain('for 5 h');
    expect(text).not.toMatch(/usual|left|no estimate/);
  });
});

describe('a number below the latest', () => {
  const low = { ...fixed, version: '1.2.0' };
  const plan = { request: {}, approvalChannel: 'x', fixed: low };
  const data = { selfUpgrading: ['web/vmss-front'] };

  it('is never said to become the latest', () => {
    const waiting = planned({ plan, planHash: planHash(low), stage: 'approve', data });
    const asking = presentPublishApproval(anApproval({ planHash: planHash(low) }), waiting, { now }).text;
    expect(asking).toContain('1.2.0 will not be the latest: Azure takes the highest number, which is 1.5.0.');
    expect(asking).toContain('Replaces: nothing; 1.5.0 remains the latest');
    expect(asking).not.toContain('vmss-front');
    expect(presentRun(planned({ plan, stage: 'test' }), { now }).text).toContain('1.2.0 will not be the latest');
    expect(presentRun(planned({ plan, stage: 'age' }), { now }).text).toContain('1.5.0 stays the latest');
  });
});

describe('a run that stopped', () => {
  const ending = { outcome: 'cancelled' as const, why: 'wrong base', by: 'Ada' };
  const begun = times.slice(0, 3);

  it('says of the stage in which it was cancelled that it was stopped, and of the others that they were skipped', () => {
    const run = planned({ stage: 'cleanup', outcome: 'cancelled', endedAt: now, data: { ending, times: begun } });
    const { text } = presentRun(run, { now });
    expect(text).toMatch(/– Customise · stopped · 1 min/);
    expect(text).toMatch(/– Tattoo: skipped$/m);
  });

  it.each([
    ['rejected', '✗'],
    ['withdrawn', '–'],
  ] as const)('says that its asking was %s instead of failed', (status, sign) => {
    const failure = { stage: 'approve' as const, what: `R-99999 ${status}`, error: 'because', tail: [] };
    const { text } = presentRun(planned({ stage: 'repair', data: { failure } }), {
      now,
      approval: anApproval({ status }),
    });
    expect(text).toContain(`${sign} Approve · R-99999 ${status}`);
  });

  it('is listed with the stage where it stopped, not with its clean-up', () => {
    const data = { ending, times: begun };
    const ended = { stage: 'cleanup', endedAt: now } as const;
    const list = { title: 'Runs', none: '', now };
    expect(presentRuns([planned({ ...ended, outcome: 'cancelled', data })], list).text).toContain(
      'Customise, took 20 min',
    );
    const published = presentRuns([planned({ ...ended, outcome: 'published' })], list).text;
    expect(published).not.toMatch(/Clean-up|Customise/);
    expect(published).toContain('took 20 min');
  });

  it.each(['failed', 'cancelled', 'expired'] as const)('names the next command when it is over as %s', (outcome) => {
    const over = planned({ stage: 'cleanup', outcome, endedAt: now, data: { ending: { outcome, why: 'because' } } });
    expect(presentRun(over, { now }).text).toContain('publish ubuntu-22');
    expect(presentNews(over, 'outcome').text).toContain('publish ubuntu-22');
  });
});

describe('the card of an asking', () => {
  it('has its buttons while it is open', () => {
    const { text } = presentPublishApproval(anApproval(), planned({ stage: 'approve' }), { now });
    expect(text).toContain('approve R-99999');
    expect(text).toContain('recipe unchanged');
  });

  it('says that an earlier message of it was deleted, as long as it is open', () => {
    const deletedAt = new Date('2026-11-23T08:30:00Z');
    const said = (change: Partial<Approval>) =>
      presentPublishApproval(anApproval({ deletedAt, ...change }), planned({ stage: 'approve' }), { now }).text;
    expect(said({})).toContain(
      'Posted again: somebody deleted the earlier message of this request in Teams; goldbot noticed on Mon 23 Nov, 08:30 UTC. Decisions made there count.',
    );
    expect(said({ status: 'approved' })).not.toContain('Posted again');
    expect(presentPublishApproval(anApproval(), planned({ stage: 'approve' }), { now }).text).not.toContain(
      'Posted again',
    );
  });

  it('loses them when it is decided, whatever came out', () => {
    for (const status of ['approved', 'rejected', 'withdrawn', 'expired', 'void'] as const) {
      const { text } = presentPublishApproval(anApproval({ status }), planned(), { now });
      expect(text).not.toContain('approve R-99999');
    }
  });

  it('counts as expired once world time is past it, before anybody has looked', () => {
    const { text } = presentPublishApproval(anApproval({ expiresAt: new Date(now.getTime() - 1) }), planned(), { now });
    expect(text).not.toContain('approve R-99999');
    expect(text).toContain('Nothing was published');
  });

  it('does not show the facts of another plan as its own', () => {
    const { text } = presentPublishApproval(anApproval({ planHash: 'f'.repeat(64), status: 'rejected' }), planned(), {
      now,
    });
    expect(text).toContain('R-99999 is rejected');
    expect(text).not.toContain('1.6.0');
    expect(text).not.toContain('approve R-99999');
  });

  it('never says of a recipe that nobody compared that it is unchanged', () => {
    const unknown = { ...fixed, previousRecipeHash: null };
    const run = planned({ plan: { request: {}, approvalChannel: 'x', fixed: unknown } });
    expect(presentPublishApproval(anApproval(), run, { now }).text).toContain('not comparable: 1.5.0 has no tattoo');
    const first = { ...unknown, previousVersion: null };
    const asked = planned({ plan: { request: {}, approvalChannel: 'x', fixed: first }, planHash: planHash(first) });
    const { text } = presentPublishApproval(anApproval({ planHash: planHash(first) }), asked, { now });
    expect(text).toContain('recipe: the first of its image');
    expect(text).not.toContain('not comparable');
  });
});

describe('a topic', () => {
  it('is rendered from the store alone, as it is now', async () => {
    const { deps, runs, approvals } = dialogWorld();
    runs.set('R-22222', planned({ stage: 'approve' }));
    approvals.set('R-99999', anApproval());
    expect(inWords((await renderTopic('run:R-22222', deps.reads, now)).text)).toContain(
      'R-99999 asks goldbot-approvers',
    );
    expect(inWords((await renderTopic('approval:R-99999', deps.reads, now)).text)).toContain(
      'Publish ubuntu-22 1.6.0?',
    );
  });

  it('is an error when there is no such thing', async () => {
    const { deps } = dialogWorld();
    await expect(renderTopic('run:R-77777', deps.reads, now)).rejects.toThrow('R-77777');
  });
});
