import type { Queryable } from './database';

/** What Teams allows, shared by all replicas: tokens of buckets, slots of threads. All of it is machine time. */

export interface Bucket {
  readonly key: string;
  readonly perSecond: number;
  readonly burst: number;
}

/** Tokens that were taken but not used. */
export async function giveTokensBack(db: Queryable, buckets: readonly Bucket[]): Promise<void> {
  await db.query('update bucket set tokens = tokens + 1 where key = any ($1)', [buckets.map(({ key }) => key)]);
}

/** After a Retry-After: nobody gets a token before that. */
export async function drainBucket(db: Queryable, { key, perSecond }: Bucket, waitMs: number): Promise<void> {
  await db.query(
    `insert into bucket (key, tokens, at) values ($1, $2::float8, clock_timestamp())
     on conflict (key) do update set at = clock_timestamp(), tokens = least(bucket.tokens, $2::float8)`,
    [key, (-waitMs / 1_000) * perSecond],
  );
}

/** At most so many calls in any stretch of so many milliseconds of machine time. */
export type Windows = readonly (readonly [calls: number, ms: number])[];

/**
 * Teams' 7 messages in 1 s, 8 in 2 s and 60 in 30 s for one thread, with some room for requests that overtake each
 * other in transit.
 */
const messagesOfAThread: Windows = [
  [6, 1_300],
  [8, 2_500],
  [57, 31_000],
];

/** Per set of windows and what else they are made for. */
const statements = new Map<Windows, Map<string, string>>();

/** The statement of `make` for these windows, which is made once. `purpose` is the same for the same `make`. */
export function statementOf(windows: Windows, purpose: string, make: () => string): string {
  const made = statements.get(windows) ?? new Map<string, string>();
  statements.set(windows, made);
  const statement = made.get(purpose) ?? make();
  made.set(purpose, statement);
  return statement;
}

/**
 * Takes the next slot: `$1` the key, `$2` the longest wait in milliseconds. `only`: a source of one row, or none, without
 * which nothing is taken and nothing returned.
 */
export function takingSlot(windows: Windows, only = ''): string {
  const kept = Math.max(...windows.map(([calls]) => calls));
  const nth = (fromTheEnd: number) => `slots[cardinality(slots) - ${fromTheEnd - 1}]`;
  const earliest = windows.map(([calls, ms]) => `${nth(calls)} + interval '${ms} ms'`).join(', ');
  return `insert into thread_pace as pace (thread, slots, next_slot)
       select $1::text, array[clock_timestamp()], clock_timestamp() ${only}
     on conflict (thread) do update set touched_at = clock_timestamp(), (slots, next_slot) = (
       select case when next > clock_timestamp() + $2::float8 * interval '1 ms' then slots
           when cardinality(slots) < ${kept} then slots || next else slots[2:] || next end, next
       from (select pace.slots as slots, greatest(clock_timestamp(), pace.held_until, slots[cardinality(slots)], ${earliest}) as next
             from (select pace.slots as slots) as taken) as found)
     returning (extract(epoch from next_slot - clock_timestamp()) * 1000)::float8 as ms`;
}

/**
 * Takes the next free slot of a thread, or of another key with its own windows; later callers wait longer. Returns the
 * milliseconds to wait. A slot further away than `mostMs` is not taken.
 */
export async function takeSlot(
  db: Queryable,
  key: string,
  mostMs: number,
  windows: Windows = messagesOfAThread,
): Promise<number> {
  const statement = statementOf(windows, 'slot', () => takingSlot(windows));
  const [row] = await db.query<{ ms: number }>(statement, [key, Math.min(mostMs, longestMs)]);
  return waitOf(row);
}

/** Whole milliseconds until what the statement has taken; none when it took nothing. */
export const waitOf = (row: { readonly ms: number | null } | undefined): number => Math.max(Math.ceil(row?.ms ?? 0), 0);

/** Longer than anybody waits; PostgreSQL has no unbounded interval. */
const longestMs = 365 * 86_400_000;

/**
 * Takes a token of each bucket, and the next slot of a thread if one is named, in one statement. All replicas share them:
 * later callers wait longer, none is turned away. Returns the milliseconds to wait before using them all.
 */
export async function takeTokens(
  db: Queryable,
  buckets: readonly Bucket[],
  slot?: { readonly thread: string; readonly mostMs: number },
): Promise<number> {
  const columns = [buckets.map((b) => b.key), buckets.map((b) => b.perSecond), buckets.map((b) => b.burst)];
  const [row] = slot
    ? await db.query<{ ms: number }>(tokensAndSlot, [slot.thread, Math.min(slot.mostMs, longestMs), ...columns])
    : await db.query<{ ms: number }>(tokensOf(1), columns);
  return waitOf(row);
}

