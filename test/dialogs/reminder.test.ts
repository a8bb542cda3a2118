import { inWords } from '../../cards';
import { callTopic } from '../../core/mentions';
import { hours } from '../../core/time';
import { renderTopic } from '../../dialogs';
import { anApproval, fixed } from './support/plan';
import { aRun, dialogWorld } from './support/world';

describe('a reminder', () => {
  const askedAt = new Date('2026-11-23T08:00:00Z');
  const escalation = { group: 'heads', groupName: 'platform heads', channel: 'Image Factory / heads' };
  const asked = anApproval({
    ...{ askedAt, expiresAt: new Date(askedAt.getTime() + hours(4)), planHash: 'a'.repeat(64) },
    rule: { ...fixed.rule, quorum: 2, reminders: {}, escalation },
    decisions: [{ oid: 'a3', name: 'Heidi', verdict: 'approve', reason: null, via: 'text', at: askedAt }],
  });

  const shown = async (afterMs: number, more: Partial<typeof asked> = {}) => {
    const world = dialogWorld();
    const plan = { request: {}, approvalChannel: 'a', fixed };
    world.runs.set(asked.runId, aRun(asked.runId, { stage: 'approve', plan, planHash: asked.planHash }));
    world.approvals.set(asked.id, { ...asked, ...more });
    const topic = `news:${asked.runId}:remind-${asked.id}-1` as const;
    return inWords((await renderTopic(topic, world.deps.reads, new Date(askedAt.getTime() + afterMs))).text);
  };

  it('says what waits until when, who has approved, and who may decide later', async () => {
    const text = await shown(hours(2));
    expect(text).toContain('ubuntu-22 1.6.0 still waits for a decision');
    expect(text).toContain('was asked on Mon 23 Nov, 08:00 UTC and expires on Mon 23 Nov, 12:00 UTC, 4 h later.');
    expect(text).toContain('Heidi approved; it takes 2 of goldbot-approvers.');
    expect(text).toContain('From Mon 23 Nov, 11:00 UTC on, platform heads may decide as well as goldbot-approvers.');
    expect(await shown(hours(2), { decisions: [] })).toContain('Nobody has decided; it takes 2.');
  });

  it('says who else may decide once they are asked', async () => {
    const text = await shown(hours(3), { decisions: [], rule: { ...asked.rule, quorum: 1 } });
    expect(text).toContain('Nobody has decided.');
    expect(text).toContain(
      'goldbot-approvers or platform heads may decide now; it is asked in Image Factory / heads too.',
    );
  });

  it('of groups that decide in turn is to the one whose turn it is', async () => {
    const first = [{ group: 's', groupName: 'security', quorum: 1, channel: 'c' }];
    const rule = { ...asked.rule, first, channel: 'a' };
    expect(await shown(hours(2), { rule, decisions: [] })).toContain('Nobody has decided.');
    const [heidi] = asked.decisions;
    const after = await shown(hours(2), { rule, decisions: heidi ? [heidi] : [] });
    expect(after).toContain('Nobody has decided; it takes 2.');
    expect(after).toContain('platform heads may decide as well as goldbot-approvers.');
  });

  it('is of no request that does not exist', async () => {
    const world = dialogWorld();
    world.runs.set(asked.runId, aRun(asked.runId));
    const topic = `news:${asked.runId}:remind-R-22229-1` as const;
    await expect(renderTopic(topic, world.deps.reads, askedAt)).rejects.toThrow('no approval R-22229 to remind of');
  });

  it('calls those who decide on behalf of others like them, and nobody whose time is over or who decided', async () => {
    const world = dialogWorld();
    const plan = { request: {}, approvalChannel: 'a', fixed };
    world.runs.set(asked.runId, aRun(asked.runId, { stage: 'approve', plan, planHash: asked.planHash }));
    world.approvals.set(asked.id, asked);
    const passedOn = (of: string, to: string, until: Date) => ({
      ...{ from: { oid: of, name: of }, to: { oid: to, name: to }, image: null, until, at: askedAt },
    });
    const tomorrow = new Date(askedAt.getTime() + hours(24));
    const delegations = [
      passedOn('b7', 'dana', tomorrow),
      passedOn('a2', 'linus', askedAt),
      passedOn('a3', 'judy', tomorrow),
    ];
    Object.assign(world.deps.reads, { delegations: async () => delegations });
    const { mentions } = await renderTopic(`news:${asked.runId}:remind-${asked.id}-1`, world.deps.reads, askedAt);
    expect(mentions).toMatchObject({ copies: true, inPlace: [{ of: 'b7', person: { oid: 'dana' } }] });
    expect(mentions?.inPlace).toHaveLength(1);
  });

  it('after quiet hours calls those who decide, as long as it waits for them', async () => {
    const world = dialogWorld();
    const plan = { request: {}, approvalChannel: 'a', fixed };
    world.runs.set(asked.runId, aRun(asked.runId, { stage: 'approve', plan, planHash: asked.planHash }));
    const topic = callTopic(`approval:${asked.id}`, askedAt);
    const calling = async (more: Partial<typeof asked> = {}) => {
      world.approvals.set(asked.id, { ...asked, ...more });
      return renderTopic(topic, world.deps.reads, askedAt);
    };
    expect(await calling()).toMatchObject({ mentions: { to: 'your decision', waits: true } });
    expect((await calling()).text).toContain('ubuntu-22 1.6.0 still waits for a decision');
    expect((await calling({ status: 'approved' })).mentions).toBeUndefined();
  });

  it('after quiet hours calls those whose run waits, in a line, until it goes on', async () => {
    const world = dialogWorld();
    const error = { code: 'TEST_FAILED', message: 'sshd is down.' } as never;
    const [plan, data] = [
      { request: {}, approvalChannel: 'a', fixed },
      { failure: { stage: 'test', error } },
    ] as never[];
    const calling = (stage: 'repair' | 'build') => {
      world.runs.set(asked.runId, aRun(asked.runId, { stage, attempt: 1, plan, data } as never));
      return renderTopic(callTopic(`news:${asked.runId}:repair-1`, askedAt), world.deps.reads, askedAt);
    };
    const called = await calling('repair');
    expect(called).toMatchObject({ mentions: { to: 'your run waits for you', waits: true } });
    expect(called.text).toContain('It is above; it was posted in quiet hours, and notified nobody then.');
    const settled = await calling('build');
    expect([settled.mentions, settled.text]).toEqual([
      undefined,
      expect.stringContaining('It waits for nobody any more.'),
    ]);
  });

  it('says whose turn it is now where its card stands already', async () => {
    const world = dialogWorld();
    const plan = { request: {}, approvalChannel: 'a', fixed };
    world.runs.set(asked.runId, aRun(asked.runId, { stage: 'approve', plan, planHash: asked.planHash }));
    const first = [{ group: 's', groupName: 'security', quorum: 1, channel: 'a' }];
    const topic = `news:${asked.runId}:turn-${asked.id}-1-1` as const;
    const text = async (more: Partial<typeof asked>) => {
      world.approvals.set(asked.id, { ...asked, rule: { ...asked.rule, first, channel: 'a' }, ...more });
      return inWords((await renderTopic(topic, world.deps.reads, askedAt)).text);
    };
    expect(await text({})).toContain('ubuntu-22 1.6.0 waits for goldbot-approvers now');
    expect(await text({})).toContain(`security approved ${asked.id}, which expires on Mon 23 Nov, 12:00 UTC.`);
    expect(await text({ status: 'rejected' })).toContain(`${asked.id}, ubuntu-22 1.6.0, is rejected`);
    world.approvals.delete(asked.id);
    await expect(renderTopic(topic, world.deps.reads, askedAt)).rejects.toThrow(
      `no approval ${asked.id} whose turn it could be`,
    );
  });

  it('becomes the outcome, so that nobody looks for something to do', async () => {
    expect(await shown(hours(3), { status: 'approved' })).toContain(`${asked.id}, ubuntu-22 1.6.0, is approved`);
  });
});
