import {
  type Database,
  firedKeys,
  insertRun,
  lockDue,
  moveSchedule,
  pauseSchedule,
  putSchedule,
  type Queryable,
  takeRequestId,
} from '../../store';
import { findSchedule } from '../../store/schedules';
import type { ScheduleKind } from '../../workflows/engine';
import { tick } from '../../workflows/engine/schedules';
import { type TestDatabase, testDatabase } from './database';

const at = (text: string): Date => new Date(`2026-11-${text}Z`);
const due = at('27T08:00:00');
const now = at('27T08:00:01');
const next = new Date('2026-12-04T08:00:00Z');

/** Inserts one run a firing under a key of its week. */
const weekly: ScheduleKind = {
  kind: 'digest',
  reconcile: async () => {},
  fire: async (tx, { key, nextAt }) => {
    await start(tx, `${key}:${nextAt.toISOString()}`, key);
    return { nextAt: next, records: [] };
  },
  about: ({ key }) => ({ subject: key, card: { topic: `schedule:${key}`, channel: 'C', kind: 'schedule' } }),
};

async function start(tx: Queryable, dedupe: string, subject: string): Promise<boolean> {
  const id = await takeRequestId(tx, 'run');
  return insertRun(tx, { id, kind: 'digest', subject, plan: {}, stages: ['gather'], stage: 'gather', now, dedupe });
}

