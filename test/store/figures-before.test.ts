import { insertRun, takeRequestId } from '../../store';
import { figuresBefore, keepFigures } from '../../store/digests';
import { payments } from '../fixtures/cards/figures';
import { type TestDatabase, testDatabase } from './database';

let db: TestDatabase;
beforeEach(async () => {
  db = await testDatabase();
});
afterEach(() => db.close());

it('compares a digest with the weekly ones before it: not with one that somebody asked for, nor with another team', async () => {
  const { database } = db;
  const keep = async (team: string, week: string, extra: boolean) => {
    const runId = await takeRequestId(database, 'run');
    const run = { id: runId, kind: 'digest', subject: `${team}:${week}:${extra}`, plan: {}, stages: ['x'], stage: 'x' };
    await insertRun(database, { ...run, now: payments.asOf } as never);
    await keepFigures(database, { runId, team, week, extra, figures: { ...payments, team } });
  };
  await keep('payments', '2026-W45', false);
  await keep('payments', '2026-W46', true);
  await keep('payments', '2026-W47', false);
  await keep('payments', '2026-W47', true);
  await keep('web', '2026-W46', false);
  const before = async (week: string) =>
    (await figuresBefore(database, { team: 'payments', week, limit: 8 })).map((kept) => [kept.week, kept.extra]);

  expect(await before('2026-W48')).toEqual([
    ['2026-W47', false],
    ['2026-W45', false],
  ]);
  expect(await before('2026-W47')).toEqual([['2026-W45', false]]);
});
