import { standingOfRun } from '../../store/digests';
import { aTeam, type DigestWorld, digestWorld } from './digest-world';

const friday = { day: 'fri', time: '09:00', zone: 'Europe/Berlin' } as const;
const hours = (n: number): number => n * 3_600_000;

describe('the weekly digest', () => {
  let world: DigestWorld;
  afterEach(() => world.close());

  it('comes once, on the hour of the team, in the channel of the team, and shows what was counted then', async () => {
    world = await digestWorld([aTeam('payments', friday)], '2026-11-26T12:00:00Z');
    world.replica();
    world.replica();
    await world.until(async () => (await world.database.query('select 1 from schedule')).length === 1);
    world.clock.at = new Date('2026-11-27T07:59:59Z');
    expect(await world.runs()).toEqual([]);

    world.clock.advance(2_000);
    await world.until(async () => (await world.cards('payments')).length > 0);

    const [run, ...others] = await world.runs();
    expect(others).toEqual([]);
    expect(run).toMatchObject({ subject: 'payments:2026-W48', plan: { late: false, missed: 0 }, outcome: 'done' });
    expect(await world.cards('payments')).toEqual([
      { topic: `digest:${run?.id}`, channel: 'payments / ops', wanted: 1, week: '2026-W48' },
    ]);
    const kept = await standingOfRun(world.database, run?.id ?? 'R-22222');
    expect(kept?.standing).toMatchObject({ team: 'payments', machines: 3 });
  });

  it('is caught up after an outage, the newest one alone, and says that it is late', async () => {
    world = await digestWorld([aTeam('payments', friday)], '2026-11-26T12:00:00Z');
    world.replica();
    await world.until(async () => (await world.database.query('select 1 from schedule')).length === 1);
    await world.stop();
    world.clock.advance(hours(24 * 30));

    world.replica();
    await world.until(async () => (await world.cards('payments')).length > 0);

    expect((await world.runs()).map((r) => r.plan)).toMatchObject([{ week: '2026-W52', late: true, missed: 4 }]);
  });
});
