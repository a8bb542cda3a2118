import {
  admit,
  answer,
  answerAll,
  answerForNow,
  claimOrphan,
  giveBack,
  isBehind,
  type Memory,
  type Noted,
  note,
  rememberIntent,
  reopenAct,
  standingOf,
  takeIntent,
} from '../../store';
import { type TestDatabase, testDatabase } from './database';
import { emptyTables } from './rows';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterEach(() => emptyTables(db.database));
afterAll(() => db.close());

const me = { owner: 'me', leaseMs: 60_000 };
const windowMs = 60_000;
/** What is typed, in a lane; a click has no message. */
const typed = (text: string, lane = 'ada', pace = 'look') => ({
  ...me,
  windowMs,
  message: { activity: { text }, lane, person: lane, pace },
});
const leaseOf = (noted: Noted) => {
  if (noted.state !== 'first') throw new Error(`it is ${noted.state}`);
  return noted.lease;
};
const take = async (key: string, terms: Parameters<typeof note>[3] = { ...me, windowMs }, table: Memory = 'delivery') =>
  leaseOf(await note(db.database, table, key, terms));
const age = (key: string, interval: string, table: Memory = 'delivery') =>
  db.database.query(`update ${table} set first_at = first_at - $2::interval where id = $1`, [key, interval]);
/** Its replica dies. */
const dies = (key: string, tries?: number, table: Memory = 'delivery') =>
  db.database.query(
    `update ${table} set leased_until = clock_timestamp() - interval '1 s', tries = coalesce($2, tries) where id = $1`,
    [key, tries ?? null],
  );
const orphan = async () => (await claimOrphan(db.database, me))?.key;

describe.each(['delivery', 'act'] as const)('a %s', (table) => {
  it('is the first, then open, then answered; after its time it is the first again', async () => {
    const first = await note(db.database, table, 'k', { ...me, windowMs });
    expect(first).toEqual({ state: 'first', since: expect.any(Number), lease: { of: table, id: 'k', token: 1 } });
    expect(await note(db.database, table, 'k', { ...me, windowMs })).toEqual({ state: 'open' });
    expect(await note(db.database, table, 'other', { ...me, windowMs })).toMatchObject({ state: 'first' });

    await answer(db.database, leaseOf(first), { text: 'done' });
    const again = () => note(db.database, table, 'k', { ...me, windowMs });
    expect(await again()).toEqual({ state: 'answered', answer: { text: 'done' } });
    await age('k', '50 seconds', table);
    expect(await again()).toEqual({ state: 'answered', answer: { text: 'done' } });
    await age('k', '15 seconds', table);
    expect(await again()).toMatchObject({ state: 'first', lease: { token: 2 } });
    expect(await again()).toEqual({ state: 'open' });
  });

  it('is taken up under its first moment when its replica died; the late one changes nothing then', async () => {
    const first = await note(db.database, table, 'k', { ...me, windowMs });
    await age('k', '10 seconds', table);
    await dies('k', undefined, table);
    const heir = await note(db.database, table, 'k', { ...me, windowMs });
    expect(heir).toMatchObject({ state: 'first', lease: { of: table, id: 'k', token: 2 } });
    const sinceOf = (noted: Noted) => (noted.state === 'first' ? noted.since : 0);
    expect(sinceOf(first) - sinceOf(heir)).toBe(10_000);

    await answer(db.database, leaseOf(first), 'late');
    await giveBack(db.database, leaseOf(first));
    expect(await note(db.database, table, 'k', { ...me, windowMs })).toEqual({ state: 'open' });
    await giveBack(db.database, leaseOf(heir));
    expect(await note(db.database, table, 'k', { ...me, windowMs })).toMatchObject({ lease: { token: 3 } });
  });

  it('may be answered by nothing', async () => {
    await answer(db.database, await take('k', undefined, table), undefined);

    expect(await note(db.database, table, 'k', { ...me, windowMs })).toEqual({ state: 'answered', answer: null });
  });
});