/** What somebody takes who leaves others their part of a bucket. */
export interface Part {
  /** Of the whole: they have no more than this. */
  readonly part: Bucket;
  readonly whole: Bucket;
  /** What they take besides. */
  readonly more: readonly Bucket[];
}

/**
 * As `takeTokens`. While the part has no token left nothing of the whole is taken: it would be spoken for long before it
 * is used, and others would wait for it meanwhile. `tookWhole`: false, it is to be taken once the wait is over.
 */
export async function takePart(
  db: Queryable,
  { part, whole, more }: Part,
  slot: { readonly thread: string; readonly mostMs: number },
): Promise<{ readonly ms: number; readonly tookWhole: boolean }> {
  const own = [part, ...more];
  const [row] = await db.query<{ ms: number; took: boolean }>(partAndSlot, [
    ...[slot.thread, Math.min(slot.mostMs, longestMs)],
    ...[own.map((b) => b.key), own.map((b) => b.perSecond), own.map((b) => b.burst)],
    ...[part.key, whole.key, whole.perSecond, whole.burst],
  ]);
  return { ms: waitOf(row), tookWhole: row?.took === true };
}

/** The statement; its parameters begin with `$first`. `more`: what else is to be waited for. */
function tokensOf(first: number, more = '', ms = '0'): string {
  const [keys, perSecond, burst] = [`$${first}::text[]`, `$${first + 1}::float8[]`, `$${first + 2}::float8[]`];
  return `with ${more} asked as (select * from unnest(${keys}, ${perSecond}, ${burst}) as a (key, per_second, burst)),
     taken as (${takingOf('asked')})
     select greatest(${ms}, ${waitFor('taken', 'asked')}) as ms`;
}

/** One token of each bucket of a source (`key`, `per_second`, `burst`); `only`: a condition without which none is taken. */
const takingOf = (source: string, only = 'true'): string =>
  `insert into bucket (key, tokens, at) select key, burst - 1, clock_timestamp() from ${source} where ${only}
   on conflict (key) do update set at = clock_timestamp(), tokens = (
     select least(${source}.burst, bucket.tokens
         + greatest(extract(epoch from clock_timestamp() - bucket.at), 0)::float8 * ${source}.per_second) - 1
     from ${source} where ${source}.key = excluded.key)
   returning key, tokens`;

const waitFor = (taken: string, source: string): string =>
  `(select max(-tokens / per_second) * 1000 from ${taken} join ${source} using (key))`;

const partAndSlot = `with slot as (${takingSlot(messagesOfAThread)}),
  asked as (select * from unnest($3::text[], $4::float8[], $5::float8[]) as a (key, per_second, burst)),
  taken as (${takingOf('asked')}),
  whole as (select $7::text as key, $8::float8 as per_second, $9::float8 as burst),
  shared as (${takingOf('whole', '(select tokens from taken where key = $6::text) >= 0')})
  select greatest((select ms from slot), ${waitFor('taken', 'asked')}, ${waitFor('shared', 'whole')}) as ms,
    exists (select from shared) as took`;

const tokensAndSlot = tokensOf(3, `slot as (${takingSlot(messagesOfAThread)}),`, '(select ms from slot)');

/** No slot for the next `waitMs`. */
export async function holdSlots(db: Queryable, thread: string, waitMs: number): Promise<void> {
  await db.query(
    `insert into thread_pace as pace (thread, held_until) values ($1, clock_timestamp() + $2::float8 * interval '1 ms')
     on conflict (thread) do update set touched_at = clock_timestamp(),
       held_until = greatest(pace.held_until, excluded.held_until)`,
    [thread, waitMs],
  );
}

/** Whether Teams wants silence in a thread right now, even from callers that have a slot. */
export async function isHeld(db: Queryable, thread: string): Promise<boolean> {
  const rows = await db.query('select 1 from thread_pace where thread = $1 and held_until > clock_timestamp()', [
    thread,
  ]);
  return rows.length > 0;
}

/** Holds a key for so long, unless it is held already: true for the one caller that began it. */
export async function beginHold(db: Queryable, key: string, ms: number): Promise<boolean> {
  const rows = await db.query(
    `insert into thread_pace as pace (thread, held_until) values ($1, clock_timestamp() + $2::float8 * interval '1 ms')
     on conflict (thread) do update set touched_at = clock_timestamp(), held_until = excluded.held_until
       where pace.held_until is null or pace.held_until <= clock_timestamp()
     returning 1`,
    [key, ms],
  );
  return rows.length > 0;
}
