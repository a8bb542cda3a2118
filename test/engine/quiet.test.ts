import { callAfterQuiet, cardsOfTopic, redrawCalls, redrawRun, wantCard } from '../../store';
import { quietSchedules } from '../../workflows/engine';
import { tick } from '../../workflows/engine/schedules';
import { type TestDatabase, testDatabase } from '../store/database';
import { anApproval, aRun, emptyTables } from '../store/rows';

const morning = new Date('2026-12-02T06:00:00Z');
const stamp = '2026-12-02T060000000Z';
const channel = '19:a@thread.tacv2';
let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase({ audit: 'of any version' });
});
afterEach(() => emptyTables(db.database));
afterAll(() => db.close());

const look = (now: Date) =>
  tick({ database: db.database, clock: { now: () => now }, kinds: [quietSchedules()] }, { reconcile: false });

/** A card that is in Teams, posted in quiet hours. */
async function posted(topic: string, where = channel) {
  await wantCard(db.database, { topic, channel: where, kind: topic.split(':')[0] ?? '' });
  await db.database.query(
    `update card set activity_id = 'a1', conversation_id = $2 where topic = $1 and coalesce(conversation_name, conversation_id) = $2`,
    [topic, where],
  );
  await callAfterQuiet(db.database, { topic, conversationId: where, conversationName: null }, morning);
}

const callsAbout = (topic: string) => cardsOfTopic(db.database, `call:${topic}:${stamp}`);

describe('after quiet hours', () => {
  it.each([
    'approval:R-99999',
    'requests:weekly:2026-12',
    'asks:0123456789abcdef',
    'ends:2026-12-01',
    'news:R-99999:repair-1',
  ])('those for whom %s waits are called beside it, once, and not before', async (topic) => {
    await posted(topic);
    await look(new Date(morning.getTime() - 1));
    expect(await callsAbout(topic)).toEqual([]);
    expect([await look(morning), await look(morning)]).toEqual([1, 0]);
    expect(await callsAbout(topic)).toMatchObject([{ threadId: 'a1', conversationId: channel, wanted: 1 }]);
  });

  it('people are called where a message was posted in them, and nowhere else', async () => {
    const other = '19:b@thread.tacv2';
    await posted('approval:R-99999');
    await wantCard(db.database, { topic: 'approval:R-99999', channel: other, kind: 'approval' });
    await db.database.query(`update card set activity_id = 'b1' where conversation_id = $1`, [other]);
    await look(morning);
    expect((await callsAbout('approval:R-99999')).map(({ conversationId }) => conversationId)).toEqual([channel]);
  });

  it('a reminder waits for the same as the request: one call for both', async () => {
    const run = await aRun(db.database);
    const approval = await anApproval(db.database, run, channel);
    await posted(`approval:${approval}`);
    await posted(`news:${run}:remind-${approval}-1`);
    expect(await look(morning)).toBe(1);
    expect(await callsAbout(`approval:${approval}`)).toHaveLength(1);
    expect(await callsAbout(`news:${run}:remind-${approval}-1`)).toEqual([]);
  });

  it('the message that called is drawn anew with what it is about', async () => {
    const run = await aRun(db.database);
    const approval = await anApproval(db.database, run, channel);
    const topics = [`approval:${approval}`, `news:${run}:repair-1`, 'asks:0123456789abcdef'];
    for (const topic of topics) await posted(topic);
    await look(morning);
    await db.database.transaction((tx) => redrawRun(tx, run));
    await redrawCalls(db.database, ['asks:0123456789abcdef']);
    const wanted = await Promise.all(topics.map(async (topic) => (await callsAbout(topic))[0]?.wanted));
    expect(wanted).toEqual([2, 2, 2]);
  });
});
