import type { RequestId } from '../../core/runs';
import { type Database, insertApproval, insertRun, takeRequestId } from '../../store';
import type { NewRun } from '../../store/runs';

/** Every table that tests write to, those that refer to others first. */
const tables =
  'leftover decision approval signal run_actor standing run request card channel conversation delivery act intent base team_count digest_setting schedule bucket thread_pace';

/** For suites whose tests share one database: in a few milliseconds, where `truncate` takes a fifth of a second. */
export async function emptyTables(db: Database): Promise<void> {
  await db.query(
    tables
      .split(' ')
      .map((table) => `delete from ${table}`)
      .join('; '),
  );
}

export const day = (n: number, time = '09:00'): Date => new Date(`2026-11-${String(n).padStart(2, '0')}T${time}:00Z`);

/** An open run of `ubuntu-22`, made and due on the 1st; `more` are columns as the table has them. */
export async function aRun(
  db: Database,
  run: Partial<NewRun> = {},
  more: Record<string, unknown> = {},
): Promise<RequestId> {
  const id = await takeRequestId(db, 'run');
  const made = await insertRun(db, {
    ...{ id, kind: 'publish', subject: 'ubuntu-22', plan: {}, stages: ['build'], stage: 'build', now: day(1) },
    ...run,
  });
  if (!made) throw new Error('there is such a run already');
  const columns = Object.keys(more);
  const set = columns.map((column, i) => `${column} = $${i + 2}`).join(', ');
  if (set) await db.query(`update run set ${set} where id = $1`, [id, ...columns.map((column) => more[column])]);
  return id;
}

/** A pending request of the run, asked on the 2nd. */
export async function anApproval(db: Database, runId: RequestId, channel = '19:approvals'): Promise<RequestId> {
  const id = await takeRequestId(db, 'approval');
  const rule = { group: 'g', groupName: 'Approvers', deciders: 1 };
  await insertApproval(db, {
    ...{ id, runId, planHash: 'h1', rule: rule as never, channel, askedAt: day(2), expiresAt: day(5) },
  });
  return id;
}
