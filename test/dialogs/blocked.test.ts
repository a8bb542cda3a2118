import type { Deciders } from '../../core/azure';
import { UserError } from '../../core/errors';
import { type Approval, type ChangeRun, changeHash, type ExemptPlan, planHash } from '../../core/runs';
import { days, hours, minutes } from '../../core/time';
import { presentPublishApproval } from '../../dialogs/present/approval';
import { presentChange, presentChangeApproval } from '../../dialogs/present/change';
import { presentRun } from '../../dialogs/present/run';
import { awaitDeciders, lookAtDeciders, opening } from '../../workflows/engine';
import { anApproval, fixed } from './support/plan';
import { aRun, dialogWorld, now } from './support/world';

const who = (...ids: readonly string[]): Deciders => ({ size: 'fits', count: ids.length, ids });
const actors = [
  { oid: 'A1', name: 'Ada', did: 'requested' as const },
  { oid: 'a2', name: 'Grace', did: 'joined' as const },
];
const plan = { request: {}, approvalChannel: 'x', fixed };
const asking = (deciders: Deciders | undefined, quorum = 1) => {
  const run = aRun('R-22222', {
    plan,
    planHash: planHash(fixed),
    stage: 'approve',
    actors,
    data: { deciders } as never,
  });
  return { run, approval: anApproval({ rule: { ...fixed.rule, quorum } }) };
};

describe('a request that nobody can approve as things are', () => {
  it.each<[string, Deciders, number, string, string]>([
    [
      ...([
        'whose group has no members',
        who(),
        1,
        'Nobody can approve this: goldbot-approvers has no members.',
      ] as const),
      'An owner of goldbot-approvers in Entra can add somebody, which counts at once',
    ],
    [
      ...(['whose deciders are all part of the run', who('a1', 'a2'), 1] as const),
      'Nobody can approve this: Ada, Grace are part of it and may not decide, and nobody else is in goldbot-approvers.',
      'this card follows within 15 minutes.',
    ],
    [
      ...(['that takes more than there are', who('a1', 'a3'), 2] as const),
      'This cannot be approved: it takes 2 approvals, and 1 of the 2 members of goldbot-approvers can decide',
      'can add somebody',
    ],
    [
      ...(['whose group is gone', { size: 'missing', count: 0, ids: [] }, 1] as const),
      'Nobody can approve this: Entra has no group goldbot-approvers with the id that the catalogue names.',
      'An admin of goldbot can name another group in the catalogue; then withdraw this request and rebuild.',
    ],
    [
      ...(['whose group is too large', { size: 'too large', count: 2_001, ids: ['x'] }, 1] as const),
      'Nobody can approve this: goldbot-approvers has more members than goldbot takes for a group that decides.',
      'then withdraw this request and rebuild.',
    ],
  ])('%s says so on its card and on that of the run', (_, deciders, quorum, what, mend) => {
    const { run, approval } = asking(deciders, quorum);
    const { text } = presentPublishApproval(approval, run, { now });
    expect(text).toContain(`! ${what}`);
    expect(text).toContain(mend);
    expect(presentRun(run, { now, approval }).text).toContain(what);
  });

  it('of groups that decide in turn is one whose only member decided for the group before', () => {
    const { run, approval } = asking(who('a1', 'a9'));
    const first = [{ group: 's', groupName: 'security', quorum: 1, channel: 'x' }];
    const decided = { oid: 'a9', name: 'Sam', verdict: 'approve', reason: null, via: 'text', at: now } as const;
    const asked = { ...approval, rule: { ...approval.rule, first, channel: 'x' }, decisions: [decided] };
    const { text } = presentPublishApproval(asked, run, { now });
    expect(text).toContain(
      'it takes 1 approval, and 0 of the 2 members of goldbot-approvers can decide; who decided for a group before does not count again.',
    );
    expect(text).toContain('Sam approves for security');
    expect(text).toContain('1. security');
    expect(text).toContain('2. goldbot-approvers · decides now: 0 of 1 approval');
    const lines = (more: Partial<Approval>) => {
      const shown = presentPublishApproval({ ...asked, ...more }, run, { now }).text;
      return shown.split('\n').flatMap((line) => /^. \d\. \S+ · (.*): \d of/.exec(line)?.[1] ?? []);
    };
    const no = { ...decided, verdict: 'reject', reason: 'no' } as const;
    expect(lines({ status: 'rejected', decisions: [no] })).toEqual(['rejected', 'not asked']);
    expect(lines({ status: 'expired' })).toEqual(['approved', 'did not decide']);
    const all = [decided, { ...decided, oid: 'a1', turn: 1 }];
    expect(lines({ status: 'approved', decisions: all })).toEqual(['approved', 'approved']);
  });

  it.each<[string, Deciders | undefined, number]>([
    ['one member is no part of the run', who('a1', 'a2', 'a3'), 1],
    ['there are just as many as it takes', who('a1', 'a3', 'a4'), 2],
    ['more are in the group than are known by id', { size: 'fits', count: 60, ids: ['a1', 'a2'] }, 1],
    ['nobody knows who is in the group', undefined, 1],
  ])('is none where %s', (_, deciders, quorum) => {
    const { run, approval } = asking(deciders, quorum);
    expect(presentPublishApproval(approval, run, { now }).text).not.toMatch(/Nobody can|cannot be approved/);
  });

  it('says so for a change, and in the list', async () => {
    const exempt: ExemptPlan = {
      ...{ verb: 'exempt', machineId: '/m', target: 'vm-1', team: 'web', assignment: '/a', policy: 'p' },
      ...{ until: '2027-01-01T00:00:00Z', approval: { rule: fixed.rule, ttlMs: 1, channel: 'c' } },
    };
    const run = {
      ...aRun('R-33333', { actors, stage: 'approve', planHash: changeHash(exempt) }),
      ...{ kind: 'change', plan: exempt, data: { deciders: who() } },
    } as unknown as ChangeRun;
    const approval = { ...anApproval({ runId: run.id }), planHash: changeHash(exempt) } as Approval;
    for (const { text } of [presentChangeApproval(approval, run, { now }), presentChange(run, { now, approval })]) {
      expect(text).toContain('! Nobody can approve this: goldbot-approvers has no members.');
    }
    const again = { ...approval, deletedAt: new Date('2026-11-23T08:30:00Z') };
    expect(presentChangeApproval(again, run, { now }).text).toContain(
      'Posted again: somebody deleted the earlier message',
    );
    expect(presentChangeApproval(approval, run, { now }).text).not.toContain('Posted again');
    const gone = { ...run, data: { deciders: { size: 'missing', count: 0, ids: [] } } } as ChangeRun;
    expect(presentChangeApproval(approval, gone, { now }).text).toContain(
      'An admin of goldbot can name another group in the catalogue; then cancel this and ask again.',
    );
    const world = dialogWorld();
    world.runs.set(run.id, run as never);
    world.approvals.set(approval.id, approval);
    expect((await world.say('grace', 'approvals')).text).toMatch(/^! .* nobody can approve it as things are, 0 of 1/m);
  });
});

