import { callAfterQuiet, cardsOfTopic, wantCard } from '../../store';
import { quietSchedules } from '../../workflows/engine';
import { tick } from '../../workflows/engine/schedules';
import { type TestDatabase, testDatabase } from '../store/database';
import { anApproval, aRun, emptyTables } from '../store/rows';

const morning = new Date('2026-12-02T06:00:00Z');
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
async function posted(topic: string) {
  await wantCard(db.database, { topic, channel, kind: topic.split(':')[0] ?? '' });
  await db.database.query(`update card set activity_id = 'a1', conversation_id = $2 where topic = $1`, [
    topic,
    channel,
  ]);
  await callAfterQuiet(db.database, { topic }, morning.toISOString());
}

describe('after quiet hours', () => {
  it('those who decide are called beside the card, once, and not before', async () => {
    const run = await aRun(db.database);
    const approval = await anApproval(db.database, run, channel);
    await posted(`approval:${approval}`);
    const calling = `news:${run}:remind-${approval}-0`;
    await look(new Date(morning.getTime() - 1));
    expect(await cardsOfTopic(db.database, calling)).toEqual([]);
    expect([await look(morning), await look(morning)]).toEqual([1, 0]);
    expect(await cardsOfTopic(db.database, calling)).toMatchObject([{ threadId: 'a1', conversationId: channel }]);
  });

  it('nobody is called about a request that was decided meanwhile', async () => {
    const run = await aRun(db.database);
    const approval = await anApproval(db.database, run, channel);
    await posted(`approval:${approval}`);
    await db.database.query(`update approval set status = 'approved'`);
    await look(morning);
    expect(await cardsOfTopic(db.database, `news:${run}:remind-${approval}-0`)).toEqual([]);
  });

  it('news that waits for people is told once more', async () => {
    const run = await aRun(db.database);
    await posted(`news:${run}:repair-1`);
    await look(morning);
    expect(await cardsOfTopic(db.database, `news:${run}:again-repair-1`)).toHaveLength(1);
  });
});
