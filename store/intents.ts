import type { RequestId } from '../core/runs';
import type { Queryable } from './database';

/** What came of an act of a person. */
export interface Remembered {
  readonly request: RequestId;
  readonly outcome: string;
}

/**
 * Takes an intent, first of all in its transaction: a second delivery waits here for the first one's commit and gets what
 * came of it. Undefined: the act is new, and `rememberIntent` must follow in the same transaction.
 */
export async function takeIntent(tx: Queryable, key: string): Promise<Remembered | undefined> {
  const fresh = await tx.query('insert into intent (key) values ($1) on conflict do nothing returning key', [key]);
  if (fresh.length > 0) return undefined;
  const [row] = await tx.query<{ request: RequestId; outcome: string }>(
    'select request, outcome from intent where key = $1',
    [key],
  );
  return row;
}

export async function rememberIntent(tx: Queryable, key: string, remembered: Remembered): Promise<void> {
  await tx.query('update intent set request = $2, outcome = $3 where key = $1', [
    key,
    remembered.request,
    remembered.outcome,
  ]);
}

/** Machine time. Deliveries of one act come within a day; what came of an old one is in the audit. */
export async function sweepIntents(db: Queryable, olderThanMs: number): Promise<void> {
  await db.query(`delete from intent where machine_at < clock_timestamp() - $1 * interval '1 ms'`, [olderThanMs]);
}
