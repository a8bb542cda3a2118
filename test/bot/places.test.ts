import { createBot } from '../../bot';
import type { TeamsActivity } from '../../bot/activity';
import { Places, type TeamQueries } from '../../bot/places';
import { findConversation } from '../../store';
import { parkedConversations } from '../store/parked';
import { approvals, MemoryLog, Script, TestWorld, tenantId, until } from './world';

describe('where goldbot is', () => {
  let world: TestWorld;
  let url: string;
  // One for each: what is learned of a place stays.
  beforeEach(async () => {
    world = await TestWorld.open();
    url = `${(await world.bot()).url}/api/messages`;
  });
  afterEach(() => world.close());

  const db = () => world.db.database;
  const places = (queriesAt: (serviceUrl: string) => TeamQueries) =>
    new Places({
      database: db(),
      clock: { now: () => new Date() },
      log: new MemoryLog(),
      channels: () => [],
      queriesAt,
    });
  const idOf = async (name: string): Promise<string> =>
    (await world.teams('GET', '/api/state')).conversations.find((c: { name: string }) => c.name === name).id;
  const groupOf = async (id: string) =>
    (await db().query<{ group_id: string | null }>('select group_id from conversation where id = $1', [id]))[0]
      ?.group_id;
  const told = (activity: object) =>
    world.teams('POST', '/_sandbox/deliver', { as: 'Grace', in: 'Image Factory / General', activity });

  it('is learned when it is installed: every channel of every team by its name, and every personal chat', async () => {
    const { conversations } = await world.teams('GET', '/api/state');
    for (const { name, id, kind } of conversations.filter((c: { name: string }) => !c.name.startsWith('Mallory'))) {
      const found = await findConversation(db(), kind === 'channel' ? name : id);
      expect(found).toMatchObject({ id, tenantId, reference: { kind }, parkedWhy: null });
    }
  });

  it('is learned from a message when nobody told before', async () => {
    await world.say('Ada', 'Image Factory / General', '@goldbot help');
    const last = world.box.sandbox.exchanges.findLast((e) => e.url === url && e.status === 200);
    const { link } = world.box.teams;
    const newcomer = await world.unknownBot();
    await db().query('delete from conversation');
    // A read is asked again: without the names of its channels nothing could be posted in a team for ever.
    await world.fault({ match: { face: 'teams', method: 'GET', url: '/v3/teams/' }, status: 503, times: 1 });
    const authorization = `Bearer ${await link.tokens.sign(link.serviceUrl)}`;
    await fetch(`${newcomer.url}/api/messages`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ ...(last?.requestBody as object), id: 'never-seen' }),
    });
    const found = await until(() => findConversation(db(), approvals));

    expect(found.id).toBe(await idOf(approvals));
  });

  it('is asked for, and a question without an answer holds up nobody', async () => {
    const activity = {
      type: 'message',
      channelId: 'msteams',
      serviceUrl: world.box.teams.link.serviceUrl,
      from: { id: '29:ada', aadObjectId: 'a1d0c000-0000-4000-8000-000000000001' },
      recipient: { id: '28:goldbot' },
      conversation: { id: '19:quick@thread.tacv2', conversationType: 'channel', tenantId },
      channelData: { team: { id: '19:team@thread.tacv2' }, channel: { id: '19:quick@thread.tacv2' } },
    } as unknown as TeamsActivity;
    const known: TeamQueries = {
      team: async () => ({ name: 'Quick', groupId: 'group-1' }),
      channels: async () => [{ id: '19:quick@thread.tacv2', name: 'ops' }],
    };
    const silent: TeamQueries = { ...known, team: () => new Promise<never>(() => {}) };
    const asked: string[] = [];
    const at = (queries: TeamQueries) => (serviceUrl: string) => {
      asked.push(serviceUrl);
      return queries;
    };
    const name = await places(at(known)).heardFrom(activity);
    await db().query(`update conversation set name = null where id = '19:quick@thread.tacv2'`);

    expect(name).toBe('Quick / ops');
    expect(await groupOf('19:quick@thread.tacv2')).toBe('group-1');
    expect(await places(at(silent)).heardFrom(activity)).toBeUndefined();
    expect(new Set(asked)).toEqual(new Set([activity.serviceUrl]));
    await db().query(`delete from conversation where id = '19:quick@thread.tacv2'`);
  });

  it('learns the group of a team whose channels an earlier version knew by name, once, and keeps it', async () => {
    const id = await idOf(approvals);
    const group = await groupOf(id);
    expect(group).toMatch(/^[0-9a-f-]{36}$/);
    await db().query('update conversation set group_id = null');
    const asked: string[] = [];
    const untold: TeamQueries = {
      team: async (team) => {
        asked.push(team);
        return { name: 'Image Factory' };
      },
      channels: async () => [{ id, name: 'approvals' }],
    };
    const activity = {
      ...{ type: 'message', channelId: 'msteams', serviceUrl: 's', from: { id: '29:ada', aadObjectId: 'a' } },
      ...{ recipient: { id: '28:goldbot' }, conversation: { id, conversationType: 'channel', tenantId } },
      channelData: { team: { id: '19:team@thread.tacv2' }, channel: { id } },
    } as unknown as TeamsActivity;
    const here = places(() => untold);
    await here.heardFrom(activity);
    await here.heardFrom(activity);
    expect(asked).toHaveLength(1);
    await places(() => ({ ...untold, team: async () => ({ name: 'Image Factory', groupId: 'g' }) })).heardFrom(
      activity,
    );
    expect(await groupOf(id)).toBe('g');
    await places(() => untold).heardFrom(activity);
    expect(await groupOf(id)).toBe('g');
  });

  it('follows a channel to its new name, and leaves a deleted one alone', async () => {
    const id = await idOf(approvals);
    const team = { id: await idOf('Image Factory / General'), name: 'Image Factory' };
    const event = (eventType: string, channel: object) =>
      told({ type: 'conversationUpdate', channelData: { eventType, team, channel, tenant: { id: tenantId } } });
    await event('channelRenamed', { id, name: 'decisions' });
    const renamed = await findConversation(db(), 'Image Factory / decisions');
    await event('channelDeleted', { id, name: 'decisions' });
    const parked = await parkedConversations(db());
    await event('channelRestored', { id, name: 'decisions' });

    expect(renamed?.id).toBe(id);
    expect(parked.map((c) => c.id)).toEqual([id]);
    expect(await parkedConversations(db())).toEqual([]);
  });

  it('takes nothing from a guest of another tenant', async () => {
    const before = world.script.texts.length;
    const said = await world.say('Mallory', 'Image Factory / General', '@goldbot publish ubuntu-22');

    expect(said).toMatchObject({ status: 403, messages: [] });
    expect(world.script.texts).toHaveLength(before);
    expect(url).toContain('/api/messages');
  });

  it.each([{ kind: 'managed-identity', tenantId } as const, { kind: 'secret', secret: 'canary', tenantId } as const])(
    'is built for production with $kind',
    (credentials) => {
      const settings = { port: 0, appId: 'a1b2c3d4-0000-4000-8000-000000000000', tenants: [tenantId], credentials };
      const deps = {
        database: db(),
        conversation: new Script(),
        reads: {} as never,
        clock: { now: () => new Date() },
        log: new MemoryLog(),
      };

      expect(() => createBot(settings, deps)).not.toThrow();
    },
  );
});
