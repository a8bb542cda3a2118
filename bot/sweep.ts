import { type Queryable, sweepBuckets, sweepInbound, sweepIntents } from '../store';
import type { Log } from './log';
import { messageWindowMs } from './turns';

const dayMs = 24 * 3_600_000;

/** Deletes what only tells repeats and floods apart and is too old for that. Idempotent; a failure waits for the next time. */
export async function sweep(db: Queryable, log: Log): Promise<void> {
  try {
    await sweepInbound(db, messageWindowMs);
    await sweepIntents(db, 30 * dayMs);
    await sweepBuckets(db, dayMs);
  } catch (err) {
    log.warn({ err }, 'old rows could not be deleted; tried again in an hour');
  }
}
