import { needsALookAfter } from '../core/runs';
import { cardBehind } from './cards';
import type { Queryable } from './database';
import { claimable } from './leases';

/** What waits for a replica, for operators. */
interface Queue {
  readonly queue: 'runs' | 'cards' | 'messages';
  readonly due: number;
  /** Since when the oldest is, in milliseconds; 0 when there is none. */
  readonly ageMs: number;
}

interface Queues {
  readonly queues: readonly Queue[];
  /** Open runs whose steps failed so often that their cards ask for a look. */
  readonly troubledRuns: number;
}

interface Row {
  readonly queue: Queue['queue'] | 'troubled';
  readonly due: number;
  readonly age_ms: number;
}

/** A list longer than this is a number large enough for any alert, and no more is read. */
const most = 10_000;

/**
 * What is due and free, by the indexes by which it is claimed: rows in somebody's hands do not count, but for messages,
 * which are leased as they come. `now`: world time.
 * One statement of some milliseconds; meant for once a minute.
 *
 * @throws UserError `DATABASE_SILENT`.
 */
export async function queueLengths(db: Queryable, now: Date): Promise<Queues> {
  const age = (since: string): string =>
    `count(*)::int as due, coalesce(extract(epoch from clock_timestamp() - min(${since})) * 1000, 0)::float8 as age_ms`;
  const rows = await db.query<Row & Record<string, unknown>>(
    `select 'runs' as queue, count(*)::int as due,
       coalesce(extract(epoch from $1::timestamptz - min(since)) * 1000, 0)::float8 as age_ms
     from (select greatest(due.due_at, due.not_before) as since from run due
       where due.ended_at is null and due.due_at <= $1 and ${claimable('due')} limit ${most}) runs
     union all select 'cards', ${age('since')} from (select greatest(due.wanted_at, due.not_before) as since
       from card due where ${cardBehind} and ${claimable('due')} limit ${most}) cards
     union all select 'messages', ${age('since')} from (select due.first_at as since from delivery due
       where due.answered_at is null and due.activity is not null limit ${most}) messages
     union all select 'troubled', count(*)::int, 0 from (select 1 from run
       where ended_at is null and tries >= ${needsALookAfter} limit ${most}) troubled`,
    [now],
  );
  const queues = rows.flatMap(({ queue, due, age_ms }) =>
    queue === 'troubled' ? [] : [{ queue, due, ageMs: Math.max(age_ms, 0) }],
  );
  return { queues, troubledRuns: rows.find(({ queue }) => queue === 'troubled')?.due ?? 0 };
}
