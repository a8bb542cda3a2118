import { TeamsError } from '../../bot/teams';
import { Views } from '../../bot/views';
import type { Reply } from '../../cards';
import { approvalCard } from '../../cards';
import { cases } from '../fixtures/cards/approval';
import { MemoryLog } from './world';

const now = new Date('2026-11-23T09:00:00Z');
const channel = {
  conversationId: '19:c@thread.tacv2',
  kind: 'channel',
  tenantId: 't',
  serviceUrl: 'https://teams',
} as const;
const typical = cases['typical'];
if (!typical) throw new Error('no case typical');
const asks = (...owners: string[]): Reply => approvalCard({ ...typical, owners });
const refreshOf = ({ card }: Reply) => card?.['refresh'] as { userIds?: string[]; action: { data: object } };

function views(members: readonly string[], wrong?: TeamsError) {
  const log = new MemoryLog();
  const asked: string[] = [];
  let nowMs = 0;
  const of = new Views({
    membersAt: async ({ conversationId }) => {
      asked.push(conversationId);
      if (wrong) throw wrong;
      return members.map((oid) => ({ oid, userId: `29:${oid}` }));
    },
    clock: { now: () => now },
    log,
    nowMs: () => nowMs,
  });
  return { of, asked, log, pass: (ms: number) => (nowMs += ms) };
}

describe('cards that are another one for each person', () => {
  it('names by Teams’ own ids those of the conversation who have one, and says when it was made', async () => {
    const { of } = views(['grace', 'ada', 'dana']);
    expect(refreshOf(await of.forAll(asks('grace', 'heidi', 'ada'), channel))).toEqual({
      action: { type: 'Action.Execute', verb: 'view', data: { request: 'R-9WXB4', at: now.toISOString() } },
      userIds: ['29:grace', '29:ada'],
    });
  });

  it('names no more than sixty, whom Teams asks for', async () => {
    const many = Array.from({ length: 200 }, (_, i) => `p${i}`);
    const { of } = views(many);
    expect(refreshOf(await of.forAll(asks(...many), channel)).userIds).toHaveLength(60);
  });

  it('leaves it to Teams whom to ask where nobody knows who decides, who is there, or there is one person', async () => {
    const known = views(['grace']);
    expect(refreshOf(await known.of.forAll(approvalCard(typical), channel)).userIds).toBeUndefined();
    const personal = { ...channel, kind: 'personal' } as const;
    expect(refreshOf(await known.of.forAll(asks('grace'), personal)).userIds).toBeUndefined();
    expect(known.asked).toEqual([]);
    const silent = views([], new TeamsError('unreached', 'Teams: 503'));
    expect(refreshOf(await silent.of.forAll(asks('grace'), channel)).userIds).toBeUndefined();
    expect(silent.log.entries).toHaveLength(1);
  });

  it('asks who is in a conversation once in ten minutes, however many cards are shown there', async () => {
    const { of, asked, pass } = views(['grace']);
    for (let i = 0; i < 20; i++) await of.forAll(asks('grace'), channel);
    expect(asked).toHaveLength(1);
    pass(601_000);
    await of.forAll(asks('grace'), channel);
    expect(asked).toHaveLength(2);
  });

  it('leaves a card alone that asks for nobody’s own, and names one person on theirs', async () => {
    const { of, asked } = views(['grace']);
    const plain = { text: 'words' };
    expect(await of.forAll(plain, channel)).toBe(plain);
    expect(asked).toEqual([]);
    expect(refreshOf(of.forOne(asks('grace'), '29:heidi')).userIds).toEqual(['29:heidi']);
  });
});
