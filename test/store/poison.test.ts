import { minutes, seconds } from '../../core/time';
import { claimCard, type Database, interrupted, interruptedOften, wantCard } from '../../store';
import { claimBase, noteBases } from '../../store/bases';
import { type TestDatabase, testDatabase } from './database';

/** What kills whoever works on it, one replica after the other. */

let db: TestDatabase;
let database: Database;
beforeEach(async () => {
  db = await testDatabase();
  ({ database } = db);
});
afterEach(() => db.close());

const terms = { owner: 'a replica', leaseMs: 25_000 };
const place = { channel: 'Image Factory / approvals', kind: 'approval' };
const [poison, other] = ['approval:R-22222', 'approval:R-33333'];
const claimed = async () => (await claimCard(database, terms))?.topic;

/** The holder died, and its lease ended so long ago; machine time. */
const died = (table: 'card' | 'base', agoMs: number) =>
  database.query(
    `update ${table} set leased_until = clock_timestamp() - $1 * interval '1 ms' where leased_until is not null`,
    [agoMs],
  );
const errorOf = async () =>
  (await database.query<{ e: string }>(`select last_error as e from card where topic = $1`, [poison]))[0]?.e;

/** Dies over the card as often as that, each time as soon as it may be claimed. */
async function diesOver(times: number): Promise<void> {
  for (let i = 0; i < times; i += 1) {
    expect(await claimed()).toBe(poison);
    await died('card', minutes(11));
  }
}

it('a card over which five replicas died is taken again at once, and says so', async () => {
  await wantCard(database, { topic: poison, ...place });
  await diesOver(5);
  await died('card', 1);

  expect(await claimed()).toBe(poison);
  expect(await errorOf()).toBe(interrupted);
});

it.each([
  [6, seconds(25)],
  [7, seconds(50)],
  [9, seconds(200)],
  [11, minutes(5)],
  [40, minutes(5)],
])(
  'a card over which %i died in a row rests for once to twice %d ms beyond the lease, and others are served',
  async (deaths, restMs) => {
    await wantCard(database, { topic: poison, ...place });
    await diesOver(deaths);
    await wantCard(database, { topic: other, ...place });
    await died('card', restMs - seconds(5));

    expect([await claimed(), await claimed()]).toEqual([other, undefined]);

    await database.query(`update card set leased_until = clock_timestamp() - $2 * interval '1 ms' where topic = $1`, [
      poison,
      2 * restMs,
    ]);
    expect(await claimed()).toBe(poison);
    expect(await errorOf()).toBe(deaths > 5 ? interruptedOften : interrupted);
  },
);

it('what was in the same hands comes back not all at the same moment: what is harmless is done before what kills', async () => {
  const topics = Array.from({ length: 30 }, (_, n) => `approval:R-444${n + 10}`);
  for (const topic of topics) await wantCard(database, { topic, ...place });
  await database.query(
    `update card set tries = 6, last_error = $1, leased_until = clock_timestamp() - interval '37 s'`,
    [interrupted],
  );
  const back: unknown[] = [];
  for (let topic = await claimed(); topic; topic = await claimed()) back.push(topic);

  expect(back.length).toBeGreaterThan(0);
  expect(back.length).toBeLessThan(topics.length);
});

it('one death after failures that could be told is not a row of deaths', async () => {
  await wantCard(database, { topic: poison, ...place });
  await database.query(`update card set tries = 20, last_error = 'Teams answered 503.'`);
  expect(await claimed()).toBe(poison);
  await died('card', 1);

  expect(await claimed()).toBe(poison);
});

it('the looks at base images rest likewise: it is a rule of all leases', async () => {
  const now = new Date();
  const look = () => claimBase(database, ['ubuntu'], now, terms);
  await noteBases(database, ['ubuntu'], now);
  for (let i = 0; i < 6; i += 1) {
    expect(await look()).toBeDefined();
    await died('base', minutes(11));
  }
  await died('base', seconds(20));

  expect(await look()).toBeUndefined();
});
