import type { Queryable } from '../store';

/**
 * At most so many messages in any stretch of so many milliseconds: Teams' 7 in 1 s, 8 in 2 s and 60 in 30 s for one
 * thread, and some room for requests that overtake each other on their way.
 */
const windows: readonly (readonly [messages: number, ms: number])[] = [
  [6, 1_300],
  [8, 2_500],
  [57, 31_000],
];
const kept = Math.max(...windows.map(([messages]) => messages));

const now = '(extract(epoch from clock_timestamp()) * 1000)::float8';
const earliest = windows.map(([messages, ms]) => `(times ->> -${messages})::float8 + ${ms}`).join(', ');

/**
 * Takes the next free slot of a thread, for all replicas together; who comes later waits longer. Gives the machine time to
 * wait, in milliseconds. A slot that is further away than `mostMs` is not taken.
 */
export async function takeSlot(db: Queryable, thread: string, mostMs: number): Promise<number> {
  // Next to the deliveries, whose sweep takes away what nobody talks in any more.
  const [row] = await db.query<{ ms: number }>(
    `insert into inbound (id, answer) values ($1, jsonb_build_object('times', jsonb_build_array(${now}), 'next', ${now}))
     on conflict (id) do update set at = clock_timestamp(), answer = (
       select inbound.answer || jsonb_build_object('next', next, 'times', case when next - ${now} > $2::float8 then times
         when jsonb_array_length(times) < ${kept} then times || to_jsonb(next) else (times - 0) || to_jsonb(next) end)
       from (select times, greatest(${now}, (times ->> -1)::float8, (inbound.answer ->> 'held')::float8, ${earliest}) as next
             from (select inbound.answer -> 'times' as times) as kept) as found)
     returning (answer ->> 'next')::float8 - ${now} as ms`,
    [keyOf(thread), Math.min(mostMs, Number.MAX_SAFE_INTEGER)],
  );
  return Math.max(Math.ceil(row?.ms ?? 0), 0);
}

/** No slot before `waitMs` of machine time are over. */
export async function holdSlots(db: Queryable, thread: string, waitMs: number): Promise<void> {
  await db.query(
    `insert into inbound (id, answer) values ($1, jsonb_build_object('times', '[]'::jsonb, 'held', ${now} + $2::float8))
     on conflict (id) do update set at = clock_timestamp(), answer = inbound.answer
       || jsonb_build_object('held', greatest((inbound.answer ->> 'held')::float8, ${now} + $2::float8))`,
    [keyOf(thread), waitMs],
  );
}

/** Whether Teams wants silence in a thread at this moment, also from those who have a slot. */
export async function isHeld(db: Queryable, thread: string): Promise<boolean> {
  const rows = await db.query(`select 1 from inbound where id = $1 and (answer ->> 'held')::float8 > ${now}`, [
    keyOf(thread),
  ]);
  return rows.length > 0;
}

function keyOf(thread: string): string {
  return `pace ${thread}`;
}