it('an act that was answered is opened again by one, who gets its answer and its first moment', async () => {
  const first = await note(db.database, 'act', 'k', { ...me, windowMs });
  expect(await reopenAct(db.database, 'k', me)).toBeUndefined();
  await answer(db.database, leaseOf(first), 'maybe');
  await age('k', '5 seconds', 'act');

  const since = (first.state === 'first' ? first.since : 0) - 5_000;
  const reopened = await reopenAct(db.database, 'k', me);
  expect(reopened).toEqual({ since, lease: { of: 'act', id: 'k', token: 2 }, value: 'maybe' });
  expect(await reopenAct(db.database, 'k', me)).toBeUndefined();
  expect(await note(db.database, 'act', 'k', { ...me, windowMs })).toEqual({ state: 'open' });
});

describe('a message', () => {
  it('is taken up with all that it said when its replica died, and is forgotten once it is answered', async () => {
    const lease = await take('m', typed('publish'));
    expect(await orphan()).toBeUndefined();
    await dies('m');

    expect(await claimOrphan(db.database, me)).toEqual({
      ...{ key: 'm', activity: { text: 'publish' }, posted: null, lease: { of: 'delivery', id: 'm', token: 2 } },
      isDeadly: false,
    });
    await answer(db.database, { ...lease, token: 2 }, 'done');
    expect(await db.database.query('select activity, tries, leased_until, lease_owner from delivery')).toEqual([
      { activity: null, tries: 0, leased_until: null, lease_owner: null },
    ]);
    expect(await orphan()).toBeUndefined();
  });

  it('that has an answer which is still to be completed is taken up with where that stands', async () => {
    const lease = await take('m', typed('compliance'));
    expect(await answerForNow(db.database, { ...lease, token: 9 }, { id: 'a9' })).toBe(false);
    expect(await answerForNow(db.database, lease, { id: 'a1' })).toBe(true);
    expect(await orphan()).toBeUndefined();
    await dies('m');

    expect(await claimOrphan(db.database, me)).toMatchObject({ key: 'm', posted: { id: 'a1' } });
  });

  it.each([
    ['whose replica died', false, '9 minutes', 3, 'm'],
    ['on which four replicas died, for its sender to be told,', false, '9 minutes', 4, 'm'],
    ['on which five replicas died', false, '9 minutes', 5, undefined],
    ['for whose answer nobody waits', false, '11 minutes', 1, undefined],
    ['whose answer is incomplete', true, '9 minutes', 3, 'm'],
    ['whose completion killed four replicas', true, '9 minutes', 4, undefined],
    ['whose incomplete answer is old', true, '11 minutes', 1, undefined],
  ])('%s is taken up, or not', async (_, answered, old, tries, key) => {
    const lease = await take('m', typed('x'));
    if (answered) await answerForNow(db.database, lease, {});
    await age('m', old);
    await dies('m', tries);

    expect(await orphan()).toBe(key);
  });

  it('that was no message is nobody’s orphan', async () => {
    await take('click');
    await dies('click');

    expect(await orphan()).toBeUndefined();
  });

  it('waits for those before it in its lane, and for no other', async () => {
    for (const [key, lane, old] of [
      ['a1', 'ada', '30 seconds'],
      ['a2', 'ada', '20 seconds'],
      ['g1', 'grace', '10 seconds'],
    ] as const) {
      await take(key, typed(key, lane));
      await age(key, old);
      await dies(key);
    }
    const behind = () => Promise.all(['a1', 'a2', 'g1'].map((key) => isBehind(db.database, key)));
    expect(await behind()).toEqual([false, true, false]);
    expect([await orphan(), await orphan(), await orphan()]).toEqual(['a1', 'g1', undefined]);

    await answer(db.database, { of: 'delivery', id: 'a1', token: 2 }, 'done');
    expect(await behind()).toEqual([false, false, false]);
    expect(await orphan()).toBe('a2');
  });

  it.each([
    ['is still worked on, by a replica that is the fourth', { tries: 4, until: '60 seconds' }, true],
    ['killed four replicas', { tries: 4, until: '-1 seconds' }, false],
    ['will be taken up', { tries: 3, until: '-1 seconds' }, true],
    ['has an answer for now', { tries: 1, until: '60 seconds', answered: true }, false],
    ['is too old for an answer', { tries: 1, until: '60 seconds', old: '11 minutes' }, false],
  ])('waits for the one before it, or not: that %s', async (_, { tries, until, ...is }: Before, waits) => {
    const earlier = await take('m1', typed('1'));
    await take('m2', typed('2'));
    await age('m1', is.old ?? '5 seconds');
    const set = `tries = $1, leased_until = clock_timestamp() + $2::interval where id = 'm1'`;
    if (is.answered) await answerForNow(db.database, earlier, {});
    await db.database.query(`update delivery set ${set}`, [tries, until]);

    expect(await isBehind(db.database, 'm2')).toBe(waits);
  });
});

