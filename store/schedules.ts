import { jsonb, type Queryable } from './database';

/** Something that comes again and again. What `spec` says belongs to its kind. */
export interface Schedule<Spec = unknown> {
  readonly key: string;
  readonly spec: Spec;
  /** World time. */
  readonly nextAt: Date;
  /** World time since which nothing comes; null while it runs. */
  readonly pausedAt: Date | null;
}

const columns = 'key, spec, next_at as "nextAt", paused_at as "pausedAt"';

export function schedulesOf<Spec>(db: Queryable, kind: string): Promise<Schedule<Spec>[]> {
  return db.query<Schedule<Spec> & Record<string, unknown>>(
    `select ${columns} from schedule where kind = $1 order by key`,
    [kind],
  );
}

export async function findSchedule<Spec>(db: Queryable, key: string): Promise<Schedule<Spec> | undefined> {
  const [row] = await db.query<Schedule<Spec> & Record<string, unknown>>(
    `select ${columns} from schedule where key = $1`,
    [key],
  );
  return row;
}

/** First of all in its transaction: before runs, cards and the audit. */
export async function lockSchedule<Spec>(tx: Queryable, key: string): Promise<Schedule<Spec> | undefined> {
  const [row] = await tx.query<Schedule<Spec> & Record<string, unknown>>(
    `select ${columns} from schedule where key = $1 for update`,
    [key],
  );
  return row;
}

/**
 * Locks what has come due, the longest due first, and leaves out what another replica is firing. Whoever has the row moves
 * `next_at` and inserts the run in the same transaction, or neither.
 */
export function lockDue<Spec>(
  tx: Queryable,
  due: { readonly kind: string; readonly now: Date; readonly limit: number },
): Promise<Schedule<Spec>[]> {
  return tx.query<Schedule<Spec> & Record<string, unknown>>(
    `select ${columns} from schedule where kind = $1 and paused_at is null and next_at <= $2
     order by next_at, key limit $3 for update skip locked`,
    [due.kind, due.now, due.limit],
  );
}

export async function moveSchedule(tx: Queryable, key: string, nextAt: Date): Promise<void> {
  await tx.query('update schedule set next_at = $2 where key = $1', [key, nextAt]);
}

/** Makes the schedule or changes it; it runs from now on. */
export async function putSchedule(
  tx: Queryable,
  schedule: Omit<Schedule, 'pausedAt'> & { readonly kind: string },
): Promise<void> {
  await tx.query(
    `insert into schedule (key, kind, spec, next_at) values ($1, $2, $3, $4)
     on conflict (key) do update set spec = $3, next_at = $4, paused_at = null`,
    [schedule.key, schedule.kind, jsonb(schedule.spec), schedule.nextAt],
  );
}

/** A second pause changes nothing. */
export async function pauseSchedule(tx: Queryable, key: string, at: Date): Promise<void> {
  await tx.query('update schedule set paused_at = $2 where key = $1 and paused_at is null', [key, at]);
}

/** Which of these keys a run has, open or ended. */
export async function firedKeys(tx: Queryable, keys: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await tx.query<{ dedupe: string }>('select dedupe from run where dedupe = any ($1)', [keys]);
  return new Set(rows.map(({ dedupe }) => dedupe));
}
