import type { MissingWhy } from '../../core/runs';
import {
  adoptMessage,
  type Card,
  cardCreating,
  cardDeleted,
  cardFailed,
  cardShown,
  cardsOfTopic,
  cardUnclear,
  claimCard,
  findApproval,
  findCard,
  goldbot,
  isBeingPosted,
  joinCard,
  makeSecondPost,
  parkConversation,
  promiseSecondPost,
  redrawRun,
  saveConversation,
  topicOfCopy,
  topicOfMessage,
  wantBeside,
  wantCard,
} from '../../store';
import { bumpTopics } from '../../store/cards';
import { type TestDatabase, testDatabase } from './database';
import { anApproval, aRun, day, emptyTables } from './rows';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterEach(() => emptyTables(db.database));
afterAll(() => db.close());

const here = '19:here';
const soon = new Date(Date.now() + 3_600_000);
const past = new Date(Date.now() - 3_600_000);
const set = async (columns: Record<string, unknown>, where = 'true') => {
  for (const [column, value] of Object.entries(columns))
    await db.database.query(`update card set ${column} = $1 where ${where}`, [value]);
};
/** A card in the channel, with columns as the table has them. */
const aCard = async (topic: string, columns: Record<string, unknown> = {}, channel = here): Promise<Card> => {
  await wantCard(db.database, { topic, channel, kind: topic.split(':')[0] ?? '' });
  const card = (await cardsOfTopic(db.database, topic)).at(-1);
  if (!card) throw new Error('no card was wanted');
  await set(columns, `id = ${card.id}`);
  return { ...card, ...(await held()).find(({ id }) => id === card.id) };
};
const held = () =>
  db.database.query<Card & Record<string, unknown>>('select id, lease_token as "leaseToken" from card');
const claim = (leaseMs = 60_000) => claimCard(db.database, { owner: 'me', leaseMs });
const leased = async (topic: string, columns: Record<string, unknown> = {}) => {
  await aCard(topic, columns);
  const card = await claim();
  if (!card) throw new Error('it was not to be sent');
  return card;
};
const wantedOf = async (topic: string) => (await cardsOfTopic(db.database, topic)).map(({ wanted }) => wanted);
const rowOf = async (columns: string) => (await db.database.query(`select ${columns} from card order by id`))[0];
const audited = async () => {
  const rows = await db.database.query<{ entry: string }>('select entry from audit order by seq desc limit 1');
  await db.database.query('delete from audit');
  await db.database.query(`update audit_head set seq = 0, hash = ''`);
  return rows.map(({ entry }) => JSON.parse(entry) as { action: string; detail: unknown })[0];
};