describe('who could decide', () => {
  const look = (found: () => Promise<Deciders>, known?: Deciders) =>
    lookAtDeciders({ actors, data: known ? { deciders: known } : {} }, opening(fixed.rule, days(3), now), {
      ...{ decidersOf: found, now },
    });

  it('is looked at every six hours, and every quarter of an hour while nobody can', async () => {
    expect(await look(async () => who('a3'))).toEqual({ lookMs: hours(6), data: { deciders: who('a3') } });
    expect(await look(async () => who('a1'))).toEqual({ lookMs: minutes(15), data: { deciders: who('a1') } });
  });

  const escalation = { group: 'heads', groupName: 'platform heads', channel: 'a / heads' };
  const asked = anApproval({
    ...{ askedAt: now, expiresAt: new Date(now.getTime() + hours(4)) },
    rule: { ...fixed.rule, reminders: {}, escalation },
  });
  const awaited = (afterMs: number, data: Parameters<typeof awaitDeciders>[0]['data'] = {}) =>
    awaitDeciders({ actors, data }, asked, {
      decidersOf: async (group) => (group === 'heads' ? who('a9') : who('a1')),
      now: new Date(now.getTime() + afterMs),
    });

  it('is told of at each reminder, once, and of two that are due the newer', async () => {
    const times = async (afterMs: number, told?: number) => {
      const data = told === undefined ? {} : { reminded: { request: asked.id, times: told } };
      return (await awaited(afterMs, data)).remind?.times;
    };
    expect(await times(hours(2) - 1)).toBeUndefined();
    expect([await times(hours(2)), await times(hours(2), 1), await times(hours(3), 1)]).toEqual([1, undefined, 2]);
    expect([await times(hours(3)), await times(hours(4), 2)]).toEqual([2, undefined]);
    const another = await awaited(hours(2), { reminded: { request: 'R-22223', times: 2 } });
    expect([another.remind?.times, another.data.reminded?.request]).toEqual([1, asked.id]);
  });

  it('is looked at again when the next reminder is due', async () => {
    expect((await awaited(hours(2) - minutes(5))).ms).toBe(minutes(5));
  });

  it('is the members of both groups once others are asked', async () => {
    expect((await awaited(hours(2))).data.deciders).toEqual(who('a1'));
    expect((await awaited(hours(3))).data.deciders).toEqual(who('a1', 'a9'));
  });

  it('changes no card while it stays as it was', async () => {
    expect(await look(async () => who('a3', 'a4'), who('a4', 'a3'))).toEqual({ lookMs: hours(6) });
  });

  it('stays as it was known while Graph is silent', async () => {
    const silent = () => Promise.reject(new UserError('DIRECTORY_SILENT', 'silent', { hint: 'h' }));
    expect(await look(silent)).toEqual({ lookMs: hours(6) });
    expect(await look(silent, who('a1'))).toEqual({ lookMs: minutes(15) });
  });
});
