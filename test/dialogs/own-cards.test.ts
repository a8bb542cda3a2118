import { clouds } from '../../core/cloud';
import type { RequestId } from '../../core/runs';
import { createConversation, type Turn } from '../../dialogs';
import type { ReadContext } from '../../services/azure';
import { graphDirectory } from '../../services/graph';
import { sized } from '../support/size';
import { groups } from './support/catalogue';
import { anApproval, fixed } from './support/plan';
import { aRun, dialogWorld, tenant } from './support/world';

const people = Array.from({ length: sized(12, 60) }, (_, i) => `p${i}`);
const cards = Array.from({ length: sized(5, 20) }, (_, i) => i);
const idOf = (prefix: string, i: number) => `R-${prefix}${'23456789ABCDEFGHJKLMNPQR'[i]}` as RequestId;

describe('many who look at many cards', () => {
  it('cost no call to Azure, and one to Microsoft Graph for each group', async () => {
    const asked: string[] = [];
    const graph = {
      cloud: clouds.Public,
      request: async ({ url }: { url: string }) => {
        asked.push(url);
        const isApprovers = url.includes(groups.approvers);
        const value = people.filter((_, i) => isApprovers && i % 2 === 0).map((id) => ({ id }));
        return { status: 200, headers: new Map(), text: JSON.stringify({ value }) };
      },
    } as unknown as ReadContext;
    // Whatever is asked of Azure throws in this world.
    const world = dialogWorld({ directory: graphDirectory(graph) });
    for (const i of cards) {
      const plan = { request: {}, approvalChannel: 'Image Factory / approvals', fixed };
      world.runs.set(
        idOf('2222', i),
        aRun(idOf('2222', i), { plan, planHash: 'a'.repeat(64), stage: 'approve', actors: [] }),
      );
      const rule = { group: groups.approvers, groupName: 'goldbot-approvers', quorum: 1 };
      const about = { id: idOf('9999', i), runId: idOf('2222', i), planHash: 'a'.repeat(64), rule };
      world.approvals.set(about.id, anApproval(about));
    }
    const { handleView } = createConversation(world.deps);
    const look = async (oid: string, card: number) => {
      const turn: Turn = {
        person: { oid, name: oid, tenantId: tenant },
        conversation: { id: '19:approvals', kind: 'channel' },
        intent: `view ${oid} ${card}`,
        clicked: `approval:${idOf('9999', card)}`,
      };
      const answer = await handleView(turn, false);
      return answer.kind === 'card' ? answer.reply.card?.actions[0]?.['title'] : answer;
    };
    const seen = await Promise.all(people.flatMap((oid) => cards.map((card) => look(oid, card))));
    expect(new Set(seen)).toEqual(new Set(['Approve', 'Decide']));
    expect(seen.filter((title) => title === 'Approve')).toHaveLength((people.length / 2) * cards.length);
    expect(asked.length).toBe(new Set(asked).size);
    expect(asked.length).toBeLessThan(12);
  });
});