describe('a card that is wanted', () => {
  it.each([
    ['19:c@thread.tacv2', { conversationId: '19:c@thread.tacv2', conversationName: null }],
    ['a:1x', { conversationId: 'a:1x', conversationName: null }],
    ['Image Factory / approvals', { conversationId: null, conversationName: 'Image Factory / approvals' }],
    ['Ops: night / General', { conversationId: null, conversationName: 'Ops: night / General' }],
    ['Sec:ops x', { conversationId: null, conversationName: 'Sec:ops x' }],
    ['19:', { conversationId: null, conversationName: '19:' }],
  ])('goes to %s by its id or by its name', async (channel, place) => {
    await wantCard(db.database, { topic: 'run:1', channel, kind: 'run' });

    expect(await cardsOfTopic(db.database, 'run:1')).toMatchObject([place]);
  });

  it('is one for each place, kind and question, and is drawn anew when it is wanted again', async () => {
    const address = { topic: 'run:1', conversationId: here, kind: 'run' };
    await wantCard(db.database, { ...address, threadId: 't1' });
    await wantCard(db.database, { ...address, threadId: 't2' });
    await wantCard(db.database, { ...address, question: 'q1' });
    await wantCard(db.database, { ...address, kind: 'news' });
    await wantCard(db.database, { ...address, conversationId: '19:there' });

    const cards = await cardsOfTopic(db.database, 'run:1');
    expect(
      cards.map(({ conversationId: at, kind, question, threadId, wanted }) => [at, kind, question, threadId, wanted]),
    ).toEqual([
      [here, 'run', '', 't1', 2],
      [here, 'run', 'q1', null, 1],
      [here, 'news', '', null, 1],
      ['19:there', 'run', '', null, 1],
    ]);
    expect((await findCard(db.database, address))?.id).toBe(cards[0]?.id);
    expect((await findCard(db.database, { ...address, question: 'q1' }))?.id).toBe(cards[1]?.id);
    expect(await findCard(db.database, { ...address, question: 'q2' })).toBeUndefined();
    expect(await findCard(db.database, { ...address, topic: 'run:2' })).toBeUndefined();
  });

  it('is drawn anew with the run that it shows, whatever it shows of it', async () => {
    const run = await aRun(db.database);
    const topics = [`run:${run}`, `digest:${run}`, `news:${run}:outcome`];
    for (const topic of topics) await aCard(topic, { shown: 1, activity_id: topic });
    await aCard('digest:R-99999', { shown: 1, activity_id: 'other' });
    await redrawRun(db.database, run);
    expect(await Promise.all([...topics, 'digest:R-99999'].map(wantedOf))).toEqual([[2], [2], [2], [1]]);
  });

  it('says news wherever the run’s own card is: not beside answers, and not twice', async () => {
    await wantCard(db.database, { topic: 'run:1', conversationId: here, kind: 'run', threadId: 't' });
    await wantCard(db.database, { topic: 'run:1', conversationId: '19:answer', kind: 'run', question: 'q' });
    await wantCard(db.database, { topic: 'run:1', conversationId: '19:news', kind: 'news' });
    await wantCard(db.database, { topic: 'run:1', channel: 'Team / Channel', kind: 'run' });
    await wantCard(db.database, { topic: 'run:2', conversationId: '19:other', kind: 'run' });
    const news = { topic: 'news:1:done', kind: 'news' };
    await wantBeside(db.database, 'run:1', news);
    await wantBeside(db.database, 'run:1', news);

    expect(await cardsOfTopic(db.database, 'news:1:done')).toMatchObject([
      { conversationId: here, conversationName: null, kind: 'news', threadId: 't', question: '', wanted: 2 },
      { conversationId: null, conversationName: 'Team / Channel', kind: 'news', threadId: null, wanted: 2 },
    ]);
  });
});

it('a run draws every card anew that shows it, and no other', async () => {
  const [run, other] = [await aRun(db.database), await aRun(db.database, { subject: 'other' })];
  const [asked, elsewhere] = [await anApproval(db.database, run), await anApproval(db.database, other)];
  const mine = [`run:${run}`, `digest:${run}`, `approval:${asked}`, `news:${run}:done`, `news:${run}:x:y`];
  const others = [`run:${other}`, `approval:${elsewhere}`, `news:${other}:done`, `news:${run}`, `run:${run}x`];
  for (const topic of [...mine, ...others]) await aCard(topic);
  await redrawRun(db.database, run);

  const wanted = await Promise.all([...mine, ...others].map(wantedOf));
  expect(wanted.flat()).toEqual([...mine.map(() => 2), ...others.map(() => 1)]);
});

