import { type Queryable, rememberAnswer } from '../store';

/** What is known about an act that Teams tells us of, perhaps not for the first time. */
export type Noted =
  /** `since` is the same for all deliveries of one act: milliseconds of the database's clock. */
  | { readonly state: 'first'; readonly since: number }
  /** Being worked on. */
  | { readonly state: 'open' }
  | { readonly state: 'answered'; readonly since: number; readonly answer: unknown };

interface Row {
  readonly since: number;
  readonly answer: { readonly value?: unknown; readonly takenUp?: number } | null;
}

const columns = `(extract(epoch from at) * 1000)::float8 as since, answer`;
/** A turn that is open for longer than this died with its process. */
const diedAfterMs = 30_000;

/**
 * Tells deliveries of one act from the first. Within `windowMs` of machine time the same key is the same act; after it,
 * somebody did the same thing again. An act whose process died over it is a first one once more, with its old `since`.
 *
 * @throws UserError `DATABASE_SILENT`.
 */
export async function noteDelivery(db: Queryable, key: string, windowMs: number): Promise<Noted> {
  const [fresh] = await db.query<Row & Record<string, unknown>>(
    `insert into inbound (id) values ($1)
     on conflict (id) do update set at = clock_timestamp(), answer = null
       where inbound.at < clock_timestamp() - $2 * interval '1 ms'
     returning (extract(epoch from inbound.at) * 1000)::float8 as since, answer`,
    [key, windowMs],
  );
  if (fresh) return first(fresh);
  const answer = await storedAnswer(db, key);
  if (answer) return { state: 'answered', since: answer.since, answer: answer.value };
  const [orphan] = await db.query<Row & Record<string, unknown>>(
    `update inbound set answer = jsonb_build_object('takenUp', extract(epoch from clock_timestamp()) * 1000)
     where id = $1 and (answer is null or answer ? 'takenUp')
       and coalesce((answer ->> 'takenUp')::float8, extract(epoch from at) * 1000)
         < extract(epoch from clock_timestamp()) * 1000 - $2
     returning ${columns}`,
    [key, diedAfterMs],
  );
  return orphan ? first(orphan) : { state: 'open' };
}

/**
 * Works once more on an act that was answered, under its old `since`; other deliveries wait again. Gives the answer it had;
 * undefined when somebody else was faster.
 */
export async function reopenDelivery(db: Queryable, key: string): Promise<{ readonly value: unknown } | undefined> {
  const [row] = await db.query<{ value: unknown }>(
    `update inbound i set answer = jsonb_build_object('takenUp', extract(epoch from clock_timestamp()) * 1000)
     from (select id, answer from inbound where id = $1 and answer ? 'value' for update) old
     where i.id = old.id returning old.answer -> 'value' as value`,
    [key],
  );
  return row;
}

/** Waits for the answer of a delivery that is being worked on; undefined when it does not come. */
export async function awaitAnswer(db: Queryable, key: string, patienceMs: number): Promise<unknown> {
  const until = Date.now() + patienceMs;
  for (let pause = 50; Date.now() < until; pause = Math.min(pause * 2, 500)) {
    await new Promise((done) => setTimeout(done, pause));
    const answer = await storedAnswer(db, key);
    if (answer) return answer.value;
  }
  return undefined;
}

export const answerDelivery = rememberAnswer;

async function storedAnswer(
  db: Queryable,
  key: string,
): Promise<{ readonly since: number; readonly value: unknown } | undefined> {
  const [row] = await db.query<Row & Record<string, unknown>>(`select ${columns} from inbound where id = $1`, [key]);
  return row?.answer && 'value' in row.answer ? { since: Math.round(row.since), value: row.answer.value } : undefined;
}

function first({ since }: Row): Noted {
  return { state: 'first', since: Math.round(since) };
}
