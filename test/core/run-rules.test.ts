import { type Approval, blockedBy, type PublishRun, statusOf, testMachineName, whyExpired } from '../../core/runs';

const run = (change: object) => ({ stage: 'test', outcome: null, data: {}, ...change }) as unknown as PublishRun;

describe('the status of a run', () => {
  it.each([
    ['running', { stage: 'plan' }],
    ['waiting', { stage: 'approve' }],
    ['waiting', { stage: 'repair' }],
    ['running', { stage: 'publish' }],
    ['cancelling', { stage: 'cleanup', data: { ending: { outcome: 'cancelled' } } }],
    ['expired', { stage: 'cleanup', data: { ending: { outcome: 'expired' } } }],
    ['cancelled', { outcome: 'cancelled', data: { ending: { outcome: 'cancelled' } } }],
    ['published', { stage: 'approve', outcome: 'published' }],
  ])('is %s: %j', (status, change) => {
    expect(statusOf(run(change))).toBe(status);
  });
});

describe('who could approve', () => {
  const rule = (quorum: number) => ({ group: 'g', groupName: 'approvers', quorum });
  const ada = [{ oid: 'ADA' }];
  const group = (...ids: string[]) => ({ size: 'fits' as const, count: ids.length, ids });

  it.each([
    ['nobody knows', undefined, 1, undefined],
    ['no group', { size: 'missing' as const, count: 0, ids: [] }, 1, { why: 'no such group' }],
    ['a large group', { size: 'too large' as const, count: 9, ids: [] }, 1, { why: 'group too large' }],
    ['nobody', group(), 1, { why: 'empty group' }],
    ['who asked, alone', group('ada'), 1, { why: 'too few', members: 1, able: 0 }],
    ['one other', group('ada', 'grace'), 1, undefined],
    ['one other of two', group('ada', 'grace'), 2, { why: 'too few', members: 2, able: 1 }],
    ['two others', group('ada', 'grace', 'heidi'), 2, undefined],
    // More than goldbot reads: the others may.
    ['more than are read', { size: 'fits' as const, count: 51, ids: ['ada'] }, 1, undefined],
  ])('is as many as are no part of it: %s', (_, deciders, quorum, blocked) => {
    expect(blockedBy(rule(quorum), ada, deciders)).toEqual(blocked);
  });

  it.each<[string | undefined, string]>([
    [undefined, 'nobody in approvers decided in time'],
    ['closed', 'nobody could be asked: the card never reached Factory / approvals'],
    ['silent', 'nobody decided in time, and Teams never said whether the card reached Factory / approvals'],
    ['given up', 'nobody decided in time, and Teams never said whether the card reached Factory / approvals'],
  ])('of a request that expired, its card %s, is said: %s', (why, words) => {
    const unasked = why && { unasked: { why, channel: 'Factory / approvals', since: new Date() } };
    expect(whyExpired({ rule: rule(1), ...unasked } as Approval)).toBe(words);
  });
});

describe('a test machine', () => {
  it('is named after its run and attempt, within the 15 characters of Windows', () => {
    expect(testMachineName('R-7F3KQ', 2)).toBe('gbt-7f3kq-a2');
    expect(testMachineName('R-7F3KQ', 9_999).length).toBeLessThanOrEqual(15);
  });
});