describe('the card to send next', () => {
  it.each([
    ['is behind its topic', {}, {}, true],
    ['shows what is wanted', { shown: 1, activity_id: 'a' }, {}, false],
    ['was given up', { unclear: true }, {}, false],
    ['rests', { not_before: soon }, {}, false],
    ['is being sent', { leased_until: soon }, {}, false],
    ['is an edit', { activity_id: 'a' }, {}, true],
    ['is an edit where goldbot may not speak', { activity_id: 'a' }, { parked_why: 'gone' }, false],
    ['is an edit where the last one was just now', { activity_id: 'a' }, { edit_not_before: soon }, false],
    ['is an edit where the last one is long ago', { activity_id: 'a' }, { edit_not_before: past }, true],
    ['is a create, wherever it goes', {}, { parked_why: 'gone', edit_not_before: soon }, true],
    ['is an edit elsewhere', { activity_id: 'a', conversation_id: '19:there' }, { parked_why: 'gone' }, true],
  ])('%s, or not', async (_, card, conversation, due) => {
    await saveConversation(db.database, { id: here, tenantId: 't', serviceUrl: 's', reference: {}, name: null });
    const { id } = await aCard('run:1', card);
    for (const [column, value] of Object.entries(conversation))
      await db.database.query(`update conversation set ${column} = $1`, [value]);

    expect((await claim())?.id).toBe(due ? id : undefined);
  });

  it('is the one that has waited longest', async () => {
    await aCard('run:1', { not_before: past });
    await aCard('run:2');
    await aCard('run:3');

    expect([await claim(), await claim(), await claim()].map((card) => card?.topic)).toEqual([
      'run:2',
      'run:3',
      'run:1',
    ]);
  });
});

describe('a message in Teams', () => {
  it('is known by its conversation and id: the newest card that has it', async () => {
    await aCard('run:1', { activity_id: 'a1' });
    await aCard('run:2', { activity_id: 'a1' });
    await aCard('run:3', { activity_id: 'a2' });
    await aCard('run:4', { activity_id: 'a3' }, '19:there');

    const topics = ['a1', 'a2', 'a3', 'a4'].map((id) => topicOfMessage(db.database, here, id));
    expect(await Promise.all(topics)).toEqual(['run:2', 'run:3', null, null]);
  });

  const announced = { create_announced_at: past };
  it.each([
    ['being posted now', { ...announced, leased_until: soon }, true],
    ['announced by a replica that died', { ...announced, leased_until: past }, false],
    ['leased, and not announced', { leased_until: soon }, false],
    ['there', { ...announced, leased_until: soon, activity_id: 'a' }, false],
    ['in another conversation', { ...announced, leased_until: soon, conversation_id: '19:there' }, false],
  ])('is on its way when its card is %s', async (_, columns, posting) => {
    await aCard('run:1', columns);

    expect(await isBeingPosted(db.database, here, ['run:0', 'run:1'])).toBe(posting);
    expect(await isBeingPosted(db.database, here, ['run:2'])).toBe(false);
  });

  it.each([
    ['announced', announced, true],
    ['announced by a replica that died', { ...announced, leased_until: past }, true],
    ['posted without an answer', { unclear_posts: 1 }, true],
    ['never posted', {}, false],
    ['being posted now', { ...announced, leased_until: soon }, false],
    ['there as another message', { ...announced, activity_id: 'a' }, false],
    ['in another conversation', { ...announced, conversation_id: '19:there' }, false],
  ])('that somebody clicked belongs to a card that was %s', async (_, columns, adopted) => {
    const trouble = { unclear: true, missing_why: 'silent', missing_at: day(2), tries: 3, not_before: soon };
    await aCard('run:1', { ...trouble, ...columns });
    const clicked = { activityId: 'clicked', topics: ['run:0', 'run:1'] };
    expect(await adoptMessage(db.database, here, { ...clicked, topics: ['run:0'] })).toBeNull();

    expect(await adoptMessage(db.database, here, clicked)).toBe(adopted ? 'run:1' : null);
    const columnsOf = `activity_id, unclear, create_announced_at, tries, unclear_posts, missing_why, missing_at, not_before = '-infinity' as due`;
    const is = { activity_id: 'clicked', unclear: false, create_announced_at: null, tries: 0, unclear_posts: 0 };
    if (adopted) expect(await rowOf(columnsOf)).toEqual({ ...is, missing_why: null, missing_at: null, due: true });
  });

  it.each([
    ['posted twice', { activity_id: 'a', second_post: 'made' }, 'run:1'],
    ['to be posted again', { activity_id: 'a', second_post: 'promised' }, null],
    ['posted once', { activity_id: 'a' }, null],
    ['posted twice without an answer', { second_post: 'made' }, null],
  ])('is the earlier of two when its card was %s', async (_, columns, topic) => {
    await aCard('run:1', columns);

    expect(await topicOfCopy(db.database, here, ['run:0', 'run:1'])).toBe(topic);
    expect(await topicOfCopy(db.database, here, ['run:0'])).toBeNull();
    expect(await topicOfCopy(db.database, '19:there', ['run:1'])).toBeNull();
  });
});

