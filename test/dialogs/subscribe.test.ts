import { imageEvents, type Subscription } from '../../core/webhooks';
import { presentTold } from '../../dialogs/present/told';
import type { Noticed } from '../../store/reads';
import type { SubscribeRequest } from '../../workflows/subscriptions/control';
import { dialogWorld, now, people, type Who } from './support/world';

const since = new Date('2026-11-20T09:00:00Z');
const of = (image: string, more: Partial<Subscription> = {}): Subscription => ({
  ...{ conversationId: '19:general', image, events: ['published'], person: null, by: people.ada, since },
  ...more,
});

/** What the sentence is answered with, in a channel or in one's own chat. */
async function said(
  text: string,
  {
    who = 'ada',
    kind = 'channel',
    known = [],
    chat,
  }: Partial<{ who: Who; kind: 'channel' | 'personal' | 'group'; known: readonly Subscription[]; chat: string }> = {},
) {
  const asked: (SubscribeRequest | { readonly conversationId: string; readonly image?: string })[] = [];
  const { deps, say, click } = dialogWorld({
    subscriptions: {
      subscribe: async (request) => {
        asked.push(request);
        return known.find(({ image }) => image === request.image);
      },
      unsubscribe: async (request) => {
        asked.push(request);
        return known.filter(({ image }) => request.image === undefined || request.image === image);
      },
    },
  });
  Object.assign(deps.reads, { subscriptions: async () => known, ownChat: async () => chat });
  const conversation = { id: kind === 'personal' ? 'a:own' : '19:general', kind } as const;
  if (text === 'click') {
    return { asked, clicked: await click(who, 'subscribe', { image: 'ubuntu-22', me: true }, { conversation }) };
  }
  return { asked, text: (await say(who, text, { conversation })).text };
}

describe('subscribe', () => {
  it('tells a person in their own chat, and a channel where it is said in one', async () => {
    const own = await said('subscribe ubuntu-22', { kind: 'personal' });
    expect(own.text).toContain('You are told of ubuntu-22');
    expect(own.text).toContain(`Events: ${imageEvents.join(', ')}. Each is one message, in your chat with goldbot`);
    expect(own.text).toContain('As long as you may look at ubuntu-22.');
    expect(own.asked).toMatchObject([{ conversationId: 'a:own', own: true, image: 'ubuntu-22', events: imageEvents }]);
    const here = await said('subscribe ubuntu-22 revoked, published');
    expect(here.text).toContain('This channel is told of ubuntu-22');
    expect(here.text).toContain(
      'It is the conversation’s and stays when you leave; whoever may look at ubuntu-22 can end it.',
    );
    expect(here.asked).toMatchObject([{ conversationId: '19:general', own: false, events: ['published', 'revoked'] }]);
    expect((await said('subscribe ubuntu-22 --here', { kind: 'group' })).text).toContain('This chat is told');
  });

  it('finds the chat of whoever says it in a channel, and says when there is none', async () => {
    const found = await said('subscribe ubuntu-22 --me', { chat: 'a:own' });
    expect(found.asked).toMatchObject([{ conversationId: 'a:own', own: true }]);
    const none = await said('subscribe ubuntu-22 --me');
    expect(none.text).toContain('goldbot knows no chat with you yet; nothing was done.');
    expect(none.text).toContain('Find goldbot in Teams, write to it there, and say the same again');
    expect(none.text).toContain('subscribe ubuntu-22 --here');
    const both = await said('subscribe ubuntu-22 --here --me', { chat: 'a:own' });
    expect(both.text).toContain('--here and --me exclude each other; nothing was done.');
    expect(both.text).toContain('Choose one.');
    expect([...none.asked, ...both.asked]).toEqual([]);
  });

  it('tells the one who pressed the button of it, and nobody else', async () => {
    const { asked, clicked } = await said('click', { chat: 'a:own' });
    expect(asked).toMatchObject([{ conversationId: 'a:own', own: true, events: imageEvents }]);
    expect(clicked).toEqual({ kind: 'message', text: `You are told of ubuntu-22: ${imageEvents.join(', ')}.` });
  });

  it('says what was so before', async () => {
    const before = { known: [of('ubuntu-22', { events: ['published', 'retired'] })] };
    expect((await said('subscribe ubuntu-22', before)).text).toContain('Before, it was published, retired.');
    expect((await said('subscribe ubuntu-22 published, retired', before)).text).toContain('It was that way before.');
  });

  it('takes events of the table alone, and images that the person may look at', async () => {
    const wrong = await said('subscribe ubuntu-22 digest');
    expect(wrong.text).toContain('Do you mean “subscribe ubuntu-22”?');
    expect(wrong.text).toContain(`takes any of ${imageEvents.join(', ')}, not "digest"`);
    const other = await said('subscribe ubuntu-22', { who: 'web' });
    expect(other.text).toContain('needs the role viewer');
    expect((await said('subscribe beos')).text).toContain('beos');
    expect([...wrong.asked, ...other.asked]).toEqual([]);
  });

  it('lists what is told, where, and what a person may not look at any more', async () => {
    expect((await said('subscribe')).text).toContain('Nothing is told to you or here');
    expect((await said('subscribe')).text).toContain(`What can be told of an image: ${imageEvents.join(', ')}.`);
    const mine = { conversationId: 'a:own', person: people.ada.oid };
    const known = [of('ubuntu-22'), of('windows-2022'), of('ubuntu-22', { ...mine, events: ['revoked'] }), of('beos')];
    const { text } = await said('subscribe', { known });
    expect(text).toContain('4 images are told');
    expect(text).toContain('ubuntu-22, windows-2022, beos. This channel, begun by Ada: published.');
    expect(text).toContain('ubuntu-22. You, in your chat with goldbot: revoked.');
    expect(text).toContain('No longer in the catalogue: beos.');
    const few = await said('subscribe', { who: 'web', known: [of('ubuntu-22', { ...mine })] });
    expect(few.text).toContain('One image is told');
    expect(few.text).toContain('1 of them you may not look at: nothing of them is told to you.');
    const many = imageEvents.flatMap((event) => [
      of('ubuntu-22', { events: [event] }),
      of('ubuntu-22', { ...mine, events: [event] }),
    ]);
    expect((await said('subscribe', { known: many })).text).toContain('… and 5 more lists.');
  });

  it('is shown by whoami to whoever is told', async () => {
    const known = [of('ubuntu-22', { person: people.ada.oid })];
    expect((await said('whoami', { known })).text).toContain('Is told of: ubuntu-22');
    expect((await said('whoami')).text).not.toContain('Is told of');
  });
});

