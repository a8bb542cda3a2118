import type { AuditAction } from '../../core/audit';
import { minutes } from '../../core/time';
import { renderTopic } from '../../dialogs';
import { historyActions, historyLines, mostHistory, sharedActions, sharedHistory } from '../../dialogs/present/history';
import type { AuditEntry } from '../../store/reads';
import { anApproval, fixed } from './support/plan';
import { aRun, dialogWorld, now } from './support/world';

const id = 'R-99999';
const goldbot = { oid: null, name: 'goldbot' };
const grace = { oid: 'a2', name: 'Grace' };
const entry = (n: number, action: AuditAction, detail: object, more: Partial<AuditEntry> = {}): AuditEntry => ({
  ...{
    seq: n,
    at: new Date(now.getTime() + minutes(n)),
    who: goldbot,
    subject: 'ubuntu-22',
    request: id,
    runId: 'R-22222',
  },
  ...{ action, detail: detail as AuditEntry['detail'], ...more },
});
const rule = { groupName: 'approvers', first: [{ groupName: 'security' }] };
const asked = entry(0, 'ask', { rule, channel: 'gate' });

describe('the history of a request', () => {
  it.each<[AuditAction, object, string, Partial<AuditEntry>?]>([
    ['ask', { rule: { groupName: 'approvers' }, channel: 'c' }, 'R-11111 asked approvers in c', { request: 'R-11111' }],
    ['ask-next', { group: { groupName: 'approvers' }, channel: 'c' }, 'asked approvers in c'],
    [
      'ask-next',
      { group: { groupName: 'approvers' }, channel: 'c', expiresAt: '2026-11-25T09:00:00.000Z' },
      'asked approvers in c, until Wed 25 Nov, 09:00 UTC',
    ],
    ['remind', { times: 1 }, 'reminded'],
    ['remind', { times: 2 }, 'reminded again (2)'],
    ['escalate', { escalation: { groupName: 'heads' } }, 'put to heads as well'],
    ['approve', { reason: null }, 'Grace approved', { who: grace }],
    [
      'approve',
      { reason: null, group: 'security', inPlaceOf: { oid: 'a3', name: 'Heidi' } },
      'Grace approved on behalf of Heidi for security',
      { who: grace },
    ],
    ['reject', { reason: 'a leak' }, 'Grace rejected: “a leak”', { who: grace }],
    [
      'drop-decision',
      { person: 'Sam', why: 'left the group' },
      'what Sam decided does not count any more: left the group',
    ],
    ['drop-decision', { why: 'joined' }, 'what Grace decided does not count any more: joined', { who: grace }],
    [
      'delegate',
      { to: { oid: 'a3', name: 'Heidi' }, image: null, until: '2026-11-30T09:00:00.000Z' },
      'Grace lets Heidi decide on their behalf until Mon 30 Nov, 09:00 UTC',
      { who: grace },
    ],
    [
      'undelegate',
      { before: { to: { oid: 'a3', name: 'Heidi' }, until: '2026-11-30T09:00:00.000Z' }, image: null },
      'Heidi does not decide on behalf of Grace any more',
      { who: grace },
    ],
    ['withdraw', {}, 'Grace withdrew it', { who: grace }],
    ['expire', {}, 'not decided in time'],
    ['void', { by: 'goldbot', why: 'changed' }, 'void: what was asked about was changed'],
    ['void', { by: 'goldbot', why: 'outlived' }, 'void: its approval was older than it was open'],
    ['void', { by: 'goldbot', why: 'base' }, 'void: its base was withdrawn, or ended'],
    ['void', { by: 'goldbot', why: 'unbound' }, 'void: it was not bound to what was tested'],
    ['void', { by: 'goldbot' }, 'void: its run went on without it'],
    ['void', { by: 'Ada', why: 'not now' }, 'closed when Ada cancelled the run'],
  ])('tells of %s: %j', (action, detail, line, more = {}) => {
    expect(historyActions).toContain(action);
    expect(historyLines([entry(5, action, detail, more), asked], id)).toEqual([
      'Mon 23 Nov, 09:00 UTC: asked security in gate',
      `Mon 23 Nov, 09:05 UTC: ${line}`,
    ]);
  });

  it('is none of one thing alone, and bounded', () => {
    expect(historyLines([asked], id)).toEqual([]);
    const many = Array.from({ length: mostHistory + 1 }, (_, n) => entry(20 - n, 'remind', { times: 1 }));
    const lines = historyLines(many, id);
    expect([lines.length, lines[0]]).toEqual([mostHistory + 1, 'The audit has what came before.']);
    expect(lines.at(-1)).toContain('09:20');
  });

  it('tells on a card that several share of which one, and not that they were asked', () => {
    expect(sharedActions).not.toContain('ask');
    const of = (n: number, more: Partial<AuditEntry>) => entry(n, 'remind', { times: 1 }, more);
    const requests = [
      { id, runId: 'R-22222', image: 'ubuntu-22' },
      { id: 'R-88888', runId: 'R-33333', image: 'debian-12' },
    ] as const;
    const entries = [
      of(7, { runId: 'R-33333', request: 'R-77777' }),
      of(6, { runId: 'R-33333', request: 'R-88888' }),
      of(5, {}),
    ];
    expect(sharedHistory(entries, requests)).toEqual([
      'Mon 23 Nov, 09:05 UTC: ubuntu-22: reminded',
      'Mon 23 Nov, 09:06 UTC: debian-12: reminded',
      'Mon 23 Nov, 09:07 UTC: debian-12: R-77777 reminded',
    ]);
    const many = Array.from({ length: mostHistory + 1 }, (_, n) => of(20 - n, {}));
    expect(sharedHistory(many, requests)[0]).toBe('The audit has what came before.');
    expect(sharedHistory([], requests)).toEqual([]);
  });

  it('is folded away on the card, and whole in its words', async () => {
    const world = dialogWorld();
    const planHash = 'a'.repeat(64);
    const plan = { request: {}, approvalChannel: 'a', fixed };
    const approval = anApproval({ planHash });
    world.runs.set(approval.runId, aRun(approval.runId, { stage: 'approve', plan, planHash }));
    world.approvals.set(approval.id, approval);
    Object.assign(world.deps.reads, { history: async () => [entry(5, 'remind', { times: 1 }), asked] });
    const { card, text } = await renderTopic(`approval:${approval.id}`, world.deps.reads, now);
    expect(text).toContain('History:\nMon 23 Nov, 09:00 UTC: asked security in gate\nMon 23 Nov, 09:05 UTC: reminded');
    expect(JSON.stringify(card)).toContain('"id":"history","isVisible":false');
    expect(JSON.stringify(card)).toContain('"targetElements":["history"]');
  });
});
