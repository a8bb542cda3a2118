import {
  bindChannels,
  type Card,
  cardsOfTopic,
  channelStates,
  chooseChannel,
  type Destination,
  destinationOf,
  nameOfConversation,
  parkConversation,
  saveConversation,
  topicOfMessage,
  wantCard,
} from '../../store';
import { createReads } from '../../store/reads';
import { type TestDatabase, testDatabase } from './database';

const name = 'Image Factory / approvals';
const at = new Date('2026-11-24T10:00:00Z');
const [real, evil, heir] = ['19:real@thread.tacv2', '19:evil@thread.tacv2', '19:heir@thread.tacv2'];
const grace = { oid: 'a2', name: 'Grace' };

describe('a channel of the catalogue', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await testDatabase();
  });
  afterEach(async () => {
    for (const table of ['card', 'channel', 'conversation', 'approval', 'run', 'request', 'audit'])
      await db.database.query(`delete from ${table}`);
  });
  afterAll(() => db.close());

  const learn = (id: string, called: string | null = name, teamId = 'team') =>
    saveConversation(db.database, {
      ...{ id, tenantId: 't', serviceUrl: 's', reference: { kind: 'channel', teamId }, name: called },
    });
  const bind = () => bindChannels(db.database, [name], at);
  const choose = (id: string) => chooseChannel(db.database, { name, conversationId: id, who: grace, at });
  const goesTo = async (card: Partial<Card> = {}): Promise<string> => {
    const to: Destination = await destinationOf(
      db.database,
      { conversationId: null, conversationName: name, ...card },
      at,
    );
    return to.state === 'open' ? to.conversation.id : to.state;
  };
  const audited = async () => {
    const entries = await createReads(db.database).audit();
    return entries.map(({ action, who, detail }) => [action, who.name, detail]).reverse();
  };

  it('is bound to the only conversation of its name, once, and the audit says so', async () => {
    await learn(real);
    await bind();
    await bind();

    expect(await goesTo()).toBe(real);
    expect(await audited()).toEqual([['bind-channel', 'goldbot', { channel: name, conversation: real, before: null }]]);
  });

  it('keeps its conversation when that is renamed, and when somebody calls another one so', async () => {
    await learn(real);
    await bind();
    await learn(real, 'Image Factory / release-gate');
    await learn(evil, name, 'another team');
    await bind();

    expect(await goesTo()).toBe(real);
    expect(await nameOfConversation(db.database, real, [name])).toBe(name);
    expect(await nameOfConversation(db.database, evil, [name])).toBeNull();
  });

  it('is bound to what goes there first, if nothing was bound before', async () => {
    await learn(real);
    const first = await goesTo();
    await learn(real, 'Image Factory / release-gate');

    expect([first, await goesTo()]).toEqual([real, real]);
  });

  it('is none while several have its name and none was bound: not even the first is taken', async () => {
    await learn(real);
    await learn(evil, name, 'another team');
    await bind();

    expect(await goesTo()).toBe('same name');
    expect(await audited()).toEqual([]);
  });

  it('is not doubled by another row of the same channel', async () => {
    await learn(real);
    await learn(`${real};messageid=1`);

    expect(await goesTo()).toBe(real);
  });

  it('is unknown while none has its name, and closed while the only one is', async () => {
    const before = await goesTo();
    await learn(real);
    await parkConversation(db.database, real, 'goldbot was removed from here');

    expect([before, await goesTo()]).toEqual(['unknown channel', 'closed']);
  });

  it('follows a channel that was deleted and made again in its own team, and no other of its name', async () => {
    await learn(real);
    await bind();
    await learn(evil, name, 'another team');
    await parkConversation(db.database, real, 'the channel was deleted');
    const orphaned = await goesTo();
    await learn(heir);

    expect([orphaned, await goesTo()]).toEqual(['closed', heir]);
  });

  it('is the one that a person says, with what waited for it and the open requests that were asked elsewhere', async () => {
    await db.database.query(
      `insert into request values ('R-22222', 'approval'), ('R-33333', 'approval'), ('R-77777', 'run')`,
    );
    await db.database.query(
      `insert into run (id, kind, subject, plan, stages, stage, due_at, created_at)
       values ('R-77777', 'publish', 'ubuntu-22', '{}', '{}', 'approve', now(), now())`,
    );
    await db.database.query(
      `insert into approval (id, run_id, plan_hash, rule, channel, status, asked_at, expires_at)
       values ('R-22222', 'R-77777', 'h', '{}', $1, 'pending', now(), now()), ('R-33333', 'R-77777', 'h', '{}', $1, 'approved', now(), now())`,
      [name],
    );
    await learn(evil, name, 'another team');
    await bind();
    for (const id of ['R-22222', 'R-33333'])
      await wantCard(db.database, { topic: `approval:${id}`, channel: name, kind: 'approval' });
    await db.database.query(`update card set activity_id = topic, conversation_id = $1, shown = wanted`, [evil]);
    await wantCard(db.database, { topic: 'digest:R-1', channel: name, kind: 'digest' });
    await db.database.query(`update card set not_before = 'infinity' where topic = 'digest:R-1'`);
    await learn(real);
    await choose(real);
    await choose(real);

    expect(await goesTo()).toBe(real);
    expect((await cardsOfTopic(db.database, 'approval:R-22222')).map((c) => c.conversationId)).toEqual([evil, real]);
    expect(await cardsOfTopic(db.database, 'approval:R-33333')).toHaveLength(1);
    const [waited] = await db.database.query(
      `select not_before = '-infinity' as now from card where topic = 'digest:R-1'`,
    );
    expect(waited).toEqual({ now: true });
    expect((await audited()).at(-1)).toEqual([
      'bind-channel',
      'Grace',
      { channel: name, conversation: real, before: real },
    ]);
  });

  it('is where a message of a card without an id is looked for, and no other of its name', async () => {
    await learn(real);
    await bind();
    await learn(evil, name, 'another team');
    await wantCard(db.database, { topic: 'run:R-1', channel: name, kind: 'run' });
    await db.database.query(`update card set activity_id = 'a1'`);

    expect(await topicOfMessage(db.database, real, 'a1')).toBe('run:R-1');
    expect(await topicOfMessage(db.database, evil, 'a1')).toBeNull();
  });

  it('has a state for people: bound and renamed, impersonated, unknown, closed, or given by its id', async () => {
    await learn(real);
    await bind();
    await learn(real, 'Image Factory / release-gate');
    await learn(evil, name, 'another team');
    await learn(heir, 'web / ops');
    await parkConversation(db.database, heir, 'goldbot was removed from here');

    const states = await channelStates(db.database, [name, 'web / ops', 'Nowhere / ops', real]);
    expect(states).toEqual([
      { name, conversationId: real, calledNow: 'Image Factory / release-gate', parkedWhy: null, others: 1 },
      {
        name: 'web / ops',
        conversationId: null,
        calledNow: null,
        parkedWhy: 'goldbot was removed from here',
        others: 0,
      },
      { name: 'Nowhere / ops', conversationId: null, calledNow: null, parkedWhy: null, others: 0 },
      { name: real, conversationId: real, calledNow: 'Image Factory / release-gate', parkedWhy: null, others: 0 },
    ]);
  });
});
