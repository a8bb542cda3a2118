import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastOf, writeAnswers } from '../../app/answers';
import type { Run } from '../../core/runs';
import { insertRun, takeRequestId } from '../../store';
import { testDatabase } from '../store/database';

const run = (id: string, data: object) =>
  ({ id, kind: 'change', endedAt: null, plan: { verb: 'try' }, data }) as unknown as Run;

describe('the answers of the last trials', () => {
  it('are those of the newest run that has begun', async () => {
    const asked: unknown[] = [];
    const runs = [run('R-33333', {}), run('R-22222', { trials: { region: 'West Europe' } })];
    const reads = {
      runs: async (filter: object) => {
        asked.push(filter);
        return runs;
      },
    };
    expect(await lastOf(reads, 'Public')).toMatchObject({
      id: 'R-22222',
      cloud: 'Public',
      goldbot: expect.any(String),
    });
    expect(asked).toEqual([{ image: 'try:goldbot-trials', limit: 10 }]);
  });

  it('are not there before something was tried, and that is said with what to type', async () => {
    await expect(lastOf({ runs: async () => [] }, 'Public')).rejects.toMatchObject({
      message: 'Nothing was tried yet, so there are no answers.',
      hint: 'In Teams, an admin types: @goldbot try --plan',
    });
  });

  it('are not read from a database that nobody has named', async () => {
    await expect(writeAnswers({ database: undefined, cloud: 'Public', file: 'x' })).rejects.toMatchObject({
      code: 'DATABASE_SILENT',
      hint: 'Run the doctor without --answers: it says what is wrong with the database.',
    });
  });

  it.each([
    ['answers.json', '"answer": "Tags that a PATCH does not name stay."'],
    ['answers.md', '**Tags that a PATCH does not name stay.**'],
  ])('are written from the database into %s', async (name, words) => {
    const { url, database, close } = await testDatabase();
    const folder = mkdtempSync(join(tmpdir(), 'goldbot-answers-'));
    try {
      const [now, answer] = [new Date(), 'Tags that a PATCH does not name stay.'];
      const where = {
        subject: 'try:goldbot-trials',
        plan: { verb: 'try', gallery: {} },
        stages: ['plan'],
        stage: 'plan',
      };
      const id = await takeRequestId(database, 'run');
      await insertRun(database, { id, kind: 'change', ...where, now });
      const trials = { answers: { 'patch-without-tags': { verdict: 'kept', said: answer, at: now.toISOString() } } };
      await database.query('update run set data = $1', [JSON.stringify({ trials })]);
      const file = join(folder, name);
      const said = await writeAnswers({ database: { url }, cloud: 'Public', file });
      expect(said[0]).toBe(
        `${file} has the answers of ${id}: 1 known. No subscription, tenant, group, gallery, channel or person is named in it.`,
      );
      expect(readFileSync(file, 'utf8')).toContain(words);
    } finally {
      rmSync(folder, { recursive: true });
      await close();
    }
  });
});
