import type { Queryable } from './database';

export interface Bucket {
  readonly key: string;
  readonly perSecond: number;
  readonly burst: number;
}

/**
 * Takes a token that all replicas share, and gives the milliseconds of machine time to wait before using it: who comes
 * later waits longer, nobody is sent away.
 */
export async function takeToken(db: Queryable, { key, perSecond, burst }: Bucket): Promise<number> {
  const [row] = await db.query<{ tokens: number }>(
    `insert into bucket (key, tokens, at) values ($1, $3::float8 - 1, clock_timestamp())
     on conflict (key) do update set at = clock_timestamp(), tokens = least($3::float8,
       bucket.tokens + greatest(extract(epoch from clock_timestamp() - bucket.at), 0)::float8 * $2::float8) - 1
     returning tokens`,
    [key, perSecond, burst],
  );
  const missing = -(row?.tokens ?? 0);
  return missing > 0 ? Math.ceil((missing / perSecond) * 1_000) : 0;
}

/** After a Retry-After: nobody gets a token before that. */
export async function drainBucket(db: Queryable, { key, perSecond }: Bucket, waitMs: number): Promise<void> {
  await db.query(
    `insert into bucket (key, tokens, at) values ($1, $2::float8, clock_timestamp())
     on conflict (key) do update set at = clock_timestamp(), tokens = least(bucket.tokens, $2::float8)`,
    [key, (-waitMs / 1_000) * perSecond],
  );
}

/** Machine time. A bucket that nobody touched for so long is full; threads come by the thousand and go. */
export async function sweepBuckets(db: Queryable, olderThanMs: number): Promise<void> {
  await db.query(`delete from bucket where at < clock_timestamp() - $1 * interval '1 ms'`, [olderThanMs]);
}
