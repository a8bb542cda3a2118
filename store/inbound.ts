import type { Queryable } from './database';
import { jsonb } from './json';

export type Delivery =
  /** Never seen: go on, then `rememberAnswer`. */
  | { readonly state: 'first' }
  /** The first delivery is being worked on, or the process died over it. */
  | { readonly state: 'open'; readonly ageMs: number }
  | { readonly state: 'answered'; readonly answer: unknown };

/** Notes an activity by its id; tells re-deliveries from the first. */
export async function noteInbound(db: Queryable, id: string): Promise<Delivery> {
  const fresh = await db.query('insert into inbound (id) values ($1) on conflict do nothing returning id', [id]);
  if (fresh.length > 0) return { state: 'first' };
  const [row] = await db.query<{ answer: { value: unknown } | null; ms: number }>(
    'select answer, extract(epoch from clock_timestamp() - at)::float8 * 1000 as ms from inbound where id = $1',
    [id],
  );
  if (row?.answer) return { state: 'answered', answer: row.answer.value };
  return { state: 'open', ageMs: row?.ms ?? 0 };
}

export async function rememberAnswer(db: Queryable, id: string, answer: unknown): Promise<void> {
  await db.query('update inbound set answer = $2 where id = $1', [id, jsonb({ value: answer ?? null })]);
}

/** The turn broke before it did anything: the next delivery is a first one again. */
export async function forgetInbound(db: Queryable, id: string): Promise<void> {
  await db.query('delete from inbound where id = $1 and answer is null', [id]);
}

/** Teams repeats for minutes, not days. */
export async function sweepInbound(db: Queryable, olderThanMs: number): Promise<void> {
  await db.query(`delete from inbound where at < clock_timestamp() - $1 * interval '1 ms'`, [olderThanMs]);
}
