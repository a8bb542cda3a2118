import { mentioning, noticeCard } from '../../cards';
import type { Mentioned } from '../../core/mentions';
import { teamsFaults } from './teams';

const notice = noticeCard({ message: 'ubuntu-22 1.6.0 still waits', details: ['R-9WXB4 expires tomorrow.'] });
const asked = { to: 'your decision', waits: true } as const;
const made = (more: Partial<Mentioned>): Mentioned => ({ people: [], others: 0, groups: ['approvers'], ...more });
const people = (...names: string[]) => names.map((name, n) => ({ oid: `oid-${n}`, name }));

/** What stands under the headline, in the card and in words, and whom Teams is to notify. */
function lineOf(more: Partial<Mentioned>, mentions: Parameters<typeof mentioning>[1] = asked) {
  const { card, text } = mentioning(notice, mentions, made(more));
  const { entities = [] } = (card?.['msteams'] ?? {}) as { entities?: { text: string; mentioned: { id: string } }[] };
  const line = card?.body.length === (notice.card?.body.length ?? 0) ? undefined : card?.body[1]?.['text'];
  return { line, words: text.split('\n')[1], entities: entities.map((one) => [one.text, one.mentioned.id]) };
}

describe('a message that mentions people', () => {
  it('names them in a line of its own, each with an entity of the same text', () => {
    expect(lineOf({ people: people('Grace', 'Heidi') })).toEqual({
      line: '<at>Grace</at>, <at>Heidi</at>: your decision.',
      words: '@Grace, @Heidi: your decision.',
      entities: [
        ['<at>Grace</at>', 'oid-0'],
        ['<at>Heidi</at>', 'oid-1'],
      ],
    });
  });

  it('tells people of one name apart, since Teams finds them by the text', () => {
    const { entities } = lineOf({ people: people('Ada', 'Ada', 'ada') });
    expect(new Set(entities.map(([text]) => text)).size).toBe(3);
  });

  it.each(['<at>Grace</at>', '[x](https://evil.example)', '**Grace** & `co`', '\u202eecarG', '😀', ''])(
    'takes the name %j as letters alone',
    (name) => {
      const reply = mentioning(notice, asked, made({ people: people('Heidi', name) }));
      expect(teamsFaults(reply.card as never)).toEqual([]);
      expect(reply.text).not.toMatch(/<|\[|\*|`|\u202e/);
    },
  );

  it('says of those who were not notified how many they are, and does not ask them', () => {
    expect(lineOf({ people: people('Grace'), others: 2, why: 'elsewhere' }).words).toBe(
      '@Grace: your decision. 2 more people of approvers are not here and were not notified.',
    );
    expect(lineOf({ others: 500, why: 'many' })).toEqual({
      line: 'approvers: your decision. Nobody was notified: 500 people are too many to be mentioned.',
      words: 'approvers: your decision. Nobody was notified: 500 people are too many to be mentioned.',
      entities: [],
    });
    expect(lineOf({ others: 3, why: 'quiet', until: '2026-12-01T06:00:00Z' }).words).toBe(
      'approvers: your decision. Nobody was notified: quiet hours until Tue 1 Dec, 06:00 UTC.',
    );
  });

  it.each([
    [{ others: 1, why: 'elsewhere' }, 'that person is not a member here'],
    [{ others: 2, why: 'elsewhere' }, 'none of them is a member here'],
    [{ others: 2, why: 'silent' }, 'who they are was not told in time'],
  ] as const)('says why nobody was notified: %j', (more, why) => {
    expect(lineOf(more).words).toBe(`approvers: your decision. Nobody was notified: ${why}.`);
  });

  it('says who got the request in their own chat, and how the others are reached', () => {
    const request = { ...asked, copies: true } as const;
    const words = (more: Partial<Mentioned>) => lineOf(more, request).words;
    const [judy, heidi] = people('Judy', 'Heidi');
    const copied = judy ? [judy] : [];
    expect(words({ people: people('Grace'), copied, why: 'elsewhere' })).toBe(
      '@Grace: your decision. Judy got it in their own chat.',
    );
    expect(words({ copied: [...copied, ...(heidi ? [heidi] : [])], others: 1, why: 'elsewhere' })).toBe(
      'approvers: your decision. Judy, Heidi got it in their own chats. 1 more person of approvers is not here and was not notified. Whoever writes to goldbot once is sent requests in their own chat.',
    );
    expect(words({ others: 2, why: 'elsewhere' })).toBe(
      'approvers: your decision. Nobody was notified: none of them is a member here. Whoever writes to goldbot once is sent requests in their own chat.',
    );
    expect(words({ copied, why: 'silent' })).toBe(
      'approvers: your decision. Teams did not say who is here: Judy got it in their own chat.',
    );
  });

  it('is as it was where nobody has to act and nobody is there', () => {
    const { line, words } = lineOf(
      { others: 1, why: 'elsewhere', groups: [] },
      { to: 'you asked for this', waits: false },
    );
    expect([line, words]).toEqual([undefined, 'R-9WXB4 expires tomorrow.']);
  });

  it('mentions as many as fit on a card that is full already, and never breaks it', () => {
    const card = {
      ...notice.card,
      body: [...(notice.card?.body ?? []), { type: 'TextBlock', text: 'x'.repeat(24_200) }],
    };
    const full = { ...notice, card: card as typeof notice.card };
    const ten = people(...Array.from({ length: 10 }, (_, n) => `Somebody of a long name ${n}`));
    const reply = mentioning(full as typeof notice, asked, made({ people: ten }));
    expect(Buffer.byteLength(JSON.stringify(reply.card))).toBeLessThanOrEqual(25 * 1024);
    expect(reply.text).toMatch(/^@Somebody of a long name 0, .* more people of approvers were not notified\.$/m);
  });
});
