import type { RequestId } from '../core/runs';
import { jsonb, type Queryable } from './database';
import { claim, claimable, givesBack, type Lease, type LeaseTerms, takesLease, updateHeld } from './leases';

/**
 * What keeps one act of a person from being done or answered twice. Four memories, each against something else:
 *
 * | memory | one for | protects against | ends |
 * |---|---|---|---|
 * | delivery | an activity id | Teams sends the same activity again: it gets the answer that the first one got, and a message one answer | a day (message), a minute (click) |
 * | act | person, card, button, attempt of the run | Teams sends a click again under a new id, or somebody presses twice: all share one intent, and what is posted is posted once | a minute |
 * | intent | an act, in the transaction that does it | a process dies between commit and answer, or two replicas work on one act: it is done once, and the second one gets what came of it | a month |
 * | decision | approval and person (primary key) | a person counts twice towards a quorum: by a button and by a typed command, or by two clicks minutes apart | never |
 *
 * A delivery or act is leased by the replica that answers it; when that died over it, the next delivery takes it up under
 * the intent that it had.
 */
export type Memory = 'delivery' | 'act';

/** What is known about an activity or act that Teams tells us of, perhaps not for the first time. */
export type Noted =
  /** `since` is the same for all deliveries of one act: milliseconds of the database's clock. */
  | { readonly state: 'first'; readonly since: number; readonly lease: Lease }
  /** Being worked on. */
  | { readonly state: 'open' }
  | { readonly state: 'answered'; readonly answer: unknown };

interface Row {
  readonly since: number;
  readonly token: number;
}

const sinceColumn = (table: Memory) => `(extract(epoch from ${table}.first_at) * 1000)::float8 as since`;
const columns = (table: Memory) => `${sinceColumn(table)}, ${table}.lease_token as token`;

export interface Noting extends LeaseTerms {
  /** Machine time within which the same key is the same activity or act; after it, somebody did the same thing again. */
  readonly windowMs: number;
}

/**
 * Tells deliveries of one activity or act from the first. One whose process died over it is a first one once more, with
 * its old `since`.
 *
 * @throws UserError `DATABASE_SILENT`.
 */
export async function note(db: Queryable, table: Memory, key: string, terms: Noting): Promise<Noted> {
  const [fresh] = await db.query<Row & Record<string, unknown>>(
    `insert into ${table} (id, lease_token, lease_owner, tries, leased_until)
       values ($3, 1, $1, 1, clock_timestamp() + $2::float8 * interval '1 ms')
     on conflict (id) do update set first_at = clock_timestamp(), answered_at = null, answer = null, ${takesLease(table)}
       where ${table}.first_at < clock_timestamp() - $4 * interval '1 ms'
     returning ${columns(table)}`,
    [terms.owner, terms.leaseMs, key, terms.windowMs],
  );
  if (fresh) return first(table, key, fresh);
  const answered = await answerOf(db, table, key);
  if (answered) return { state: 'answered', answer: answered.value };
  const orphan = await claim<Row>(db, table, terms, {
    where: 'due.id = $3 and due.answered_at is null',
    values: [key],
    returning: columns(table),
  });
  return orphan ? first(table, key, orphan) : { state: 'open' };
}

/**
 * Works once more on an act that was answered, under its old `since`; other deliveries wait again. Gives the answer it had;
 * undefined when somebody else was faster.
 */
export async function reopenAct(
  db: Queryable,
  key: string,
  { owner, leaseMs }: LeaseTerms,
): Promise<{ readonly since: number; readonly lease: Lease; readonly value: unknown } | undefined> {
  const [row] = await db.query<Row & { value: unknown }>(
    `update act set answered_at = null, ${takesLease('act')}
     where id = $3 and answered_at is not null and ${claimable('act')} returning ${columns('act')}, answer as value`,
    [owner, leaseMs, key],
  );
  return row && { since: Math.round(row.since), lease: { of: 'act', id: key, token: row.token }, value: row.value };
}

/** Remembers what it was answered with; nothing when another replica has taken it up meanwhile. */
export async function answer(db: Queryable, lease: Lease, value: unknown): Promise<void> {
  const set = `answered_at = clock_timestamp(), answer = $3, tries = 0, last_error = null, ${givesBack}`;
  await updateHeld(db, lease, set, [jsonb(value ?? null)]);
}

/** The answer; undefined while it is being worked on, and when nobody was told of it. */
export async function answerOf(db: Queryable, table: Memory, key: string): Promise<{ value: unknown } | undefined> {
  const [row] = await db.query<{ value: unknown }>(
    `select answer as value from ${table} where id = $1 and answered_at is not null`,
    [key],
  );
  return row;
}

function first(of: Memory, id: string, { since, token }: Row): Noted {
  return { state: 'first', since: Math.round(since), lease: { of, id, token } };
}

/** What came of an act of a person. */
export interface Remembered {
  readonly request: RequestId;
  readonly outcome: string;
}

/**
 * Takes an intent, first of all in its transaction: a second delivery waits here for the first one's commit and gets what
 * came of it. Undefined: the act is new, and `rememberIntent` must follow in the same transaction.
 */
export async function takeIntent(tx: Queryable, key: string): Promise<Remembered | undefined> {
  const fresh = await tx.query('insert into intent (key) values ($1) on conflict do nothing returning key', [key]);
  if (fresh.length > 0) return undefined;
  const [row] = await tx.query<{ request: RequestId; outcome: string }>(
    'select request, outcome from intent where key = $1',
    [key],
  );
  return row;
}

export async function rememberIntent(tx: Queryable, key: string, remembered: Remembered): Promise<void> {
  await tx.query('update intent set request = $2, outcome = $3 where key = $1', [
    key,
    remembered.request,
    remembered.outcome,
  ]);
}

const dayMs = 24 * 3_600_000;
/** A message has one id for ever, and Teams repeats for minutes. */
export const messageWindowMs = dayMs;

/**
 * Deletes what only tells repeats and floods apart and is too old for that, by machine time: what came of an old act is in
 * the audit; a bucket that nobody touched for a day is full, and a thread free. Idempotent.
 */
export async function sweepOld(db: Queryable): Promise<void> {
  const older = async (table: string, column: string, ms: number) => {
    await db.query(`delete from ${table} where ${column} < clock_timestamp() - $1 * interval '1 ms'`, [ms]);
  };
  await older('delivery', 'first_at', messageWindowMs);
  await older('act', 'first_at', dayMs);
  await older('intent', 'machine_at', 30 * dayMs);
  await older('bucket', 'at', dayMs);
  await older('thread_pace', 'touched_at', dayMs);
}
