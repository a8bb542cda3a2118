import { type TestDatabase, testDatabase } from '../store/database';
import { runChaos } from './harness';
import { scenario } from './publish';

const kills = 12;

describe('a publish whose replicas are killed and frozen', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await testDatabase();
  });
  afterAll(() => db.close());

  it(`builds, tests and publishes once and leaves nothing behind: a sample of ${kills}, the rest by \`npm run chaos\``, async () => {
    const module = require.resolve('./publish');

    const report = await runChaos({
      scenario,
      module,
      databaseUrl: db.url,
      kills,
      seed: 5,
      freezes: 0.25,
      recoverMs: 120_000,
    });

    expect(report.kills + report.freezes).toBeGreaterThanOrEqual(kills);
    expect(report.outcomes['published'] ?? 0).toBeGreaterThan(0);
    expect(Object.entries(report.mistakes).filter(([, n]) => n > 0)).toEqual([]);
  }, 300_000);
});