describe('sending', () => {
  it('announces a create, and keeps the promise of a second one', async () => {
    const [first, second] = [await leased('run:1'), await leased('run:2', { second_post: 'promised' })];
    expect([
      await cardCreating(db.database, first, { conversation: '19:there' }),
      await cardCreating(db.database, second, { conversation: here }),
    ]).toEqual([true, true]);

    const [one] = await cardsOfTopic(db.database, 'run:1');
    const [two] = await cardsOfTopic(db.database, 'run:2');
    expect(one).toMatchObject({ createStartedAt: expect.any(Date), conversationId: '19:there', secondPost: null });
    expect(two).toMatchObject({ conversationId: here, secondPost: 'made' });
  });

  it('that was taken leaves no trouble, shows what it showed, and rests the conversation', async () => {
    await saveConversation(db.database, { id: here, tenantId: 't', serviceUrl: 's', reference: {}, name: null });
    const trouble = { missing_why: 'closed', missing_at: day(2), unclear_posts: 2, tries: 4, last_error: 'x' };
    const card = await leased('run:1', { ...trouble, create_announced_at: past, wanted: 3 });
    await bumpTopics(db.database, ['run:1']);
    const rests = async () =>
      (
        await db.database.query(
          `select edit_not_before > clock_timestamp() + interval '50 s' as rests from conversation where id = $1`,
          [here],
        )
      )[0];
    const sent = { conversationId: here, activityId: 'a1', editPauseMs: 60_000 };
    expect(await cardShown(db.database, card, sent)).toBe(true);

    expect(await cardsOfTopic(db.database, 'run:1')).toMatchObject([
      {
        ...{
          activityId: 'a1',
          wanted: 4,
          shown: 3,
          createStartedAt: null,
          unclearPosts: 0,
          missingWhy: null,
          tries: 0,
        },
      },
    ]);
    expect(await rowOf('missing_at, last_error, leased_until')).toEqual({
      ...{ missing_at: null, last_error: null, leased_until: null },
    });
    expect(await rests()).toEqual({ rests: true });
    await db.database.query('update card set leased_until = $1', [soon]);
    await cardShown(db.database, card, { ...sent, editPauseMs: 0 });
    expect(await rests()).toEqual({ rests: true });
  });

  it.each([
    ['a channel that is known by its name is looked up again', { conversation_name: 'Team / Channel' }, null],
    ['an id stays', {}, here],
    ['a message stays where it is', { conversation_name: 'Team / Channel', activity_id: 'a' }, here],
  ])('that was refused is tried later: %s', async (_, columns, at) => {
    const card = await leased('run:1', { ...columns, create_announced_at: past });
    expect(await cardFailed(db.database, card, { error: '429\u0000', retryMs: 60_000 })).toBe(true);

    expect(
      await rowOf(
        `conversation_id, create_announced_at, last_error, leased_until, missing_why, not_before > clock_timestamp() + interval '50 s' as rests`,
      ),
    ).toEqual({
      ...{ conversation_id: at, create_announced_at: null, last_error: '429\ufffd', leased_until: null },
      ...{ missing_why: null, rests: true },
    });
  });

  it.each([
    ['for the first time', {}, true, { why: 'closed', at: day(3) }],
    ['as before', { missing_why: 'closed', missing_at: day(2) }, false, { why: 'closed', at: day(2) }],
    ['for another reason', { missing_why: 'silent', missing_at: day(2) }, true, { why: 'closed', at: day(2) }],
    ['though an earlier message is there', { activity_id: 'a' }, false, { why: null, at: null }],
  ])('an approval request that cannot be seen is told on the run’s card: %s', async (_, columns, told, missing) => {
    const run = await aRun(db.database);
    const topic = `approval:${await anApproval(db.database, run)}`;
    const card = await leased(topic, columns);
    await aCard(`run:${run}`);
    await aCard('run:R-99999');
    const why: MissingWhy = 'closed';
    await cardFailed(db.database, card, { error: 'x', retryMs: 0, missing: { why, at: day(3) } });

    expect(await rowOf('missing_why as why, missing_at as at')).toEqual(missing);
    expect([await wantedOf(`run:${run}`), await wantedOf('run:R-99999'), await wantedOf(topic)]).toEqual([
      [told ? 2 : 1],
      [1],
      [1],
    ]);
  });

  it('of an approval request that is seen at last is told there too; of other cards nothing is', async () => {
    const run = await aRun(db.database);
    const topic = `approval:${await anApproval(db.database, run)}`;
    const sent = { conversationId: here, activityId: 'a1', editPauseMs: 0 };
    const [missing, never, news] = [
      await leased(topic, { missing_why: 'closed' }),
      await leased('approval:R-99999'),
      await leased('news:1:x', { missing_why: 'closed' }),
    ];
    await aCard(`run:${run}`);
    for (const card of [never, news]) await cardShown(db.database, card, sent);
    expect(await wantedOf(`run:${run}`)).toEqual([1]);
    await cardShown(db.database, missing, sent);
    expect(await wantedOf(`run:${run}`)).toEqual([2]);
  });

  it('whose outcome is unknown is promised again, and the audit has it when it is told to', async () => {
    const card = await leased('run:1', { unclear_posts: 1 });
    const detail = { topic: 'run:1', conversation: here, why: 'silence' };
    const record = { at: day(3), who: goldbot, action: 'card-unclear', detail } as const;
    const missing = { why: 'silent' as const, at: day(3) };
    await promiseSecondPost(db.database, card, { afterMs: 60_000, missing, record });

    expect(await cardsOfTopic(db.database, 'run:1')).toMatchObject([
      { secondPost: 'promised', unclearPosts: 2, missingWhy: 'silent' },
    ]);
    expect(await rowOf(`leased_until, not_before > clock_timestamp() + interval '50 s' as rests`)).toEqual({
      ...{ leased_until: null, rests: true },
    });
    expect(await audited()).toMatchObject({ action: 'card-unclear', detail });

    await set({ not_before: past });
    const again = await claim();
    if (!again) throw new Error('it rests');
    expect([
      await makeSecondPost(db.database, { ...again, leaseToken: 0 }),
      await makeSecondPost(db.database, again),
    ]).toEqual([false, true]);
    expect((await cardsOfTopic(db.database, 'run:1'))[0]?.secondPost).toBe('made');
    await promiseSecondPost(db.database, again, { afterMs: 0, missing });
    expect(await audited()).toBeUndefined();
  });

  it('by a replica that lost the card writes nothing, not even into the audit', async () => {
    const card = { ...(await leased('run:1')), leaseToken: 0 };
    const record = { at: day(3), who: goldbot, action: 'card-unclear', detail: { topic: 'run:1' } } as never;
    const missing = { why: 'given up' as const, at: day(3) };
    const before = await audited();

    expect(await cardUnclear(db.database, card, { record, missing })).toBe(false);
    expect(await cardFailed(db.database, card, { error: 'x', retryMs: 0 })).toBe(false);
    expect(await audited()).toEqual(before);
    expect(await rowOf('unclear, missing_why, last_error')).toEqual({
      unclear: false,
      missing_why: null,
      last_error: null,
    });
  });
});

