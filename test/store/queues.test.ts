import { cardShown, claimCard, claimRun, insertRun, queueLengths, wantCard } from '../../store';
import { type TestDatabase, testDatabase } from './database';

const now = new Date('2026-11-29T12:00:00Z');
const [stages, kinds] = [['plan'], ['publish']];
const terms = { owner: 'a', leaseMs: 60_000 };
const card = { topic: 'run:R-7F3KQ', conversationId: '19:a@thread.tacv2', kind: 'run' } as const;

describe('what waits for a replica', () => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await testDatabase();
  });
  afterEach(() => db.close());
  const queues = async () => {
    const found = await queueLengths(db.database, now);
    return {
      ...found,
      queues: Object.fromEntries(found.queues.map(({ queue, due, ageMs }) => [queue, { due, ageMs }])),
    };
  };

  const threeRuns = async () => {
    for (const [id, minutesAgo] of [
      ['R-22222', 5],
      ['R-33333', 2],
      ['R-44444', -1],
    ] as const) {
      await db.database.query('insert into request (id, kind) values ($1, $2)', [id, 'run']);
      const due = new Date(now.getTime() - minutesAgo * 60_000);
      await insertRun(db.database, { id, kind: 'publish', subject: id, plan: {}, stages, stage: 'plan', now: due });
    }
  };

  it('is nothing in an empty database', async () => {
    const none = { due: 0, ageMs: 0 };
    expect(await queues()).toEqual({ queues: { runs: none, cards: none, messages: none }, troubledRuns: 0 });
  });

  it('is a run from when it is due until somebody has it, and since the oldest', async () => {
    await threeRuns();
    expect((await queues()).queues['runs']).toEqual({ due: 2, ageMs: 300_000 });
    await claimRun(db.database, { ...terms, now, known: stages, kinds });
    expect((await queues()).queues['runs']).toEqual({ due: 1, ageMs: 120_000 });
  });

  it('is a card from the first change that it does not show', async () => {
    const wantedAgo = (ago: string) =>
      db.database.query(`update card set wanted_at = clock_timestamp() - interval '${ago}'`);
    await wantCard(db.database, card);
    await wantedAgo('1 hour');
    await wantCard(db.database, card);
    const behind = (await queues()).queues['cards'];
    const claimed = await claimCard(db.database, terms);
    if (!claimed) throw new Error('no card');
    await cardShown(db.database, claimed, { conversationId: card.conversationId, activityId: '1', editPauseMs: 0 });
    const shown = (await queues()).queues['cards'];
    await wantCard(db.database, card);
    const again = (await queues()).queues['cards'];
    expect([behind?.due, shown?.due, again?.due]).toEqual([1, 0, 1]);
    expect(behind?.ageMs).toBeGreaterThanOrEqual(3_600_000);
    expect(again?.ageMs).toBeLessThan(3_600_000);
  });

  it('counts the runs whose cards ask for a look', async () => {
    await threeRuns();
    await db.database.query('update run set tries = case id when $1 then 5 else 4 end', ['R-33333']);
    expect((await queues()).troubledRuns).toBe(1);
  });
});
