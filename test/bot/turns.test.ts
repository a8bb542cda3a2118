import { card, general, TestWorld } from './world';

describe('a turn', () => {
  let world: TestWorld;
  beforeAll(async () => {
    world = await TestWorld.open();
    await world.bot();
  });
  afterAll(() => world.close());

  it('answers a mention in the same thread, through botbuilder and its authentication', async () => {
    const said = await world.say('Ada', general, '@goldbot publish ubuntu-22');

    expect(said.messages).toMatchObject([{ from: 'goldbot', replyToId: said.activityId }]);
    expect(said.messages[0].text).toContain('publish ubuntu-22');
    expect(world.script.texts.at(-1)?.turn).toMatchObject({
      person: { name: 'Ada', oid: expect.stringContaining('a1d0c000') },
      conversation: { kind: 'channel', threadId: said.activityId },
    });
  });

  it('answers in a personal chat without a mention', async () => {
    const said = await world.say('Ada', 'goldbot', 'help');

    expect(said.messages).toHaveLength(1);
    expect(world.script.texts.at(-1)?.turn.conversation).toMatchObject({ kind: 'personal' });
  });

  it('sends a card with its words as summary, and answers a click on it', async () => {
    world.script.onText = () => card('A card with a button', 'status');
    const said = await world.say('Ada', general, '@goldbot status');
    const clicked = await world.click('Ada', said.messages[0].id, 'status');

    expect(said.messages[0]).toMatchObject({ summary: 'A card with a button', card: { type: 'AdaptiveCard' } });
    expect(clicked).toEqual({ status: 200, message: 'Clicked status.' });
  });
});