describe('a card on which several requests ask', () => {
  const topic = 'requests:m';
  const news = { topic: 'news:R-22222:asked-R-99999', kind: 'news' };
  const asking = async (subject: string) => {
    const run = await aRun(db.database, { subject });
    const id = await anApproval(db.database, run, here);
    await db.database.query('update approval set card_topic = $2 where id = $1', [id, topic]);
    await aCard(`run:${run}`, { shown: 1, activity_id: 'r' });
    return { run, id };
  };

  it('is drawn anew for each of their runs, and the others are left alone', async () => {
    const [first, second] = [await asking('a'), await asking('b')];
    await aCard(topic);
    await redrawRun(db.database, first.run);
    expect(await wantedOf(topic)).toEqual([2]);
    expect([await wantedOf(`run:${first.run}`), await wantedOf(`run:${second.run}`)]).toEqual([[2], [1]]);
    await redrawRun(db.database, first.run, second.run);
    expect(await wantedOf(topic)).toEqual([3]);
  });

  it('tells all of them that nobody could be asked, and when it was deleted', async () => {
    const asked = [await asking('a'), await asking('b')];
    const card = await leased(topic);
    await cardFailed(db.database, card, { error: 'x', retryMs: 0, missing: { why: 'closed', at: day(3) } });
    for (const { id, run } of asked) {
      expect((await findApproval(db.database, id))?.unasked).toMatchObject({ why: 'closed', since: day(3) });
      expect(await wantedOf(`run:${run}`)).toEqual([2]);
    }
    await set({ deleted_at: day(4) });
    for (const { id } of asked) expect((await findApproval(db.database, id))?.deletedAt).toEqual(day(4));
  });

  it('is posted anew when its message was deleted, as long as one of them waits', async () => {
    const { id } = await asking('a');
    await asking('b');
    const detail = { topic, conversation: here, why: 'gone' };
    const record = { at: day(3), who: goldbot, action: 'card-deleted', detail } as never;
    const card = await leased(topic, { activity_id: 'a1' });
    await db.database.query(`update approval set status = 'approved' where id = $1`, [id]);
    expect(await cardDeleted(db.database, card, record)).toBe('anew');
    await db.database.query(`update approval set status = 'approved'`);
    expect(await cardDeleted(db.database, (await claim()) as Card, record)).toBe('nothing');
  });

  it.each([
    ['that is in Teams gets a message in its thread', { activity_id: 'a1' }, [{ thread_id: 'a1' }]],
    ['that is in a thread gets a message there', { activity_id: 'a1', thread_id: 't' }, [{ thread_id: 't' }]],
    [
      'of which nobody knows whether it is there gets one beside it',
      { create_announced_at: past },
      [{ thread_id: null }],
    ],
    ['that is still to be posted gets none', {}, []],
  ])('%s when one more joins it', async (_, columns, told) => {
    await aCard(topic, columns);
    await joinCard(db.database, topic, news);
    expect(await db.database.query('select thread_id from card where topic = $1', [news.topic])).toEqual(told);
  });

  it('is posted after all for whoever joins it after it was given up', async () => {
    const gone = { unclear: true, deleted_at: day(2), create_announced_at: past, unclear_posts: 28, not_before: soon };
    await aCard(topic, { ...gone, second_post: 'made', tries: 9 });
    expect(await claim()).toBeUndefined();
    await joinCard(db.database, topic, news);
    // With all its chances: nothing of what was tried for the others counts.
    const fresh = { topic, tries: 1, secondPost: null, unclearPosts: 0, createStartedAt: null, deletedAt: null };
    expect(await claim()).toMatchObject(fresh);
    expect(await db.database.query('select topic from card where topic = $1', [news.topic])).toEqual([]);
  });
});

