import type { Queryable } from './database';

/** Small facts about this installation. */
export async function readMeta(db: Queryable, key: string): Promise<string | undefined> {
  const [row] = await db.query<{ value: string }>('select value from meta where key = $1', [key]);
  return row?.value;
}

export async function writeMeta(db: Queryable, key: string, value: string): Promise<void> {
  await db.query('insert into meta values ($1, $2) on conflict (key) do update set value = $2', [key, value]);
}
