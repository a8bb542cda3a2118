import {
  digestSettingOf,
  digestSettings,
  dropUnsent,
  endCounting,
  figuresOfRun,
  firedKeys,
  freshCount,
  hasNewerDigest,
  keepFigures,
  lockDigestSetting,
  lockDue,
  lockSchedule,
  pauseSchedule,
  putSchedule,
  schedulesOf,
  takeCounting,
  wantCard,
  writeCounts,
  writeDigestSetting,
} from '../../store';
import { createReads } from '../../store/reads';
import { findSchedule } from '../../store/schedules';
import { payments } from '../fixtures/cards/figures';
import { type TestDatabase, testDatabase } from './database';
import { aRun, day, emptyTables } from './rows';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterEach(() => emptyTables(db.database));
afterAll(() => db.close());

/** A weekly digest, or one that somebody asked for. */
const aDigest = (team: string, week: string, { weekly = true, n = 1 } = {}) =>
  aRun(
    db.database,
    {
      ...{ kind: 'digest', subject: `${team}:${week}:${weekly}`, plan: { team, week }, now: day(n) },
      ...(weekly && { dedupe: `digest:${team}:${week}` }),
    },
    { ended_at: day(n) },
  );

it('a setting changes what is given and leaves the rest, and says who changed it last', async () => {
  const set = (team: string, setting: object, byName: string, n: number) =>
    writeDigestSetting(db.database, { team, setting: setting as never, byName, at: day(n) });
  await set('payments', { weekday: 'Friday', hour: 9 }, 'Ada', 2);
  await set('web', { hour: 7 }, 'Ada', 2);
  await set('payments', { hour: 8 }, 'Grace\u0000', 3);

  const changed = { team: 'payments', setting: { weekday: 'Friday', hour: 8 }, byName: 'Grace\ufffd', at: day(3) };
  expect(await digestSettingOf(db.database, 'payments')).toEqual(changed);
  expect(await lockDigestSetting(db.database, 'payments')).toEqual(changed);
  expect(await lockDigestSetting(db.database, 'data')).toBeUndefined();
  expect((await digestSettings(db.database)).map(({ team }) => team).sort()).toEqual(['payments', 'web']);
});

it('the first figures of a run stay, and are those of the team and week', async () => {
  const runId = await aDigest('payments', '2026-W48');
  const kept = { runId, team: 'payments', week: '2026-W48', extra: false };
  await keepFigures(db.database, { ...kept, figures: payments });
  await keepFigures(db.database, { ...kept, figures: { ...payments, machines: 1 } });

  expect(await figuresOfRun(db.database, runId)).toEqual({ ...kept, figures: payments });
  expect(await figuresOfRun(db.database, 'R-22222' as never)).toBeUndefined();
});

describe('a count of a team', () => {
  const counted = (team: string | null, asOf: Date, machines: number) => ({ ...payments, team, asOf, machines });
  const known = async (since: Date) => (await freshCount(db.database, 'payments', since))?.machines;

  it('is good from a moment on, to the millisecond', async () => {
    await writeCounts(db.database, [
      counted('payments', day(3), 58),
      counted(null, day(3), 4),
      counted('web', day(3), 7),
    ]);

    expect([await known(day(3)), await known(new Date(day(3).getTime() + 1))]).toEqual([58, undefined]);
    expect(await db.database.query('select team from team_count order by team')).toEqual([
      { team: 'payments' },
      { team: 'web' },
    ]);
  });

  it('gives way to a later one, never to an earlier one', async () => {
    await writeCounts(db.database, [counted('payments', day(3), 58)]);
    await writeCounts(db.database, [counted('payments', day(2), 57)]);
    expect(await known(day(1))).toBe(58);
    await writeCounts(db.database, [counted('payments', day(3), 59)]);
    expect(await known(day(1))).toBe(59);
  });

  it('is made by one replica for all, until it ends or its lease does', async () => {
    await db.database.query(`update counting set leased_until = null, not_before = '-infinity'`);
    const terms = { owner: 'me', leaseMs: 60_000 };
    const lease = await takeCounting(db.database, terms);
    expect(lease).toMatchObject({ of: 'counting', id: 1 });
    expect(await takeCounting(db.database, terms)).toBeUndefined();
    if (lease) await endCounting(db.database, lease);

    expect(await db.database.query('select tries, last_error, leased_until from counting')).toEqual([
      { tries: 0, last_error: null, leased_until: null },
    ]);
    expect((await takeCounting(db.database, terms))?.token).toBe(Number(lease?.token) + 1);
  });
});

it.each([
  ['payments', '2026-W47', true],
  ['payments', '2026-W48', false],
  ['web', '2026-W47', false],
  ['data', '2026-W40', false],
])('%s has a newer weekly digest than that of %s: %s', async (team, week, newer) => {
  await aDigest('payments', '2026-W48');
  await aDigest('payments', '2026-W49', { weekly: false });
  await aDigest('web', '2026-W47');
  await aRun(db.database, { kind: 'change', plan: { team: 'data', week: '2026-W48' }, dedupe: 'x' });

  expect(await hasNewerDigest(db.database, team, week)).toBe(newer);
});

