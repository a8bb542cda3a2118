import type { Queryable } from '../store/database';
import { rememberAnswer } from '../store/inbound';

/** What is known about an act that Teams tells us of, perhaps not for the first time. */
export type Noted =
  /** `since` is the same for all deliveries of one act: milliseconds of the database's clock. */
  | { readonly state: 'first'; readonly since: number }
  | { readonly state: 'open'; readonly since: number }
  | { readonly state: 'answered'; readonly since: number; readonly answer: unknown };

/** A turn that is open for longer than this died with its process. */
const diedAfterMs = 30_000;

/**
 * Tells deliveries of one act from the first. Within `windowMs` of machine time the same key is the same act; after it,
 * somebody did the same thing again. An act whose process died over it is a first one once more, with its old `since`.
 *
 * @throws UserError `DATABASE_SILENT`.
 */
export async function noteDelivery(db: Queryable, key: string, windowMs: number): Promise<Noted> {
  const ms = '(extract(epoch from inbound.at) * 1000)::float8';
  const [fresh] = await db.query<{ since: number }>(
    `insert into inbound (id) values ($1)
     on conflict (id) do update set at = clock_timestamp(), answer = null
       where inbound.at < clock_timestamp() - $2 * interval '1 ms'
     returning ${ms} as since`,
    [key, windowMs],
  );
  if (fresh) return { state: 'first', since: Math.round(fresh.since) };
  const [row] = await db.query<{ answer: { value: unknown } | null; since: number; ageMs: number }>(
    `select answer, ${ms} as since, extract(epoch from clock_timestamp() - at)::float8 * 1000 as "ageMs"
     from inbound where id = $1`,
    [key],
  );
  const since = Math.round(row?.since ?? 0);
  if (row?.answer) return { state: 'answered', since, answer: row.answer.value };
  return { state: row && row.ageMs < diedAfterMs ? 'open' : 'first', since };
}

/** Waits for the answer of a delivery that is being worked on; undefined when it does not come. */
export async function awaitAnswer(db: Queryable, key: string, patienceMs: number): Promise<unknown> {
  const until = Date.now() + patienceMs;
  for (let pause = 50; Date.now() < until; pause = Math.min(pause * 2, 500)) {
    await new Promise((done) => setTimeout(done, pause));
    const [row] = await db.query<{ answer: { value: unknown } | null }>('select answer from inbound where id = $1', [
      key,
    ]);
    if (row?.answer) return row.answer.value;
  }
  return undefined;
}

export const answerDelivery = rememberAnswer;
