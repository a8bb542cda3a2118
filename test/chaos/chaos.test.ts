import { type TestDatabase, testDatabase } from '../store/database';
import { sized } from '../support/size';
import { runChaos } from './harness';
import { scenario as publish } from './publish';
import { scenario as toy } from './toy';
import { goodUntil, Ledger } from './toy-ledger';

/** The smallest number that reaches every stage; `npm run chaos` takes any number and seed. */
const kills = sized(12, 200);

describe('replicas that are killed and frozen', () => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await testDatabase();
  });
  afterEach(() => db.close());

  it.each([
    { name: 'a toy of all that must not happen twice', scenario: toy, path: './toy' },
    { name: 'the publish run against the sandbox', scenario: publish, path: './publish' },
  ])(
    `lose nothing, do nothing twice and leave nothing stuck in $name: ${kills} kills`,
    async ({ scenario, path }) => {
      const module = require.resolve(path);

      const report = await runChaos({
        scenario,
        module,
        databaseUrl: db.url,
        kills,
        seed: 7,
        freezes: 0.25,
        recoverMs: 120_000,
      });

      expect(report.kills + report.freezes).toBeGreaterThanOrEqual(kills);
      expect(report.twins).toBeGreaterThan(0);
      expect(report.outcomes['published'] ?? 0).toBeGreaterThan(0);
      expect(Object.entries(report.mistakes).filter(([, n]) => n > 0)).toEqual([]);
    },
    sized(300_000, 1_500_000),
  );
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
    return [status, ledger.templates.get(name)?.runs, ledger.unleased];
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