describe('digests that were never sent', () => {
  const aCard = async (team: string, week: string, columns: Record<string, unknown> = {}, kind = 'digest') => {
    const id = await aDigest(team, week);
    await wantCard(db.database, { topic: `digest:${id}`, channel: '19:team', kind });
    for (const [column, value] of Object.entries(columns))
      await db.database.query(`update card set ${column} = $2 where topic = $1`, [`digest:${id}`, value]);
  };

  it.each([
    ['of an earlier week', () => aCard('payments', '2026-W47'), 1],
    ['of this week', () => aCard('payments', '2026-W48'), 0],
    ['of another team', () => aCard('web', '2026-W47'), 0],
    ['but are in Teams', () => aCard('payments', '2026-W47', { activity_id: 'a' }), 0],
    ['but may be in Teams', () => aCard('payments', '2026-W47', { create_announced_at: new Date() }), 0],
    ['but are being sent', () => aCard('payments', '2026-W47', { leased_until: new Date(Date.now() + 60_000) }), 0],
    ['by a replica that died', () => aCard('payments', '2026-W47', { leased_until: new Date(Date.now() - 1_000) }), 1],
    ['but news about one', () => aCard('payments', '2026-W47', {}, 'news'), 0],
  ])('%s are dropped, or not', async (_, make, dropped) => {
    await make();

    expect(await dropUnsent(db.database, 'payments', '2026-W48')).toBe(dropped);
    expect(await db.database.query('select id from card')).toHaveLength(1 - dropped);
  });
});

describe('a schedule', () => {
  const put = (key: string, nextAt: Date, kind = 'digest') =>
    putSchedule(db.database, { key, kind, spec: { of: key }, nextAt });

  it('is due from its moment on, the longest due first, without those that have been looked at', async () => {
    await put('b', day(2));
    await put('a', day(2));
    await put('c', day(1));
    await put('later', day(3, '09:01'));
    await put('other', day(1), 'bases');
    await put('paused', day(1));
    await pauseSchedule(db.database, 'paused', day(1));
    const due = async (now: Date, ...but: string[]) => (await lockDue(db.database, { kind: 'digest', now, but }))?.key;

    expect(await due(day(3))).toBe('c');
    expect(await due(day(3), 'c')).toBe('a');
    expect(await due(day(3), 'c', 'a')).toBe('b');
    expect(await due(day(3), 'c', 'a', 'b')).toBeUndefined();
    expect(await due(day(3, '09:01'), 'c', 'a', 'b')).toBe('later');
    expect((await schedulesOf(db.database, 'digest')).map(({ key }) => key)).toEqual([
      'a',
      'b',
      'c',
      'later',
      'paused',
    ]);
  });

  it('is paused since the first pause, and runs again when it is put', async () => {
    await put('a', day(2));
    await pauseSchedule(db.database, 'a', day(3));
    await pauseSchedule(db.database, 'a', day(4));
    const well = { tries: 0, lastError: null, failingSince: null };
    const paused = { key: 'a', spec: { of: 'a' }, nextAt: day(2), pausedAt: day(3), ...well };
    expect([await findSchedule(db.database, 'a'), await lockSchedule(db.database, 'a')]).toEqual([paused, paused]);

    await put('a', day(9));
    expect(await findSchedule(db.database, 'a')).toEqual({ ...paused, nextAt: day(9), pausedAt: null });
    expect([await findSchedule(db.database, 'b'), await lockSchedule(db.database, 'b')]).toEqual([
      undefined,
      undefined,
    ]);
  });
});

it('knows which weeks have had their digest', async () => {
  await aDigest('payments', '2026-W48');

  const keys = ['digest:payments:2026-W48', 'digest:payments:2026-W49'];
  expect(await firedKeys(db.database, keys)).toEqual(new Set([keys[0]]));
});

describe('what people read about the digest of a team', () => {
  const state = () => createReads(db.database).digests.state('payments');

  it('is nothing before there was one', async () => {
    expect(await state()).toEqual({});
  });

  it('is what is set, when it is next, and what became of the last', async () => {
    await writeDigestSetting(db.database, { team: 'payments', setting: {}, byName: 'Ada', at: day(1) });
    await putSchedule(db.database, { key: 'digest:payments', kind: 'digest', spec: {}, nextAt: day(9) });
    await aDigest('payments', '2026-W48', { n: 2 });
    const runId = await aDigest('payments', '2026-W49', { n: 3 });
    await aDigest('web', '2026-W49', { n: 4 });
    const last = { runId, plan: { team: 'payments', week: '2026-W49' }, data: {}, endedAt: day(3) };
    const setting = { team: 'payments', setting: {}, byName: 'Ada', at: day(1) };
    expect(await state()).toEqual({ setting, nextAt: day(9), last });

    await pauseSchedule(db.database, 'digest:payments', day(4));
    expect(await state()).toEqual({ setting, last });
  });

  it.each([
    ['is on its way', {}, { posted: false }],
    ['is in Teams', { activity_id: 'a1' }, { posted: true }],
    ['is in Teams after some trouble', { activity_id: 'a1', missing_why: 'closed' }, { posted: true }],
    [
      'is missing',
      { missing_why: 'closed', missing_at: day(4) },
      { posted: false, missing: { why: 'closed', since: day(4), channel: '19:team' } },
    ],
    [
      'was given up by an earlier version, which kept no moment',
      { unclear: true },
      { posted: false, missing: { why: 'given up', since: day(3), channel: '19:team' } },
    ],
    [
      'is missing in a channel that is known by its name',
      { missing_why: 'closed', missing_at: day(4), conversation_name: 'Payments / General' },
      { posted: false, missing: { why: 'closed', since: day(4), channel: 'Payments / General' } },
    ],
  ])('says of its card that it %s', async (_, columns, delivery) => {
    const id = await aDigest('payments', '2026-W49', { n: 3 });
    await wantCard(db.database, { topic: `digest:${id}`, channel: '19:team', kind: 'digest' });
    await wantCard(db.database, { topic: `digest:${id}`, channel: '19:team', kind: 'news' });
    for (const [column, value] of Object.entries(columns))
      await db.database.query(`update card set ${column} = $1 where kind = 'digest'`, [value]);

    expect((await state()).last?.delivery).toEqual(delivery);
  });
});