describe('unsubscribe', () => {
  it('ends one image or all, and says when there was nothing', async () => {
    const known = [of('ubuntu-22'), of('windows-2022')];
    const one = await said('unsubscribe ubuntu-22', { known });
    expect(one.text).toContain('This channel is no longer told of ubuntu-22');
    expect(one.text).toContain('What is on its way already is not sent either.');
    expect(one.asked).toMatchObject([{ conversationId: '19:general', image: 'ubuntu-22' }]);
    const all = await said('unsubscribe', { known, kind: 'personal' });
    expect(all.text).toContain('You are no longer told of ubuntu-22, windows-2022');
    expect(all.asked).toMatchObject([{ conversationId: 'a:own' }]);
    const none = await said('unsubscribe ubuntu-22 --me', { chat: 'a:own' });
    expect(none.text).toContain('You are told nothing of ubuntu-22');
    expect(none.text).toContain('Nothing was changed.');
    expect((await said('unsubscribe')).text).toContain('This channel is told nothing of any image');
  });
});

describe('what subscribers are told', () => {
  const about = { image: 'ubuntu-22', version: '1.6.0' };
  const told = async (kind: (typeof imageEvents)[number], data: object = {}, run?: object) => {
    const happening = { kind, subject: 'ubuntu-22/1.6.0', runId: 'R-22222', data: { ...about, ...data } } as const;
    const reads = { noticed: async () => ({ happening, at: now }) as Noticed, run: async () => run as never };
    return (await presentTold('R-22222', reads)).text;
  };

  it.each([
    [
      'published',
      { regions: ['West Europe', 'UK South'] },
      'ubuntu-22 1.6.0 is published',
      'Machines may start from it in West Europe, UK South.',
    ],
    ['promoted', { regions: ['West Europe'] }, 'ubuntu-22 1.6.0 was promoted to latest', 'In West Europe.'],
    [
      'promoted',
      {},
      'ubuntu-22 1.6.0 was promoted to latest',
      'Wherever it has a copy and no higher version is offered.',
    ],
    [
      'promoted',
      { hidden: ['1.7.0'] },
      'ubuntu-22 went back to 1.6.0',
      '1.7.0 was taken out of latest in every region.',
    ],
    ['promoted', { hidden: ['1.7.0', '1.8.0'] }, 'ubuntu-22 went back to 1.6.0', '1.7.0, 1.8.0 were taken out'],
    [
      'revoked',
      {},
      'ubuntu-22 1.6.0 is revoked',
      'what takes latest no longer starts from it. Machines that run it go on.',
    ],
    [
      'retired',
      {},
      'ubuntu-22 1.6.0 is retired',
      'It was deleted: nothing new starts from it. Machines that run it go on.',
    ],
    [
      'end-of-life',
      { endOfLife: '2026-12-31T00:00:00Z' },
      'The life of ubuntu-22 1.6.0 ends on 31 Dec 2026',
      'are to move to a later version by then.',
    ],
    [
      'end-of-life',
      { endOfLife: '2026-11-23T09:00:00Z' },
      'The life of ubuntu-22 1.6.0 has ended',
      'It ended on 23 Nov 2026. Machines that still run it',
    ],
    ['end-of-life', { endOfLife: null }, 'ubuntu-22 1.6.0 has no end of life any more', 'It happened on'],
  ] as const)('%s %j', async (kind, data, title, detail) => {
    const text = await told(kind, data);
    expect(text).toContain(title);
    expect(text).toContain(detail);
    expect(text).toContain('It happened on Mon 23 Nov, 09:00 UTC. This conversation is subscribed to ubuntu-22.');
    expect(text).toContain('unsubscribe ubuntu-22');
    expect(text.includes('show ubuntu-22@1.6.0')).toBe(kind !== 'retired');
  });

  it('has the reason of whoever asked', async () => {
    const run = { kind: 'change', plan: { verb: 'revoke', reason: 'a hole in openssl' } };
    expect(await told('revoked', {}, run)).toContain('Reason: “a hole in openssl”.');
    expect(await told('revoked', {}, { kind: 'publish', plan: {} })).not.toContain('Reason');
  });
});