describe('schedules in the store', () => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await testDatabase();
    for (const key of ['digest:data', 'digest:web']) {
      await putSchedule(db.database, { key, kind: 'digest', spec: {}, nextAt: due });
    }
  });
  afterEach(() => db.close());
  const runs = () => db.database.query<{ dedupe: string }>('select dedupe from run order by dedupe');
  const look = (database: Database = db.database) =>
    tick({ database, clock: { now: () => now }, kinds: [weekly] }, { reconcile: false });

  it('fire once, however many replicas look at the same moment', async () => {
    const fired = await Promise.all(Array.from({ length: 12 }, () => look()));

    expect(fired.reduce((sum, n) => sum + n, 0)).toBe(2);
    expect(await runs()).toHaveLength(2);
    expect((await findSchedule(db.database, 'digest:web'))?.nextAt).toEqual(next);
  });

  it('ask in one statement while nothing is due, and open no transaction', async () => {
    await look();
    const asked: string[] = [];
    const database: Database = {
      ...db.database,
      query: (text, values) => {
        asked.push(text);
        return db.database.query(text, values);
      },
      transaction: () => Promise.reject(new Error('nothing is due')),
    };
    await pauseSchedule(db.database, 'digest:web', now);
    expect(await look(database)).toBe(0);
    expect(asked).toHaveLength(1);
  });

  it('leave out what another replica is firing, and do not wait for it', async () => {
    await db.database.transaction(async (tx) => {
      const first = await lockDue(tx, { kind: 'digest', now });
      const other = await db.database.transaction((others) => lockDue(others, { kind: 'digest', now }));
      expect([first?.key, other?.key]).toEqual(['digest:data', 'digest:web']);
    });
  });

  it('are moved together with the run that they start, or not at all', async () => {
    const dying: Database = {
      ...db.database,
      transaction: (work) =>
        db.database.transaction(async (tx) => {
          await work(tx);
          throw new Error('the replica died before its commit');
        }),
    };

    await expect(look(dying)).rejects.toThrow('died');
    expect(await runs()).toEqual([]);
    expect((await findSchedule(db.database, 'digest:web'))?.nextAt).toEqual(due);

    await look();
    expect(await runs()).toHaveLength(2);
  });

  describe('of which one throws', () => {
    const failing: ScheduleKind = {
      ...weekly,
      fire: async (tx, schedule, at) => {
        // What it has written by then is undone with it.
        const fired = await weekly.fire(tx, schedule, at);
        if (schedule.key === 'digest:data') throw new TypeError('no such week');
        return fired;
      },
    };
    const told: unknown[] = [];
    beforeEach(() => void told.splice(0));
    const log = (message: string, facts: object) => void told.push([message, facts]);
    const lookAt = (kinds: readonly ScheduleKind[], backOffMs: number, reconcile = false) =>
      tick({ database: db.database, clock: { now: () => now }, kinds, backOffMs, log }, { reconcile });
    const data = () => findSchedule(db.database, 'digest:data');

    it('fire all others, and leave that one due for later', async () => {
      expect(await lookAt([failing], 60_000)).toBe(1);

      expect((await runs()).map(({ dedupe }) => dedupe)).toEqual([`digest:web:${due.toISOString()}`]);
      expect(await data()).toMatchObject({
        ...{ nextAt: due, tries: 1, lastError: 'TypeError: no such week', failingSince: now },
      });
      expect(told).toEqual([
        ['a schedule failed', { schedule: 'digest:data', tries: 1, error: expect.any(TypeError) }],
      ]);
      // It is not tried again before its time.
      expect([await lookAt([failing], 60_000), (await data())?.tries]).toEqual([0, 1]);
    });

    it('try it again, tell people once, and forget it when it works', async () => {
      const failures = async (n: number) => {
        while (((await data())?.tries ?? n) < n) await lookAt([failing], 1);
      };
      const cards = () => db.database.query('select topic, wanted from card');
      await failures(4);
      expect(await cards()).toEqual([]);
      await failures(7);
      expect(await cards()).toEqual([{ topic: 'schedule:digest:data', wanted: 1 }]);

      while ((await lookAt([weekly], 1)) === 0);
      expect(await data()).toMatchObject({ nextAt: next, tries: 0, lastError: null, failingSince: null });
      expect(await runs()).toHaveLength(2);
    });

    it('tell people once when two replicas fail at the same time', async () => {
      const tell = async (until: number, database: Database = db.database) => {
        while (((await data())?.tries ?? until) < until) {
          await tick({ database, clock: { now: () => now }, kinds: [failing], backOffMs: 1 }, { reconcile: false });
        }
      };
      await tell(3);
      // This one has undone what it did, and has not written that it failed.
      const slow: Database = {
        ...db.database,
        transaction: (work) =>
          db.database.transaction(work).catch(async (error) => {
            await tell(4);
            throw error;
          }),
      };
      await tell(5, slow);
      expect(await db.database.query('select topic, wanted from card')).toEqual([
        { topic: 'schedule:digest:data', wanted: 1 },
      ]);
    });

    it('say nothing of a failure of what another replica has fired since', async () => {
      const overtaken: Database = {
        ...db.database,
        transaction: async (work) => {
          const result = await db.database.transaction(work);
          // It was committed, and nobody learned of it.
          if (result) throw new Error('the connection broke');
          return result;
        },
      };
      await expect(
        tick({ database: overtaken, clock: { now: () => now }, kinds: [weekly], log }, { reconcile: false }),
      ).resolves.toBe(0);
      expect(await data()).toMatchObject({ nextAt: next, tries: 0 });
    });

    it('are fired whatever cannot be brought in line with the catalogue', async () => {
      const broken: ScheduleKind = {
        ...weekly,
        kind: 'bases',
        reconcile: () => Promise.reject(new Error('no catalogue')),
      };
      await expect(lookAt([broken, { ...weekly, reconcile: broken.reconcile }], 1, true)).rejects.toThrow(
        'Error: no catalogue; Error: no catalogue',
      );
      expect(await runs()).toHaveLength(2);
    });
  });

  it('never start a second run under the same key, open or ended', async () => {
    const key = 'digest:web:2026-W48';
    const first = await db.database.transaction((tx) => start(tx, key, 'web:2026-W48'));
    await db.database.query(`update run set ended_at = $1, outcome = 'done'`, [now]);
    const second = await db.database.transaction((tx) => start(tx, key, 'web:2026-W48'));

    expect([first, second]).toEqual([true, false]);
    expect(await firedKeys(db.database, [key, 'digest:web:2026-W49'])).toEqual(new Set([key]));
  });

  it('do not fire before their time, nor while they are paused', async () => {
    await moveSchedule(db.database, 'digest:data', { nextAt: at('27T08:00:02') });
    await pauseSchedule(db.database, 'digest:web', due);

    expect(await look()).toBe(0);
    await putSchedule(db.database, { key: 'digest:web', kind: 'digest', spec: {}, nextAt: due });
    expect(await look()).toBe(1);
  });
});