describe('a message that somebody deleted in Teams', () => {
  const record = (topic: string) =>
    ({ at: day(3), who: goldbot, action: 'card-deleted', detail: { topic, conversation: here, why: 'gone' } }) as never;
  const waiting = async (columns: Record<string, unknown>) => {
    const run = await aRun(db.database);
    const topic = `approval:${await anApproval(db.database, run)}`;
    await aCard(`run:${run}`, { shown: 1, activity_id: 'r' });
    const card = await leased(topic, { activity_id: 'a1', second_post: 'made', create_announced_at: past, ...columns });
    return { card, topic, run };
  };
  const columns =
    'activity_id, conversation_id, thread_id, unclear, missing_why, missing_at, deleted_at, second_post, create_announced_at, leased_until';

  it.each([
    ['where it was', { thread_id: 'a1' }, { conversation_id: here, thread_id: null }],
    ['in the same thread', { thread_id: 't' }, { conversation_id: here, thread_id: 't' }],
    ['where its channel is now', { conversation_name: 'Team / Channel' }, { conversation_id: null, thread_id: null }],
  ])('is posted anew the first time, %s', async (_, is, place) => {
    const { card, topic, run } = await waiting(is);

    expect(await cardDeleted(db.database, card, record(topic))).toBe('anew');
    const rows = await db.database.query(`select ${columns} from card where topic = $1`, [topic]);
    expect(rows).toEqual([
      {
        ...{ activity_id: null, unclear: false, missing_why: null, missing_at: null, deleted_at: day(3) },
        ...{ second_post: null, create_announced_at: null, leased_until: null, ...place },
      },
    ]);
    expect(await wantedOf(`run:${run}`)).toEqual([1]);
    expect(await audited()).toMatchObject({ action: 'card-deleted', detail: { topic, again: true } });
  });

  it('is given up the second time, and those who wait are told', async () => {
    const { card, topic, run } = await waiting({ deleted_at: day(2) });

    expect(await cardDeleted(db.database, card, record(topic))).toBe('given up');
    const rows = await db.database.query(`select ${columns} from card where topic = $1`, [topic]);
    expect(rows).toMatchObject([
      {
        activity_id: null,
        unclear: true,
        missing_why: 'deleted',
        missing_at: day(3),
        deleted_at: day(3),
        leased_until: null,
      },
    ]);
    expect(await wantedOf(`run:${run}`)).toEqual([2]);
    expect((await audited())?.detail).toEqual({ topic, conversation: here, why: 'gone' });
  });

  it('is left alone when nobody is waited for', async () => {
    const { card, topic } = await waiting({});
    await db.database.query(`update approval set status = 'approved'`);

    expect(await cardDeleted(db.database, card, record(topic))).toBe('nothing');
    expect(await cardDeleted(db.database, await leased('run:x', { activity_id: 'a' }), record('run:x'))).toBe(
      'nothing',
    );
    expect(await audited()).toBeUndefined();
    expect((await cardsOfTopic(db.database, topic))[0]?.activityId).toBe('a1');
  });

  it('is not told of by a replica that lost it', async () => {
    const { card, topic } = await waiting({});
    await cardDeleted(db.database, { ...card, leaseToken: 0 }, record(topic));

    expect(await audited()).toBeUndefined();
  });
});

