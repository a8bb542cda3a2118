import type { Told } from './world';
import { card, general, TestWorld, until } from './world';

describe('what one person asks after a slash', () => {
  let world: TestWorld;
  // One for each: what is said to somebody alone is seen by reading the whole conversation.
  beforeEach(async () => {
    world = await TestWorld.open();
    await world.bot();
  });
  afterEach(() => world.close());

  const ask = (text: string) => world.teams('POST', '/api/say', { as: 'Ada', in: general, text, targeted: true });
  const seenBy = async (person: string): Promise<readonly Told[]> => {
    const { conversations } = await world.teams('GET', '/api/state');
    const { id } = conversations.find((c: { name: string }) => c.name === general);
    return world.teams('GET', `/api/conversations/${encodeURIComponent(id)}/messages?as=${person}`);
  };
  const words = async (person: string) => (await seenBy(person)).map(({ text }) => text);

  it('is answered to them alone, in two steps where the answer comes in two', async () => {
    let finish = (_whole: { text: string }) => {};
    const later = new Promise<{ text: string }>((done) => {
      finish = done;
    });
    world.script.onText = () => ({ text: 'so far', pending: true, later });
    const said = await ask('compliance');
    expect(said.messages).toMatchObject([{ text: 'so far', onlyFor: expect.any(String) }]);
    finish({ text: 'the whole' });
    await until(async () => (await words('Ada')).includes('the whole'));

    expect(await words('Ada')).toEqual(['compliance', 'the whole']);
    expect(await words('Grace')).toEqual([]);
  });

  it('is refused to them alone too', async () => {
    world.script.onText = () => {
      throw new Error('broken');
    };
    await ask('publish');
    expect(await words('Ada')).toEqual(['publish', expect.stringMatching(/E-[0-9A-F]{8}/)]);
    expect(await words('Grace')).toEqual([]);
  });

  it('becomes a card for everybody where the card lives on, in a thread of its own', async () => {
    world.script.onText = () => ({ ...card('Publishing ubuntu-22'), topic: 'run:R-7F3KQ' });
    world.script.topics.set('run:R-7F3KQ', card('Publishing ubuntu-22'));
    const { activityId } = await ask('publish ubuntu-22');
    const [shown] = await until(async () => {
      const seen = await seenBy('Grace');
      return seen.length > 0 ? seen : undefined;
    });

    // What a run remembers of where it was asked for.
    expect(world.script.heard('publish ubuntu-22')[0]?.turn.conversation).not.toHaveProperty('threadId');
    expect(shown).toMatchObject({ from: 'goldbot', summary: 'Publishing ubuntu-22' });
    expect(shown?.replyToId).toBeUndefined();
    expect((await seenBy('Ada')).find(({ replyToId }) => replyToId === activityId)).toBeUndefined();
  });

  it('stays between them when they press a button of a private answer, and press again', async () => {
    world.script.onText = () => card('Which image?', 'versions');
    const { messages } = await ask('versions');
    world.script.onClick = () => ({ kind: 'card', reply: card('Which of these?', 'versions') });
    const inPlace = await world.click('Ada', messages[0].id, 'versions', { image: 'ubuntu-22' });
    world.script.onClick = () => ({ kind: 'post', reply: { text: 'eight versions' }, message: 'The answer is below.' });
    const below = await world.click('Ada', messages[0].id, 'versions', { image: 'ubuntu-22' });
    const before = await words('Grace');

    expect(JSON.stringify(inPlace.card)).toContain('Which of these?');
    expect(below).toMatchObject({ message: 'The answer is below.' });
    expect(await words('Ada')).toContain('eight versions');
    expect(before).not.toContain('eight versions');
    // The command gets what the same button says on a card for everybody.
    expect(world.script.clicks.map(({ data }) => data)).toEqual(
      Array(2).fill({ request: 'R-7F3KQ', image: 'ubuntu-22' }),
    );
  });

  it('says so when what is pressed in private is answered where everybody sees it', async () => {
    world.script.onText = () => card('Which request?', 'versions');
    const { messages } = await ask('approvals');
    world.script.topics.set('approval:R-9WXB4', card('Publish ubuntu-22?'));
    const reply = { ...card('Publish ubuntu-22?'), topic: 'approval:R-9WXB4' as const };
    world.script.onClick = () => ({ kind: 'post', reply, message: 'The answer is below.' });
    const pressed = await world.click('Ada', messages[0].id, 'versions', { image: 'ubuntu-22' });
    expect(pressed).toMatchObject({ message: 'The answer stands in this conversation, where everybody sees it.' });
    await until(async () => (await seenBy('Grace')).some(({ summary }) => summary === 'Publish ubuntu-22?'));
  });

  it('leaves the conversation as it is when Teams says that this person is no longer in it', async () => {
    world.script.onText = () => ({ text: 'for you' });
    await world.fault({ match: { face: 'teams', method: 'POST', url: '/v3/' }, status: 403, times: 1 });
    // Nothing is said to it, and the sandbox waits for that longer than this test.
    void ask('status').catch(() => {});
    await until(() => world.log.entries.some(({ text }) => text === 'a reply did not reach Teams for certain'));

    expect(await words('Ada')).not.toContain('for you');
    const parked = await world.db.database.query('select id from conversation where parked_why is not null');
    expect(parked).toEqual([]);
  });
});
