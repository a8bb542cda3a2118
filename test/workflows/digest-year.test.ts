import type { Database } from '../../store';
import { seeded } from '../chaos/random';
import { sized } from '../support/size';
import { aTeam, type DigestWorld, digestWorld, type Replica } from './digest-world';

/** On the night when clocks change, at hours that some zones skip and others have twice. */
const times = [
  ['berlin', { day: 'sun', time: '02:30', zone: 'Europe/Berlin' }],
  ['new-york', { day: 'sun', time: '01:30', zone: 'America/New_York' }],
  ['lord-howe', { day: 'sun', time: '02:15', zone: 'Australia/Lord_Howe' }],
  ['kolkata', { day: 'wed', time: '12:00', zone: 'Asia/Kolkata' }],
] as const;
const teams = times.map(([team, digest]) => aTeam(team, digest));
const hour = 3_600_000;
const day = 24 * hour;
/** 52 weeks; in the sample the six around the nights when the clocks change. 2026 has 53 weeks, the second begins on 5 January. */
const [first, many] = [sized(10, 2), sized(6, 52)];
const startMs = Date.UTC(2026, 0, 5) + (first - 2) * 7 * day;
const weeks = Array.from({ length: many }, (_, i) => `2026-W${String(first + i).padStart(2, '0')}`);

describe('a year of digests', () => {
  let world: DigestWorld;
  afterEach(() => world.close());

  it('gives each team one digest in each ISO week, whatever dies, stops, jumps or is silent', async () => {
    world = await digestWorld(teams, new Date(startMs).toISOString());
    const fleet = new MortalFleet(world, 7);
    const random = seeded(11);
    fleet.fill();
    await world.until(async () => (await world.database.query('select 1 from schedule')).length === teams.length);
    const messages: string[] = [];
    const end = startMs + many * 7 * day;

    while (world.clock.now().getTime() < end) {
      const left = end - world.clock.now().getTime();
      const outage = random() < 0.1;
      if (outage) await fleet.stop();
      world.inventory.silent = random() < 0.1;
      // Never over two of a team's digests at once: what is caught up then is told by another test.
      world.clock.advance(Math.min(left, outage ? random() * 6 * day : random() * 2 * day));
      fleet.fill();
      fleet.mortal = random() < 0.7;
      await world
        .until(async () => fleet.mortal || !world.inventory.silent || (await isQuiet(world)), 300)
        .catch(() => {});
      [world.inventory.silent, fleet.mortal] = [false, fleet.mortal && random() < 0.5];
      await settledWith(fleet, world);
      messages.push(...(await world.deliver()));
    }

    const runs = await world.runs();
    for (const [team, digest] of times) {
      const own = runs.filter((run) => run.plan.team === team);
      expect(own.map((run) => run.plan.week)).toEqual(weeks);
      expect(own.filter((run) => run.outcome !== 'done' || run.plan.missed !== 0)).toEqual([]);
      // One night in the year the clocks skip the hour.
      const elsewhere = own.filter(({ plan }) => wallTime(plan.dueAt, plan.zone) !== `${digest.day} ${digest.time}`);
      expect(elsewhere.length).toBeLessThanOrEqual(1);
      expect((await world.cards(team)).filter(({ wanted }) => wanted !== 1)).toEqual([]);
    }
    expect(messages.sort()).toEqual(runs.map((run) => `digest:${run.id}`).sort());
    // How many die is up to chance and the machine; that some do is what the rest is worth.
    expect(fleet.deaths).toBeGreaterThan(sized(1, many));
  }, 600_000);
});

/** `sun 02:30` */
function wallTime(at: string, timeZone: string): string {
  const options = { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  return new Intl.DateTimeFormat('en-GB', options).format(new Date(at)).toLowerCase();
}

async function isQuiet(world: DigestWorld): Promise<boolean> {
  return world.settled(1).then(
    () => true,
    () => false,
  );
}

async function settledWith(fleet: MortalFleet, world: DigestWorld): Promise<void> {
  for (let i = 0; !(await isQuiet(world)); i++) {
    if (i > 400) throw new Error('the digests do not come to rest');
    if (i > 20) fleet.mortal = false;
    fleet.fill();
    await new Promise((done) => setTimeout(done, 10));
  }
}

/** Replicas whose connection to the store ends for good at moments that a seed finds; what they had in hand is lost. */
class MortalFleet {
  mortal = true;
  deaths = 0;
  private readonly random: () => number;
  private alive: { replica: Replica; dead: boolean }[] = [];

  constructor(
    private readonly world: DigestWorld,
    seed: number,
  ) {
    this.random = seeded(seed);
  }

  /** Two replicas at any time. */
  fill(): void {
    this.alive = this.alive.filter((one) => !one.dead);
    while (this.alive.length < 2) this.add();
  }

  async stop(): Promise<void> {
    await this.world.stop();
    this.alive = [];
  }

  private add(): void {
    const life = { dead: false };
    const database = this.mortalDatabase(life);
    const one = Object.assign(life, { replica: this.world.replica(database) });
    this.alive.push(one);
  }

  private mortalDatabase(life: { dead: boolean; replica?: Replica }): Database {
    const whole = this.world.database;
    const reach = (share: number): void => {
      if (!life.dead && this.mortal && this.random() < share) {
        life.dead = true;
        this.deaths += 1;
        // It says nothing to anybody any more, and its leases run out.
        void life.replica?.engine.drain();
        void life.replica?.schedules.drain();
      }
      if (life.dead) throw new Error('this replica is dead');
    };
    return {
      ...whole,
      query: async (text, values) => {
        reach(0.002);
        return whole.query(text, values);
      },
      transaction: async (work) => {
        reach(0);
        const result = await whole.transaction(async (tx) => {
          const written = await work(tx);
          // Written, not committed.
          if (isWork(written)) reach(0.15);
          return written;
        });
        if (isWork(result)) reach(0.15);
        return result;
      },
    };
  }
}

/** Looks that found nothing to do are no moments worth dying at. */
function isWork(result: unknown): boolean {
  return result !== undefined && result !== 0;
}
