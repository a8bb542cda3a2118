import { Pace } from '../../bot/speaker';
import type { Address } from '../../bot/teams';
import { holdSlots, takeSlot } from '../../store';
import { type TestDatabase, testDatabase } from '../store/database';
import { saidIn, TestWorld, until } from './world';

/** Teams' windows for one thread. */
const teams = [
  [7, 1_000],
  [8, 2_000],
  [60, 30_000],
] as const;

describe('the pace of a thread', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await testDatabase({ poolSize: 4 });
  });
  afterAll(() => db.close());

  it('uses what Teams allows, and not more, also when all come at once', async () => {
    const start = Date.now();
    const waits = await Promise.all(Array.from({ length: 100 }, () => takeSlot(db.database, 'busy', 1e9)));
    const took = Date.now() - start;
    const at = waits.sort((a, b) => a - b);

    // Slots are told by when they are asked for: exact but for the time that the questions took.
    for (const [messages, ms] of teams)
      for (const [i, last] of at.entries())
        if (i >= messages) expect(last - (at[i - messages] ?? 0)).toBeGreaterThan(ms - took);
    expect(at[5]).toBeLessThanOrEqual(took);
    expect(at[19]).toBeLessThan(6_500);
    expect(at[56]).toBeLessThan(30_000);
  });

  it('takes no slot that is too far away, and none before Teams wants to hear more', async () => {
    await holdSlots(db.database, 'held', 60_000);
    const far = await takeSlot(db.database, 'held', 8_000);
    const next = await takeSlot(db.database, 'held', 100_000);
    const six = [];
    for (let i = 0; i < 5; i += 1) six.push(await takeSlot(db.database, 'held', 100_000));

    expect(far).toBeGreaterThan(58_000);
    expect(next).toBeLessThanOrEqual(60_000);
    expect(Math.max(...six)).toBeLessThanOrEqual(60_000);
  });

  it('asks the database once for a message, and gives tokens back that it does not wait for', async () => {
    const asked: string[] = [];
    const counting = {
      query: (text: string, values?: readonly unknown[]) => {
        asked.push(text);
        return db.database.query(text, values) as never;
      },
    };
    const pace = new Pace(counting, async () => {});
    const once: Address = { conversationId: 'once', kind: 'channel', tenantId: 't-once', serviceUrl: 'https://x/' };
    await pace.forMessage(once);
    const forOne = asked.length;
    await holdSlots(db.database, 'once', 60_000);
    await expect(pace.forMessage(once, 8_000)).rejects.toMatchObject({ name: 'TooSoon' });
    const [left] = await db.database.query<{ n: number }>(
      `select round(tokens)::int as n from bucket where key = 'teams thread once'`,
    );

    expect(forOne).toBe(1);
    expect(left?.n).toBe(899);
  });

  it('stops for a Retry-After in the thread that met it and in its channel, and in no other thread', async () => {
    const at = (conversationId: string, threadId?: string): Address => ({
      ...{ conversationId, kind: 'channel', tenantId: 't3', serviceUrl: 'https://x/' },
      ...(threadId !== undefined && { threadId }),
    });
    const slept: number[] = [];
    const pace = new Pace(db.database, async (ms) => void slept.push(ms));
    await pace.hold(at('loud', '1'), 30_000);
    await pace.forMessage(at('loud', '2'));
    await pace.forMessage(at('quiet'));
    const free = slept.length;

    await expect(pace.forMessage(at('loud', '1'), 8_000)).rejects.toMatchObject({ name: 'TooSoon' });
    await expect(pace.forMessage(at('loud'), 8_000)).rejects.toMatchObject({ name: 'TooSoon' });
    expect(free).toBe(0);
  });

  it('makes nobody wait who asks six things one after another', async () => {
    const slept: number[] = [];
    const address: Address = { conversationId: 'calm', kind: 'personal', tenantId: 't2', serviceUrl: 'https://x/' };
    const pace = new Pace(db.database, async (ms) => void slept.push(ms));
    for (let i = 0; i < 6; i += 1) await pace.forMessage(address);

    expect(slept).toEqual([]);
  });

  it('leaves cards their part of a tenant, however many answers wait; alone they have all of it', async () => {
    const [own, asleep] = [[] as number[], [] as number[]];
    const nobodyWakes = new Promise<void>(() => {});
    const answers = new Pace(db.database, (ms) => {
      asleep.push(ms);
      return nobodyWakes;
    });
    const cards = new Pace(db.database, async (ms) => void own.push(ms));
    const at = (conversationId: string, tenantId: string): Address => ({
      ...{ conversationId, kind: 'channel', tenantId, serviceUrl: 'https://x/' },
    });
    // What is left of the storm before.
    await db.database.query(
      `insert into bucket (key, tokens, at) values ('teams answers stormy', -1000000, clock_timestamp())`,
    );
    // Each in a place of its own: what holds them up is the tenant's bucket alone.
    for (let n = 0; n < 300; n += 1) void answers.forAnswer(at(`storm ${n}`, 'stormy'));
    await until(() => asleep.length === 300);
    for (let n = 0; n < 8; n += 1) await cards.forMessage(at(`card ${n}`, 'stormy'), 8_000);
    const besides = [...own];
    for (let n = 0; n < 30; n += 1) await cards.forMessage(at(`card ${n}`, 'calm'), 8_000);

    expect({ besides, alone: own }).toEqual({ besides: [], alone: [] });
  });

  it('takes what is left of a tenant for an answer once that is sent, and not while it waits', async () => {
    const busy: Address = { conversationId: 'one', kind: 'channel', tenantId: 't-busy', serviceUrl: 'https://x/' };
    const tokens = async () =>
      (
        await db.database.query<{ n: number }>(
          `select round(tokens)::int as n from bucket where key = 'teams tenant t-busy'`,
        )
      )[0]?.n;
    const before: (number | undefined)[] = [];
    const pace = new Pace(db.database, async () => void before.push(await tokens()));
    await pace.forAnswer(busy);
    await db.database.query(
      `update bucket set tokens = case when key like 'teams answers %' then -40 else 12 end, at = clock_timestamp() + interval '1 hour'
       where key in ('teams answers t-busy', 'teams tenant t-busy')`,
    );
    await pace.forAnswer({ ...busy, conversationId: 'another' });

    expect(before).toEqual([12]);
    expect(await tokens()).toBe(11);
  });

  it('lets nobody out of the queue while Teams wants silence', async () => {
    const slept: number[] = [];
    const address: Address = { conversationId: 'c', kind: 'personal', tenantId: 't', serviceUrl: 'https://x/' };
    const pace: Pace = new Pace(db.database, async (ms) => {
      slept.push(ms);
      if (slept.length === 1) await pace.hold(address, 1_500);
      await new Promise((done) => setTimeout(done, Math.min(ms, 600)));
    });
    for (let i = 0; i < 8; i += 1) await pace.forMessage(address);

    expect(slept.length).toBeGreaterThanOrEqual(2);
  });
});

describe('a busy chat', () => {
  let world: TestWorld;
  beforeEach(async () => {
    world = await TestWorld.open();
    await world.bot();
  });
  afterEach(() => world.close());

  it('gets all answers with hardly a 429', async () => {
    const said = await Promise.all(Array.from({ length: 20 }, (_, i) => world.say('Ada', 'goldbot', `status ${i}`)));
    const taken = () => world.sent('POST').filter((e) => e.status === 201).length;
    const answers = () =>
      world.sent('POST').filter((e) => e.status === 201 && saidIn(e.requestBody).includes('You said'));
    await until(() => answers().length === 20);

    expect(said.map((s) => s.status)).toEqual(Array(20).fill(200));
    // A request that is held up on its way can meet those behind it; Teams then says so, and it is sent again.
    expect(world.sent('POST').length - taken()).toBeLessThanOrEqual(2);
  });
});
