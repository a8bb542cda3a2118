import { type TestDatabase, testDatabase } from '../store/database';
import { runChaos } from './harness';
import { scenario } from './toy';

const kills = 10;

describe('replicas that are killed and frozen', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await testDatabase();
  });
  afterAll(() => db.close());

  it(`lose nothing, do nothing twice and leave nothing stuck: a sample of ${kills}, the rest by \`npm run chaos\``, async () => {
    const module = require.resolve('./toy');

    const report = await runChaos({
      scenario,
      module,
      databaseUrl: db.url,
      kills,
      seed: 7,
      freezes: 0.3,
      recoverMs: 120_000,
    });

    expect(report.kills + report.freezes).toBeGreaterThanOrEqual(kills);
    expect(report.runs).toBeGreaterThanOrEqual(6);
    expect(Object.entries(report.mistakes).filter(([, n]) => n > 0)).toEqual([]);
  }, 300_000);
});
