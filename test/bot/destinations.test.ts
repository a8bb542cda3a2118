import { cardsOfTopic, type Database, findConversation, wantCard } from '../../store';
import { approvals, general, TestWorld, tenantId, until } from './world';

const topic = 'approval:R-7F3KQ';

describe('the conversation of a card', () => {
  let world: TestWorld;
  beforeEach(async () => {
    world = await TestWorld.open();
  });
  afterEach(() => world.close());

  const db = () => world.db.database;
  const want = () => wantCard(db(), { topic, channel: approvals, kind: 'approval' });
  const audited = async (action: string) =>
    (await db().query('select 1 from audit where entry like $1', [`%${action}%`])).length;

  it('gets a card once, when the database was silent just after Teams had taken it', async () => {
    let silent = 2;
    const taken = () => world.sent('POST').some(({ status }) => status === 201);
    const flaky: Database = {
      query: (text, values) => db().query(text, values),
      close: () => db().close(),
      transaction: async (work) => {
        if (taken() && silent-- > 0) throw new Error('the database is silent');
        return db().transaction(work);
      },
    };
    await world.bot({ database: flaky });
    await want();
    await until(async () => (await cardsOfTopic(db(), topic))[0]?.activityId);

    expect(silent).toBeLessThan(0);
    expect(world.sent('POST')).toHaveLength(1);
    expect(await audited('card-unclear')).toBe(0);
  });

  it('stays what it was when its channel is renamed before anything went there, and when somebody calls hers so (case A09)', async () => {
    await world.bot({ channels: () => [approvals] });
    const { id } = await until(() => findConversation(db(), approvals));
    const { conversations } = await world.teams('GET', '/api/state');
    const team = conversations.find((c: { name: string }) => c.name === general).id;
    const event = (eventType: string, channel: object, its: object) => ({
      ...{ as: 'Ada', in: general },
      activity: {
        ...{
          type: 'conversationUpdate',
          conversation: { id: team, conversationType: 'channel', isGroup: true, tenantId },
        },
        channelData: { eventType, channel, team: its, tenant: { id: tenantId } },
      },
    });
    const ours = { id: team, name: 'Image Factory' };
    await world.teams('POST', '/_sandbox/deliver', event('channelRenamed', { id, name: 'release-gate' }, ours));
    const hers = { id: '19:hers@thread.tacv2', name: 'Image Factory' };
    const evil = { id: '19:evil@thread.tacv2', name: 'approvals' };
    await world.teams('POST', '/_sandbox/deliver', event('channelCreated', evil, hers));
    await want();
    await until(async () => (await cardsOfTopic(db(), topic))[0]?.activityId);

    expect((await cardsOfTopic(db(), topic)).map(({ conversationId }) => conversationId)).toEqual([id]);
    expect(await findConversation(db(), id)).toMatchObject({ name: 'Image Factory / release-gate' });
    expect(world.log.entries).toContainEqual({
      level: 'warn',
      fields: { name: approvals, conversation: evil.id },
      text: 'another channel is bound to this name; nothing is posted here',
    });
  });
});
