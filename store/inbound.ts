import type { Queryable } from './database';
import { jsonb } from './json';

export async function rememberAnswer(db: Queryable, id: string, answer: unknown): Promise<void> {
  await db.query('update inbound set answer = $2 where id = $1', [id, jsonb({ value: answer ?? null })]);
}

/** Teams repeats for minutes, not days. */
export async function sweepInbound(db: Queryable, olderThanMs: number): Promise<void> {
  await db.query(`delete from inbound where at < clock_timestamp() - $1 * interval '1 ms'`, [olderThanMs]);
}
