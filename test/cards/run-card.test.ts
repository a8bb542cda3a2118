import { approvalCard, approvalDecidedCard, planCard, type Reply, runCard, versionsCard } from '../../cards';
import { cases as approvals } from '../fixtures/cards/approval';
import { cases as decided } from '../fixtures/cards/approval-decided';
import { cases as plans } from '../fixtures/cards/plan';
import { cases as runs } from '../fixtures/cards/run';
import { cases as versions } from '../fixtures/cards/versions';
import { all } from './reading';

function need<T>(cases: Readonly<Record<string, T>>, name: string): T {
  const found = cases[name];
  if (found === undefined) throw new Error(`no case ${name}`);
  return found;
}

function buttons(reply: Reply): readonly { readonly verb: string; readonly data: unknown }[] {
  return (reply.card?.actions ?? []) as unknown as { verb: string; data: unknown }[];
}

function verbs(reply: Reply): readonly string[] {
  return buttons(reply).map((button) => button.verb);
}

describe('the run card', () => {
  const building = need(runs, 'building');

  it('offers to cancel until publishing begins', () => {
    expect(verbs(runCard(building))).toContain('cancel');
    expect(verbs(runCard(need(runs, 'replicating')))).toContain('cancel');
    expect(verbs(runCard(need(runs, 'publishing')))).not.toContain('cancel');
    expect(verbs(runCard(need(runs, 'published')))).not.toContain('cancel');
  });

  it('offers to rebuild only what needs repair', () => {
    expect(verbs(runCard(need(runs, 'needs-repair')))).toContain('rebuild');
    expect(verbs(runCard(building))).not.toContain('rebuild');
  });

  it('asks for no input while it is edited or waits: a reason is asked for after the click', () => {
    expect(JSON.stringify(runCard(building).card)).not.toContain('Input.Text');
    expect(JSON.stringify(runCard(need(runs, 'waiting-for-approval')).card)).not.toContain('Input.Text');
    expect(JSON.stringify(runCard(need(runs, 'needs-repair')).card)).toContain('Input.Text');
  });

  it('says how much longer it takes, and when it takes longer than usual', () => {
    expect(runCard(building).text).toContain('About 38 min left, of the usual 52 min');
    expect(all(runCard(building), 'ProgressBar').map(({ value }) => value)).toEqual([27]);
    const slow = runCard({ ...building, elapsedMs: 60 * 60_000 }).text;
    expect(slow).toContain('longer than the usual 52 min');
    expect(all(runCard({ ...building, elapsedMs: 60 * 60_000 }), 'ProgressBar')).toEqual([]);
  });

  it('says every stage with its state in words', () => {
    const { text } = runCard(building);
    expect(text).toContain('✓ Capture: done');
    expect(text).toContain('● Customise: now · 5 of 8 steps · harden-sshd · 14 min');
    expect(text).toContain('○ Age: to come');
  });

  it('carries request and hash in what acts, and nothing else', () => {
    const cancel = buttons(runCard(building)).find((button) => button.verb === 'cancel');
    expect(cancel?.data).toEqual({ request: 'R-7F3KQ', hash: '3f9c1ab2c4d5' });
  });
});

describe('the approval card', () => {
  const typical = need(approvals, 'typical');

  it('is bound to the hash of its plan', () => {
    const acting = buttons(approvalCard({ ...typical, viewer: { as: 'decider' } })).filter(
      (b) => b.verb === 'approve' || b.verb === 'reject',
    );
    expect(acting.map((b) => b.data)).toEqual(Array(2).fill({ request: 'R-9WXB4', hash: '3f9c1ab2c4d5' }));
  });

  it.each([
    ['everybody', undefined, ['view', 'logs', 'diff'], 'approve R-9WXB4'],
    ['a person who may decide', { as: 'decider' }, ['approve', 'reject', 'logs', 'diff'], 'approve R-9WXB4'],
    [
      'a person with a place of another',
      { as: 'decider', inPlaceOf: 'Sam' },
      ['approve', 'reject', 'logs', 'diff'],
      'You decide on behalf of Sam.',
    ],
    [
      'who asked',
      { as: 'asker', did: 'requested' },
      ['withdraw', 'logs', 'diff'],
      'You requested it: it waits for image-approvers.',
    ],
    [
      'who approved',
      { as: 'decided', verdict: 'approve' },
      ['logs', 'diff'],
      'You approved it: it waits for image-approvers.',
    ],
  ] as const)('has for %s what they can do', (_, viewer, verbs, words) => {
    const reply = approvalCard({ ...typical, ...(viewer && { viewer }) });
    expect(buttons(reply).map(({ verb }) => verb)).toEqual(verbs);
    expect(reply.text).toContain(words);
    expect(reply.card?.['refresh']).toEqual({
      action: { type: 'Action.Execute', verb: 'view', data: { request: 'R-9WXB4' } },
    });
  });

  it('says nothing about scale sets when nobody looked, and says so when none upgrades', () => {
    const { selfUpgrading: _, ...unknown } = typical;
    expect(approvalCard(unknown).text).not.toMatch(/scale set/);
    expect(approvalCard({ ...typical, selfUpgrading: [] }).text).toContain('No scale set will upgrade automatically');
  });

  it('marks tests that did not all pass', () => {
    const reply = approvalCard({ ...typical, tests: { passed: 11, total: 12 } });
    expect(reply.text).toContain('! 11 of 12 tests passed');
  });

  it.each(Object.keys(decided))('offers nothing that decides once it is %s', (name) => {
    const offered = verbs(approvalDecidedCard(need(decided, name)));
    expect(offered).not.toContain('approve');
    expect(offered).not.toContain('reject');
  });

  it('says what changed when it became void', () => {
    expect(approvalDecidedCard(need(decided, 'void')).text).toContain('base 22.04.202611120 → 22.04.202611190');
  });
});

describe('the versions card', () => {
  const typical = need(versions, 'typical');

  it('warns when the newest by date is not the highest number', () => {
    expect(versionsCard(typical).text).not.toContain('!');
    expect(versionsCard({ ...typical, newestByDate: '1.4.1' }).text).toContain(
      '! Latest is the highest number: 1.6.0.',
    );
  });

  it('shows unknown numbers of machines as unknown, not as none', () => {
    expect(versionsCard(typical).text).toContain('Latest · 0 machines');
    expect(versionsCard(need(versions, 'hotfix-after-newer')).text).toContain('machines not counted');
  });

  it('says how many it leaves out, and how to see them', () => {
    const { text } = versionsCard(need(versions, 'hostile'));
    expect(text).toContain('Showing 15 of 4000');
    expect(text).toContain('versions ubuntu-22 --all');
  });
});

describe('the plan card', () => {
  it('publishes with the options that were planned', () => {
    const reply = planCard(need(plans, 'with-warnings'));
    expect(buttons(reply)[0]?.data).toEqual({ image: 'ubuntu-22', from: '22.04.202610080', note: 'as last month' });
    expect(reply.text).toContain('publish ubuntu-22 --from 22.04.202610080 --note "as last month"');
  });

  it('lists what is changed of a template, and what nobody has pinned', () => {
    const { text } = planCard(need(plans, 'from-a-template'));
    expect(text).toMatch(
      /From the template images\/legacy.json, with these changes[\s\S]*distribute: 1 target[\s\S]*tattoo[\s\S]*not pinned by a checksum: download-agent/,
    );
  });

  it('has no button for those who may not publish', () => {
    expect(verbs(planCard(need(plans, 'azure-silent')))).toEqual([]);
  });
});
