import type { Queryable } from './database';
import { type Bucket, beginHold, drainBucket, holdSlots } from './pace';

/** What Azure allows goldbot's identity, shared by all replicas, and the silences that it asks for. Machine time. */

/** What is taken of a bucket, and what else is waited for. */
export interface Portion {
  readonly bucket: Bucket;
  /** How many requests want to be sent. */
  readonly count: number;
  /** Nothing is taken for those that would wait longer. */
  readonly mostMs: number;
  /** Keys of silences that hold for them too. */
  readonly silences: readonly string[];
}

export interface Taken {
  /** For each of them, how long it waits for the bucket; those that would wait longer than `mostMs`, and all while there is silence, have taken nothing. */
  readonly waitsMs: readonly number[];
  /** How long Azure wants silence; undefined when nobody asked for it, zero or less when it is over and nobody has looked yet. */
  readonly silentMs: number | undefined;
}

/** The tokens of several requests in one statement. */
export async function takePortion(db: Queryable, portion: Portion): Promise<Taken> {
  const found = (await taken(db, portion)) ?? (await begun(db, portion));
  const { perSecond } = portion.bucket;
  const waitsMs = Array.from({ length: portion.count }, (_, n) =>
    Math.max(Math.ceil(((n + 1 - found.level) / perSecond) * 1_000), 0),
  );
  return { waitsMs, silentMs: found.silent_ms ?? undefined };
}

interface Level {
  readonly level: number;
  readonly silent_ms: number | null;
}

const silence = (keys: string) =>
  `select max(extract(epoch from held_until - clock_timestamp()) * 1000)::float8 as ms from thread_pace
   where thread = any (${keys}::text[])`;

async function taken(db: Queryable, { bucket, count, mostMs, silences }: Portion): Promise<Level | undefined> {
  const { key, perSecond, burst } = bucket;
  const [row] = await db.query<Level & Record<string, unknown>>(
    `with silence as (${silence('$6')}), before as (
       select least($3::float8, tokens + greatest(extract(epoch from clock_timestamp() - at), 0)::float8 * $2::float8) as level
       from bucket where key = $1 for update
     ), taken as (
       update bucket set at = clock_timestamp(), tokens = before.level - case when silence.ms is null
         then greatest(0, least($4::float8, floor(before.level + $5::float8))) else 0 end
       from before, silence where bucket.key = $1 returning before.level, silence.ms
     )
     select level, ms as silent_ms from taken`,
    [key, perSecond, burst, count, (Math.min(mostMs, longestMs) / 1_000) * perSecond, silences],
  );
  return row;
}

/** Longer than anybody waits. */
const longestMs = 86_400_000;

/** A bucket that nobody has used, or that was swept, is full. */
async function begun(db: Queryable, portion: Portion): Promise<Level> {
  const { key, burst } = portion.bucket;
  await db.query(
    'insert into bucket (key, tokens, at) values ($1, $2::float8, clock_timestamp()) on conflict (key) do nothing',
    [key, burst],
  );
  const found = await taken(db, portion);
  if (!found) throw new Error(`the bucket ${key} was swept while it was used`);
  return found;
}

/** How long Azure wants silence, as of the latest of these keys; undefined when nobody asked for it. */
export async function silenceMs(db: Queryable, keys: readonly string[]): Promise<number | undefined> {
  const [row] = await db.query<{ ms: number | null }>(silence('$1'), [keys]);
  return row?.ms ?? undefined;
}

/** Azure has answered again: nobody waits for its silence any more. */
export async function endSilence(db: Queryable, keys: readonly string[]): Promise<void> {
  await db.query(
    'update thread_pace set held_until = null where thread = any ($1::text[]) and held_until <= clock_timestamp()',
    [keys],
  );
}

/** True for the one caller that may ask whether a silence is over, for so long; the others wait for what it hears. */
export function beginAsking(db: Queryable, key: string, ms: number): Promise<boolean> {
  return beginHold(db, `asking ${key}`, ms);
}

/** What Azure says is left, of all that it allows: a bucket never has more than its share of that. */
export async function lowerBuckets(db: Queryable, buckets: readonly Bucket[], share: number): Promise<void> {
  await db.query(
    `update bucket set tokens = least(bucket.tokens, asked.burst * $3::float8)
     from unnest($1::text[], $2::float8[]) as asked (key, burst) where bucket.key = asked.key`,
    [buckets.map(({ key }) => key), buckets.map(({ burst }) => burst), share],
  );
}

/** Azure wants silence for so long. Then no more is taken of these buckets than has come in since. */
export async function beginSilence(
  db: Queryable,
  { key, buckets }: { readonly key: string; readonly buckets: readonly Bucket[] },
  ms: number,
): Promise<void> {
  await holdSlots(db, key, ms);
  for (const bucket of buckets) await drainBucket(db, bucket, ms);
}
