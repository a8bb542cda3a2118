import { type TestDatabase, testDatabase } from '../store/database';
import { sized } from '../support/size';
import { runChaos } from './harness';
import { scenario as publish } from './publish';
import { scenario as toy } from './toy';

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
