import { card, general, TestWorld } from './world';

describe('a turn', () => {
  let world: TestWorld;
  beforeAll(async () => {
    world = await TestWorld.open();
    await world.bot();
  });
  beforeEach(() => world.anew());
  afterAll(() => world.close());

  it('answers a mention in the same thread, through botbuilder and its authentication', async () => {
    const said = await world.say('Ada', general, '@goldbot publish ubuntu-22');

    expect(said.messages).toMatchObject([{ from: 'goldbot', replyToId: said.activityId }]);
    expect(said.messages[0].text).toContain('publish ubuntu-22');
    expect(world.script.heard('publish ubuntu-22')[0]?.turn).toMatchObject({
      person: { name: 'Ada', oid: expect.stringContaining('a1d0c000') },
      conversation: { kind: 'channel', threadId: said.activityId },
    });
  });

  it('answers in a personal chat without a mention', async () => {
    const said = await world.say('Ada', 'goldbot', 'help without a mention');

    expect(said.messages).toHaveLength(1);
    expect(world.script.heard('without a mention')[0]?.turn.conversation).toMatchObject({ kind: 'personal' });
  });

  it('sends a card with its words as summary, and answers a click on it', async () => {
    world.script.onText = () => card('A card with a button', 'status');
    const said = await world.say('Ada', general, '@goldbot status');
    const clicked = await world.click('Ada', said.messages[0].id, 'status');

    expect(said.messages[0]).toMatchObject({ summary: 'A card with a button', card: { type: 'AdaptiveCard' } });
    expect(clicked).toEqual({ status: 200, message: 'Clicked status.' });
  });

  it('does nothing for somebody whom Entra does not know', async () => {
    const before = { texts: world.script.texts.length, clicks: world.script.clicks.length };
    const from = { id: '29:nobody', name: 'Ada' };
    const value = { action: { type: 'Action.Execute', verb: 'approve', data: { request: 'R-7F3KQ' } } };
    const clicked = { type: 'invoke', name: 'adaptiveCard/action', replyToId: '1', value, from };
    const deliver = (activity: object) =>
      world.teams('POST', '/_sandbox/deliver', { as: 'Ada', in: general, activity });
    const [said, click] = [await deliver({ type: 'message', text: 'help', from }), await deliver(clicked)];

    expect([said.status, click.status]).toEqual([200, 200]);
    expect(click.body.value).toContain('nothing was done');
    expect({ texts: world.script.texts.length, clicks: world.script.clicks.length }).toEqual(before);
  });

  it('takes a button of any name for a click, also of one that only attackers think of', async () => {
    const value = { action: { type: 'Action.Execute', verb: '__proto__', data: { request: 'constructor' } } };
    const activity = { type: 'invoke', name: 'adaptiveCard/action', id: 'proto', replyToId: '1', value };
    const clicked = await world.teams('POST', '/_sandbox/deliver', { as: 'Ada', in: general, activity });

    expect(clicked).toMatchObject({ status: 200, body: { statusCode: 200, value: 'Clicked __proto__.' } });
  });

  it('answers invokes that are no clicks, and what is no turn, without a command', async () => {
    const deliver = (activity: object) =>
      world.teams('POST', '/_sandbox/deliver', { as: 'Ada', in: general, activity });
    const before = world.sent('POST').length;

    expect((await deliver({ type: 'invoke', name: 'fileConsent/invoke', value: {} })).status).toBe(501);
    expect((await deliver({ type: 'messageReaction', reactionsAdded: [{ type: 'like' }] })).status).toBe(200);
    expect((await deliver({ type: 'typing' })).status).toBe(200);
    expect(world.sent('POST')).toHaveLength(before);
  });
});
