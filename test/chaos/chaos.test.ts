import { bench, toyWorkflow } from '../engine/bench';
import { type TestDatabase, testDatabase } from '../store/database';
import { sized } from '../support/size';
import { goodUntil } from './arrivals';
import { runChaos, wake } from './harness';
import { scenario as house } from './house';
import { sizeOf } from './matrix';
import { scenario as publish } from './publish';
import { scenario as toy } from './toy';
import { Ledger } from './toy-ledger';

/** The toy has all that must not happen twice, and starts in a tenth of the time: in the sample it stands for all. */
const scenarios = [
  { name: 'a toy of all that must not happen twice', scenario: toy, kills: sizeOf('kills', 'toy'), done: 'published' },
  {
    name: 'the publish run against the sandbox',
    scenario: publish,
    kills: sizeOf('kills', 'publish'),
    done: 'published',
  },
  { name: 'the house as a whole', scenario: house, kills: sizeOf('kills', 'house'), done: 'done' },
].filter(({ kills }) => kills > 0);

describe('replicas that are killed and frozen', () => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await testDatabase();
  });
  afterEach(() => db.close());

  it.each(scenarios)(
    'lose nothing, do nothing twice and leave nothing stuck in $name: $kills kills',
    async ({ scenario, kills, done }) => {
      const report = await runChaos({
        scenario,
        databaseUrl: db.url,
        kills,
        seed: 7,
        freezes: 0.25,
      });

      expect(report.kills + report.freezes).toBeGreaterThanOrEqual(kills);
      // Of a frozen replica that an heir overtakes there is one in ten deaths, or none in so few.
      if (kills > 20 || scenario !== house) expect(report.twins).toBeGreaterThan(0);
      expect(report.outcomes[done] ?? 0).toBeGreaterThan(0);
      const mistakes = Object.entries(report.mistakes).filter(([, n]) => n > 0);
      const { stuck, evidence } = report;
      expect({ mistakes, stuck, evidence }).toEqual({ mistakes: [], stuck: [], evidence: [] });
    },
    // For what hangs: how long so many kills take is up to the machine, three minutes or forty.
    sized(900_000, 3_600_000),
  );
});

/** Else the next failure would be followed by a rest of minutes, after which the harness believes that it is stuck. */
it('a run that failed a dozen times goes into peace with two, also from the hands of the dead', async () => {
  const { db, start, close } = await bench(toyWorkflow({ plan: () => ({ kind: 'again', ms: 0 }) }));
  const [free, held] = [await start('free'), await start('held')];
  await db.database.query(
    `update run set tries = 5, failures = 12, not_before = 'infinity',
       leased_until = case when id = $1 then clock_timestamp() + interval '1 minute' end`,
    [held.id],
  );

  await wake(db.database);

  expect(await db.database.query('select id, tries, failures, not_before from run order by subject')).toEqual([
    { id: free.id, tries: 2, failures: 2, not_before: Number.NEGATIVE_INFINITY },
    { id: held.id, tries: 2, failures: 2, not_before: Number.POSITIVE_INFINITY },
  ]);
  await close();
});

/** What makes a duplicate of the toy a real one, however busy the machine is. */
describe("the toy's ledger", () => {
  const ledger = new Ledger();
  let url = '';
  beforeAll(async () => {
    url = await ledger.listen();
  });
  afterAll(() => ledger.close());
  const build = async (name: string, leftMs: number) => {
    await fetch(`${url}/startBuild/${name}`);
    const { status } = await fetch(`${url}/runTemplate/${name}`, { headers: goodUntil(leftMs) });
    return [status, ledger.templates.get(name)?.runs, ledger.arrivals.unleased];
  };

  it('does what arrives within the lease of its sender', async () => {
    expect(await build('early', 60_000)).toEqual([200, 1, 0]);
  });

  it('loses what arrives after it: an heir has looked by then', async () => {
    expect(await build('late', 1)).toEqual([504, 0, 0]);
  });

  it('does what was sent after it, and counts that as a mistake', async () => {
    expect(await build('unleased', 0)).toEqual([200, 1, 1]);
  });
});
