import type { TeamConfig } from '../../core/catalogue';
import { findSchedule } from '../../store/schedules';
import { digestSchedules, passOverDigests } from '../../workflows/digest';
import { type TestDatabase, testDatabase } from '../store/database';
import { exampleCatalogue } from '../support/catalogue';
import { aTeam, HandClock } from './digest-world';

/** When a team's digest is next, as catalogue and clock change. Berlin's Friday 09:00 is 08:00 UTC. */
const friday = { day: 'fri', time: '09:00', zone: 'Europe/Berlin' } as const;
const due = new Date('2026-11-27T08:00:00.000Z');
const early = (ms: number) => new Date(due.getTime() - ms);
const [hour, day] = [3_600_000, 86_400_000];

describe('the schedule of a digest', () => {
  let store: TestDatabase;
  beforeAll(async () => {
    store = await testDatabase();
  });
  afterAll(() => store.close());
  let name = 0;

  /** A team of its own, whose schedule is brought in line at that time; returns when it is next, and since when it pauses. */
  function aSchedule() {
    const team = `team-${name++}`;
    return async (at: Date, digest: TeamConfig['digest'] | undefined = friday, has = true) => {
      const teams = new Map<string, TeamConfig>(has ? [aTeam(team, digest ?? friday)] : []);
      const others = [...Array(name - 1).keys()].map((n) => aTeam(`team-${n}`, friday));
      const catalogue = () => ({ ...exampleCatalogue(), teams: new Map([...others, ...teams]) });
      await digestSchedules({ database: store.database, clock: new HandClock(at), catalogue }).reconcile();
      const row = await findSchedule(store.database, `digest:${team}`);
      return row && { nextAt: row.nextAt, pausedAt: row.pausedAt };
    };
  }

  it('is its next time, and stays so', async () => {
    const settle = aSchedule();
    expect(await settle(early(day))).toEqual({ nextAt: due, pausedAt: null });
    expect(await settle(early(2 * day))).toEqual({ nextAt: due, pausedAt: null });
  });

  it('is brought back when the clock has been, but not for what any weekly digest is ahead', async () => {
    const settle = aSchedule();
    await settle(early(day));
    expect((await settle(early(15 * day)))?.nextAt).toEqual(due);
    expect((await settle(early(15 * day + 1)))?.nextAt).toEqual(early(14 * day));
  });

  it('does not lose what is due when its time changes', async () => {
    const settle = aSchedule();
    await settle(early(day));
    expect((await settle(due, { ...friday, time: '10:00' }))?.nextAt).toEqual(due);
    const other = aSchedule();
    await other(early(day));
    expect((await other(early(1), { ...friday, time: '10:00' }))?.nextAt).toEqual(early(-hour));
  });

  it('that came due after the copy of a restored database is not sent again, nor is a week later lost', async () => {
    const settle = aSchedule();
    await settle(early(day));
    const own = `team-${name - 1}`;
    const passOver = (since: Date, now: Date) => store.database.transaction((tx) => passOverDigests(tx, since, now));

    expect(await passOver(early(hour), early(1))).not.toContain(own);
    // What was due before the copy was not sent before it, so it is owed.
    expect(await passOver(due, early(-hour))).not.toContain(own);
    expect(await settle(due)).toEqual({ nextAt: due, pausedAt: null });
    expect(await passOver(early(hour), due)).toContain(own);
    expect(await settle(due)).toEqual({ nextAt: early(-7 * day), pausedAt: null });
  });

  it.each([
    ['less than an hour', hour - 1, due],
    ['an hour', hour, early(-7 * day)],
  ])('makes up for what came due while its team was gone for %s, and not longer', async (_, gone, next) => {
    const settle = aSchedule();
    await settle(early(day));
    const from = early(60_000);
    expect(await settle(from, undefined, false)).toMatchObject({ pausedAt: from });
    expect(await settle(new Date(from.getTime() + gone))).toEqual({ nextAt: next, pausedAt: null });
  });
});
