import type { Outgoing } from '../../bot/framework';
import { Teams } from '../../bot/teams';
import { card } from './world';

/** A framework may drop what it does not know, and Teams' swagger demands next to nothing: here the whole body is looked at. */
describe('what goldbot sends to Teams', () => {
  const sent: unknown[] = [];
  const connector = {
    create: async (body: unknown) => sent.push(body) && { id: '19:x;messageid=1', activityId: '1' },
    send: async (to: string, { body }: Outgoing) => sent.push(to, body) && { id: '2' },
  };
  const teams = new Teams({ connector: async () => connector as never }, 'app-1');
  const channel = { conversationId: '19:x', kind: 'channel', tenantId: 'tenant-1', serviceUrl: 'https://x/' } as const;
  beforeEach(() => {
    sent.length = 0;
  });

  it('starts a thread of a channel in its name, for its tenant, with the words as summary of the card', async () => {
    const { card: content, text } = card('Published', 'show');
    await teams.post(channel, { card: content as never, text });
    expect(sent).toEqual([
      {
        isGroup: true,
        bot: { id: '28:app-1', name: 'goldbot' },
        tenantId: 'tenant-1',
        channelData: { channel: { id: '19:x' }, tenant: { id: 'tenant-1' } },
        activity: {
          type: 'message',
          summary: text,
          attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }],
        },
      },
    ]);
  });

  it('says words alone as plain text, so that nothing in them is read as markup', async () => {
    await teams.post({ ...channel, threadId: '7' }, { text: '**bold** <at>Grace</at>' });
    expect(sent).toEqual([
      '19:x;messageid=7',
      { type: 'message', textFormat: 'plain', text: '**bold** <at>Grace</at>' },
    ]);
  });
});
