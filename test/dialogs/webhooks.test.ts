import { parseCatalogue } from '../../core/catalogue';
import { createConversation } from '../../dialogs';
import type { WebhookState } from '../../store/reads';
import { catalogueFiles } from './support/catalogue';
import { dialogWorld, people, tenant, type Who } from './support/world';

const programs = `audience: aaaaaaaa-0000-4000-8000-000000000001
webhooks:
  - { name: tickets, url: https://tickets.example.com/events, events: [published, revoked], secret: GOLDBOT_WEBHOOK_TICKETS }
`;

const lost: WebhookState = {
  ...{ receiver: 'tickets', waiting: 1, lost: 2 },
  trouble: {
    kind: 'published',
    subject: 'ubuntu-22 1.6.0',
    said: 'it answered 500',
    at: new Date('2026-11-05T10:00Z'),
  },
};

/** What the sentence is answered with; `sent` events are there to be sent again. */
async function said(
  text: string,
  {
    file = programs,
    states = [],
    sent = 0,
    who = 'grace',
  }: Partial<{ file: string; states: WebhookState[]; sent: number; who: Who }>,
) {
  const parsed = parseCatalogue([...catalogueFiles, { path: 'programs.yaml', text: file }]);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const asked: string[] = [];
  const { deps } = dialogWorld({
    catalogue: () => parsed.catalogue,
    webhooks: {
      resend: async ({ receiver }) => {
        asked.push(receiver);
        return sent;
      },
    },
  });
  const reads = { ...deps.reads, webhooks: async () => states };
  const turn = {
    person: { ...people[who], tenantId: tenant },
    conversation: { id: 'a', kind: 'personal' as const },
    intent: 'i',
  };
  return { text: (await createConversation({ ...deps, reads }).handleText(turn, text)).text, asked };
}

describe('which programs are told what happens', () => {
  it('is said with what a receiver did not get, and where receivers stand when there is none', async () => {
    const { text } = await said('webhooks', { states: [lost] });
    expect(text).toContain('tickets did not get everything');
    expect(text).toContain('tickets did not get 2 and is still to get 1.');
    expect(text).toContain('Last: published of ubuntu-22 1.6.0');
    expect(text).toContain('webhooks tickets --resend');
    expect((await said('webhooks', {})).text).toContain('Nothing was given up');
    const none = await said('webhooks', { file: 'audience: aaaaaaaa-0000-4000-8000-000000000001\n' });
    expect(none.text).toContain('No program is told what happens');
    expect(none.text).toContain('Receivers are listed under webhooks in programs.yaml.');
  });

  it('is sent again to the receiver that is named, by an admin alone', async () => {
    const again = await said('webhooks tickets --resend', { sent: 2 });
    expect(again.asked).toEqual(['tickets']);
    expect(again.text).toContain('2 events are sent again to tickets');
    expect(again.text).toContain('Each has the id that it had, so that the receiver knows what it has had already.');
    expect((await said('webhooks tickets --resend', {})).text).toContain('tickets has got everything that is kept');
    for (const [text, words] of [
      ['webhooks --resend', 'No receiver is named; nothing was sent.'],
      ['webhooks chat --resend', 'The catalogue has no receiver "chat"; nothing was sent.'],
    ] as const) {
      const wrong = await said(text, { sent: 2 });
      expect(wrong.text).toContain(words);
      expect(wrong.asked).toEqual([]);
    }
    const other = await said('webhooks tickets --resend', { sent: 2, who: 'dana' });
    expect(other.text).toContain('needs the role admin');
    expect(other.asked).toEqual([]);
  });
});