describe('hearing from a conversation', () => {
  const hear = (name: string | null = null) =>
    saveConversation(db.database, { id: here, tenantId: 't', serviceUrl: 's', reference: {}, name });

  it.each([
    ['waits for it', {}, true],
    ['waits for it by its name', { conversation_id: null, conversation_name: 'Team / Channel' }, true],
    ['waits for the name that is bound to it', { conversation_id: null, conversation_name: 'Old name' }, true],
    ['waits for another', { conversation_id: '19:there' }, false],
    ['waits for another name', { conversation_id: null, conversation_name: 'Another' }, false],
    ['may be in Teams', { create_announced_at: past }, false],
    ['shows what is wanted', { shown: 1 }, false],
  ])('looks at once at a card that %s', async (_, columns, released) => {
    await db.database.query(`insert into channel values ('Old name', $1, now())`, [here]);
    await aCard('run:1', { not_before: soon, conversation_name: 'x', ...columns });
    if (!('conversation_name' in columns)) await set({ conversation_name: null });
    await hear('Team / Channel');

    expect(await rowOf(`not_before = '-infinity' as released`)).toEqual({ released });
  });

  it('keeps the name that is known when it tells none, and ends the silence there', async () => {
    await hear('Team / Channel');
    await parkConversation(db.database, here, 'gone\u0000');
    const row = async () => (await db.database.query('select name, parked_why from conversation'))[0];
    expect(await row()).toEqual({ name: 'Team / Channel', parked_why: 'gone\ufffd' });
    await hear(null);
    expect(await row()).toEqual({ name: 'Team / Channel', parked_why: null });
    await hear('New\u0000');
    expect(await row()).toEqual({ name: 'New\ufffd', parked_why: null });
  });
});
