import { addressOf } from '../../bot/teams';
import { findConversation } from '../../store';
import { card, TestWorld, tenantId, until } from './world';

describe('a chat of several people', () => {
  let world: TestWorld;
  beforeAll(async () => {
    world = await TestWorld.open();
    await world.bot();
  });
  beforeEach(() => {
    world.script.onText = (text) => ({ text: `You said: ${text}` });
  });
  afterAll(() => world.close());

  const chat = (name: string, more: object = {}) =>
    world.teams('POST', '/_sandbox/chats', { name, members: ['Ada', 'Grace'], ...more });

  // Case A10: BotFramework-Services#344, BotBuilder-V3#128, botframework-sdk#5661.
  it.each([
    ['meeting', '19:meeting_ODU0@thread.v2', 'groupChat'],
    ['group', '19:2da4c29f6d7041eca70b638b43d45437@thread.v2', 'groupChat'],
    ['group of which Teams tells no type', '19:8a70b638b43d45437@thread.v2', undefined],
  ])('is answered in the %s itself, never by a thread', async (_kind, id, conversationType) => {
    const known = { id, conversationType: 'groupChat', isGroup: true, tenantId };
    // The sandbox learns the chat from an activity that says all.
    await world.teams('POST', '/_sandbox/deliver', {
      as: 'Ada',
      in: 'goldbot',
      activity: { type: 'typing', conversation: known },
    });
    const activity = {
      ...{ id: `q-${id}`, text: '<at>goldbot</at> whoami', channelData: { tenant: { id: tenantId } } },
      conversation: { ...known, conversationType },
    };
    await world.teams('POST', '/_sandbox/deliver', { as: 'Ada', in: 'goldbot', activity });
    const asked = ({ requestBody }: { requestBody?: unknown }) =>
      (requestBody as { replyToId?: string } | undefined)?.replyToId === `q-${id}`;
    const answer = await until(() => world.sent('POST').find(asked));

    expect(answer).toMatchObject({ status: 201, requestBody: { replyToId: `q-${id}` } });
    expect(decodeURIComponent(answer?.url ?? '')).toMatch(new RegExp(`/v3/conversations/${id}/activities$`));
    expect(world.script.texts.map(({ turn }) => turn.conversation)).toContainEqual({ id, kind: 'group' });
  });

  it('hears an answer to a mention, and nothing without one', async () => {
    const { id } = await chat('Patch day');
    const [heard, unheard] = [
      await world.say('Ada', 'Patch day', '@goldbot help'),
      await world.say('Grace', 'Patch day', 'help'),
    ];

    expect(id).toMatch(/^19:.*@thread\.v2$/);
    expect(heard.messages).toMatchObject([{ from: 'goldbot', text: expect.stringContaining('help') }]);
    expect(unheard.messages).toEqual([]);
  });

  it('gets live cards: a look at one opens for the one who presses, and a click on one takes effect', async () => {
    await chat('Review', { meeting: true });
    world.script.topics.set('run:R-7F3KQ', card('A run', 'status', 'rebuild'));
    world.script.onText = () => ({ ...card('A run', 'status', 'rebuild'), topic: 'run:R-7F3KQ' });
    const said = await world.say('Ada', 'Review', '@goldbot status R-7F3KQ');
    const looked = await world.click('Grace', said.messages[0].id, 'status');
    const clicked = await world.click('Grace', said.messages[0].id, 'rebuild');

    expect(said.messages).toMatchObject([{ summary: 'A run', card: { type: 'AdaptiveCard' } }]);
    expect([looked, clicked]).toEqual([
      { status: 200, message: 'Opened status.' },
      { status: 200, message: 'Clicked rebuild.' },
    ]);
    const { dialogs, clicks } = world.script;
    expect(dialogs.map(({ turn }) => turn.clicked)).toEqual(['run:R-7F3KQ']);
    expect(clicks.map(({ turn }) => turn.clicked)).toEqual(['run:R-7F3KQ']);
  });

  it('is one of those where goldbot may speak unasked, also as an earlier version stored it', async () => {
    const { id } = await chat('Stored');
    const found = await until(() => findConversation(world.db.database, id));

    expect(found).toMatchObject({ reference: { kind: 'group' } });
    expect(addressOf({ ...found, reference: { kind: 'channel' } }, null).kind).toBe('group');
  });

  it('is kept from others', async () => {
    await chat('Closed');

    expect((await world.say('Linus', 'Closed', '@goldbot help')).error.code).toBe('NotAMember');
  });
});
