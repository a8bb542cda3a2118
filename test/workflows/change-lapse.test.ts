import { changeHash, type ExemptPlan } from '../../core/runs';
import { presentChangeApproval } from '../../dialogs/present/change';
import { apply, approve, type ChangeContext } from '../../workflows/change/stages';
import { anApproval } from '../dialogs/support/plan';
import { aRun, now } from '../dialogs/support/world';
import { unheld } from '../support/unheld';

const plan: ExemptPlan = {
  ...{ verb: 'exempt', machineId: '/vm', assignment: '/a', policy: 'only-golden', until: '2027-02-01T00:00:00.000Z' },
  ...{ target: 'vm-1', team: 'payments' },
  approval: { rule: { group: 'g', groupName: 'goldbot-approvers', quorum: 1 }, ttlMs: 60 * 60_000, channel: 'a' },
};
const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000);

/** Decided this long ago, of a request that stayed open for an hour. */
function contextOf(stage: string, decidedMinutesAgo: number, data = {}) {
  const decision = { oid: 'g', name: 'Grace', verdict: 'approve', reason: null, via: 'text' } as const;
  const approval = anApproval({
    ...{ status: 'approved', planHash: changeHash(plan), askedAt: ago(100), expiresAt: ago(40) },
    decisions: [{ ...decision, at: ago(decidedMinutesAgo) }],
  });
  const run = { ...aRun('R-22222'), kind: 'change', plan, planHash: changeHash(plan), stage, data };
  return { run, approval, inbox: [], now } as unknown as ChangeContext;
}
const kindOf = () => ({
  survey: async () => ({ before: '' }),
  next: async () => ({ kind: 'so', outcome: 'done' }) as const,
});
const deciders = async () => ({ size: 'known', count: 3, ids: ['a', 'b', 'c'] }) as never;

describe('an approved change that nobody made in time', () => {
  it.each([
    [60, { kind: 'ask', voids: { why: 'outlived' } }],
    [59, { kind: 'to', stage: 'apply' }],
  ])('is asked anew, %i minutes after the decision', async (minutes, step) => {
    expect(await approve({ deciders }).run(contextOf('approve', minutes))).toMatchObject(step);
  });

  it.each<[number, object, string]>([
    [60, {}, 'approve'],
    [59, {}, 'verify'],
    [60, { begunAt: ago(61).toISOString() }, 'verify'],
  ])('goes back before its first write, not afterwards: %i minutes, %j', async (minutes, data, stage) => {
    expect(await apply(kindOf, unheld).run(contextOf('apply', minutes, data))).toMatchObject({ kind: 'to', stage });
  });

  it('says on the card of the old request why it does not count', () => {
    const { approval, run } = contextOf('approve', 60);
    if (!approval) throw new Error('no approval');
    const old = { ...approval, status: 'void', voided: { why: 'outlived' } } as const;
    const { text } = presentChangeApproval(old, run as never, { now });
    expect(text).toContain('It was approved longer ago than the request was open');
  });
});
