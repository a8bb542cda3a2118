import { foreignTenantId } from '../../sandbox/entra/people';
import { card, general, TestWorld } from './world';

describe('somebody of another tenant', () => {
  let world: TestWorld;
  beforeAll(async () => {
    world = await TestWorld.open();
    await world.bot();
  });
  afterAll(() => world.close());

  it('is told nothing, which the script is told, and is written down once', async () => {
    world.script.onText = () => card('Decide', 'approve');
    const shown = (await world.say('Ada', general, '@goldbot status')).messages[0].id;
    const before = { texts: world.script.texts.length, posts: world.sent('POST').length };
    const said = [];
    for (let i = 0; i < 3; i += 1) said.push(await world.say('Mallory', 'goldbot', 'help'));
    const deliver = { type: 'invoke', name: 'adaptiveCard/action', replyToId: shown, value: {} };
    const clicked = await world.teams('POST', '/_sandbox/deliver', { as: 'Mallory', in: 'goldbot', activity: deliver });
    const rows = await world.db.database.query<{ entry: string }>(
      `select entry from audit where entry like '%WRONG_TENANT%'`,
    );
    const logged = world.log.entries.filter((e) => JSON.stringify(e.fields).includes(foreignTenantId));

    expect(said.map(({ status, messages }) => [status, messages.length])).toEqual(Array(3).fill([403, 0]));
    expect(said[0].problem).toBe(
      'The bot answered 403: it does not serve this person, tenant or channel. Its log says more.',
    );
    expect(clicked.status).toBe(403);
    expect({ texts: world.script.texts.length, posts: world.sent('POST').length }).toEqual(before);
    expect(rows).toHaveLength(1);
    expect(JSON.parse(rows[0]?.entry ?? '')).toMatchObject({ who: { oid: expect.any(String) }, action: 'refuse' });
    expect(logged).toHaveLength(1);
  });
});