it('a decision waits for earlier decisions of its lane alone, and is taken up first; a question waits for both', async () => {
  const old = { q1: '40 seconds', d1: '30 seconds', d2: '20 seconds', q2: '10 seconds' };
  for (const [key, interval] of Object.entries(old)) {
    await take(key, typed(key, 'ada', key.startsWith('d') ? 'decision' : 'look'));
    await age(key, interval);
    await dies(key);
  }
  await take('other', typed('other', 'grace'));
  const standing = await Promise.all([...Object.keys(old), 'other', 'unknown'].map((k) => standingOf(db.database, k)));

  expect(standing.map(({ ahead }) => ahead)).toEqual([0, 0, 1, 3, 0, 0]);
  expect(standing.map(({ waiting }) => waiting)).toEqual([0, 0, 1, 1, 0, 0]);
  expect([await orphan(), await orphan(), await orphan()]).toEqual(['d1', 'q1', undefined]);
});

it('what a person has without an answer counts wherever it was said, each class by itself', async () => {
  const said = (lane: string, pace: string) => ({
    ...me,
    windowMs,
    message: { activity: {}, lane, person: 'ada', pace },
  });
  const first = await take('a', said('ada general', 'azure'));
  await take('b', said('ada chat', 'azure'));
  await take('c', said('ada chat', 'look'));
  await take('d', said('ada approvals', 'azure'));
  expect(await standingOf(db.database, 'd')).toEqual({ ahead: 0, waiting: 2 });
  await answer(db.database, first, null);

  expect(await standingOf(db.database, 'd')).toEqual({ ahead: 0, waiting: 1 });
});

it('where it stands and its slot are one statement, and what waits beside too many others takes no slot', async () => {
  const one = [[1, 10_000]] as const;
  const asks = (key: string, mostWaiting = 2) => admit(db.database, key, { slot: 'ada', windows: one, mostWaiting });
  for (const key of ['a', 'b', 'c']) await take(key, typed(key));
  await age('a', '20 seconds');
  await age('b', '10 seconds');

  expect(await asks('c')).toEqual({ ahead: 2, waiting: 2, waitMs: undefined });
  expect(await asks('b')).toEqual({ ahead: 1, waiting: 1, waitMs: 0 });
  const beyond = await asks('a');
  expect(beyond).toMatchObject({ ahead: 0, waiting: 0 });
  expect(beyond.waitMs).toBeGreaterThan(0);
  expect(await admit(db.database, 'unknown', { slot: 'grace', windows: one, mostWaiting: 2 })).toEqual({
    ...{ ahead: 0, waiting: 0, waitMs: 0 },
  });
});

it('messages that were answered are stored together, but for those that others hold by now', async () => {
  const [mine, also, lost] = [await take('m1', typed('1')), await take('m2', typed('2')), await take('m3', typed('3'))];
  await db.database.query(`update delivery set lease_token = lease_token + 1 where id = 'm3'`);
  await answerAll(db.database, [mine, also, lost]);
  await answerAll(db.database, []);

  const state =
    'select id, answered_at is not null as answered, activity is null as forgotten from delivery order by id';
  expect(await db.database.query(state)).toEqual([
    { id: 'm1', answered: true, forgotten: true },
    { id: 'm2', answered: true, forgotten: true },
    { id: 'm3', answered: false, forgotten: false },
  ]);
});

interface Before {
  readonly tries: number;
  readonly until: string;
  readonly answered?: boolean;
  readonly old?: string;
}

it('an intent is new once; whoever has it again gets what came of it', async () => {
  expect(await takeIntent(db.database, 'i')).toBeUndefined();
  await rememberIntent(db.database, 'i', { request: 'R-22222' as never, outcome: 'approved' });
  await takeIntent(db.database, 'other');

  expect(await takeIntent(db.database, 'i')).toEqual({ request: 'R-22222', outcome: 'approved' });
});
