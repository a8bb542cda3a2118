import type { RequestId } from '../core/runs';
import { days } from '../core/time';
import { jsonb, type Queryable } from './database';
import { claim, claimable, givesBack, type Lease, type LeaseTerms, takesLease, updateHeld } from './leases';
import { statementOf, takingSlot, type Windows, waitOf } from './pace';

/**
 * What keeps one act of a person from being done or answered twice: four memories, each against a different repeat.
 *
 * | memory | one for | protects against | ends |
 * |---|---|---|---|
 * | delivery | an activity id | Teams sends the same activity again: a click gets the answer that the first one got, a message is answered once | a day (message), a minute (click) |
 * | act | person, card, button, attempt of the run | Teams sends a click again under a new id, or somebody presses twice: all share one intent, and a reply is posted once | a minute |
 * | intent | an act, in the transaction that does it | a process dies between commit and answer, or two replicas work on one act: it is done once, and the second one gets the first one's result | a month |
 * | decision | approval and person (primary key) | a person counts twice towards a quorum: by a button and by a typed command, or by two clicks minutes apart | never |
 *
 * A delivery or act is leased by the replica that answers it. If that replica dies, the next delivery takes it up under
 * the same intent; a message is also taken up by the worker of any replica, without waiting for Teams to repeat it.
 */
export type Memory = 'delivery' | 'act';

/** What is known about an activity or act that Teams has delivered, perhaps not for the first time. */
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
  /**
   * Machine time within which the same key is the same activity or act; after it, somebody did the same thing again.
   */
  readonly windowMs: number;
  /** Kept until it is answered. */
  readonly message?: NotedMessage;
}

/** A message, as it waits for its answer. */
export interface NotedMessage {
  readonly activity: unknown;
  /** Messages of one lane are answered in order; decisions among themselves. */
  readonly lane: string;
  readonly person: string;
  /** The class of what it asks for. */
  readonly pace: string;
}

/** Messages of this class wait for none but their own kind. */
const inFront = 'decision';

/** Token of the lease under which a delivery or act is first noted. */
export const firstToken = 1;

/**
 * Tells repeated deliveries of an activity or act from the first. One whose process died counts as the first again,
 * with its original `since`.
 *
 * @throws UserError `DATABASE_SILENT`.
 */
export async function note(db: Queryable, table: Memory, key: string, terms: Noting): Promise<Noted> {
  const keeps =
    terms.message === undefined
      ? { column: '', value: '', values: [] }
      : { column: ', activity, lane, person, pace', value: ', $5, $6, $7, $8', values: columnsOf(terms.message) };
  const [fresh] = await db.query<Row & Record<string, unknown>>(
    `insert into ${table} (id, lease_token, lease_owner, tries, leased_until${keeps.column})
       values ($3, ${firstToken}, $1, 1, clock_timestamp() + $2::float8 * interval '1 ms'${keeps.value})
     on conflict (id) do update set first_at = clock_timestamp(), answered_at = null, answer = null, ${takesLease(table)}
       where ${table}.first_at < clock_timestamp() - $4 * interval '1 ms'
     returning ${columns(table)}`,
    [terms.owner, terms.leaseMs, key, terms.windowMs, ...keeps.values],
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

function columnsOf({ activity, lane, person, pace }: NotedMessage): readonly unknown[] {
  return [jsonb(activity), lane, person, pace];
}

/**
 * Reopens an answered act under its original `since`; other deliveries wait again. Returns its previous answer, or
 * undefined when another delivery was faster.
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

/** Stores the answer; does nothing when another replica has taken it up meanwhile. */
export async function answer(db: Queryable, lease: Lease, value: unknown): Promise<void> {
  const forgets = lease.of === 'delivery' ? 'activity = null,' : '';
  const set = `answered_at = clock_timestamp(), answer = $3, ${forgets} tries = 0, last_error = null, ${givesBack}`;
  await updateHeld(db, lease, set, [jsonb(value ?? null)]);
}

/**
 * Messages that are answered, and of whose answers nothing is kept: one statement. Does nothing about those that another
 * replica has taken up meanwhile.
 */
export async function answerAll(db: Queryable, leases: readonly Lease[]): Promise<void> {
  await db.query(
    `update delivery set answered_at = clock_timestamp(), answer = 'null', activity = null, tries = 0, last_error = null, ${givesBack}
     from unnest($1::text[], $2::bigint[]) as held (held_id, token)
     where id = held_id and lease_token = token and leased_until is not null`,
    [leases.map(({ id }) => id), leases.map(({ token }) => token)],
  );
}

/**
 * A message has an answer that is still to be completed: its lease goes on, and others of its lane need not wait.
 * `posted`: where the answer stands, for whoever completes it. False when another replica has taken it up meanwhile.
 */
export function answerForNow(db: Queryable, lease: Lease, posted: unknown): Promise<boolean> {
  return updateHeld(db, lease, 'answered_at = clock_timestamp(), answer = $3', [jsonb(posted)]);
}

/** Gives a delivery or act back unanswered; nothing when another replica has taken it up meanwhile. */
export async function giveBack(db: Queryable, lease: Lease): Promise<void> {
  await updateHeld(db, lease, givesBack);
}

/** Counting the first one. */
const mostTries = 4;

/**
 * A message that somebody answers, or will take up. After ten minutes nobody expects an answer; a message on which
 * several replicas died is what killed them.
 */
const isOpen = (row: string, below = mostTries) => `${row}.answered_at is null and ${row}.activity is not null
  and ${row}.first_at > clock_timestamp() - interval '10 minutes'
  and (${row}.tries < ${below} or ${row}.leased_until > clock_timestamp())`;

/** An answer whose replica died before completing it. */
const isIncomplete = (row: string) => `${row}.answered_at is not null and ${row}.activity is not null
  and ${row}.first_at > clock_timestamp() - interval '10 minutes' and ${row}.tries < ${mostTries}`;

const isEarlier = (row: string) =>
  `(earlier.first_at, earlier.id) < (${row}.first_at, ${row}.id) and ${isOpen('earlier')}`;

/** What of its lane comes before a message: for a decision, earlier ones alone. */
const before = (row: string) => `from delivery earlier where earlier.lane = ${row}.lane and ${isEarlier(row)}
  and (${row}.pace is distinct from '${inFront}' or earlier.pace = '${inFront}')`;

/** Whether an earlier message of its lane comes first. */
const comesLater = (row: string) => `exists (select ${before(row)})`;

/** Whether a message has to wait: an earlier one of its lane is still to be answered. */
export async function isBehind(db: Queryable, key: string): Promise<boolean> {
  const rows = await db.query(`select 1 from delivery mine where mine.id = $1 and ${comesLater('mine')}`, [key]);
  return rows.length > 0;
}

export interface Standing {
  /** How many messages of its lane come first. */
  readonly ahead: number;
  /** How many earlier ones of its person and class have no answer yet, wherever they were sent. */
  readonly waiting: number;
}

const standing = (key: string) => `select (select count(*) ${before('mine')})::int as ahead,
     (select count(*) from delivery earlier where earlier.person = mine.person and earlier.pace = mine.pace
       and ${isEarlier('mine')})::int as waiting
   from delivery mine where mine.id = ${key}`;

/** Where a message stands; nothing is before one that is unknown. */
export async function standingOf(db: Queryable, key: string): Promise<Standing> {
  const [row] = await db.query<Standing & Record<string, unknown>>(standing('$1'), [key]);
  return row ?? { ahead: 0, waiting: 0 };
}

/** What a person may ask: so many in these windows, which are counted under `slot`, and so many without an answer. */
export interface Admission {
  readonly slot: string;
  readonly windows: Windows;
  readonly mostWaiting: number;
}

export interface Admitted extends Standing {
  /** Milliseconds until its person may ask again; 0: it was taken. Undefined while too many of theirs wait: it does not count. */
  readonly waitMs: number | undefined;
}

/** Where a message stands, and takes its slot among those of its person: one statement. */
export async function admit(db: Queryable, key: string, { slot, windows, mostWaiting }: Admission): Promise<Admitted> {
  const statement = statementOf(windows, 'admission', () => {
    const fits = 'from found where waiting < $4::int';
    return `with found as (select coalesce(ahead, 0) as ahead, coalesce(waiting, 0) as waiting
         from (values (0)) one left join lateral (${standing('$3')}) stands on true),
       slot as (${takingSlot(windows, fits)})
     select ahead, waiting, slot.ms from found left join slot on true`;
  });
  type Row = Standing & { readonly ms: number | null };
  const [row] = await db.query<Row>(statement, [slot, 0, key, mostWaiting]);
  const { ahead, waiting } = row ?? { ahead: 0, waiting: 0 };
  return { ahead, waiting, waitMs: waiting < mostWaiting ? waitOf(row) : undefined };
}

export interface Orphan {
  readonly key: string;
  readonly activity: unknown;
  readonly lease: Lease;
  /** Where its answer stands that is to be completed; null when it has none. */
  readonly posted: unknown;
  /** Several processes have died over it: it is claimed this once more, for its sender to be told. */
  readonly isDeadly: boolean;
}

interface OrphanRow extends Pick<Orphan, 'key' | 'activity' | 'posted'> {
  readonly token: number;
  readonly tries: number;
}

/**
 * Leases the oldest message whose replica died before answering it, a decision before any question, unless an earlier
 * one of its lane comes first.
 */
export async function claimOrphan(db: Queryable, terms: LeaseTerms): Promise<Orphan | undefined> {
  const row = await claim<OrphanRow>(db, 'delivery', terms, {
    // Of this statement's time, which an index takes; the conditions ask the clock, row by row.
    where: `due.first_at > now() - interval '10 minutes'
      and (${isIncomplete('due')} or (${isOpen('due', mostTries + 1)} and not ${comesLater('due')}))`,
    values: [],
    order: `(due.pace is not distinct from '${inFront}') desc, due.first_at`,
    returning: `delivery.id as key, delivery.activity, delivery.lease_token as token, delivery.answer as posted,
      delivery.tries`,
  });
  if (!row) return undefined;
  const { key, activity, token, posted, tries } = row;
  return { key, activity, posted, isDeadly: tries > mostTries, lease: { of: 'delivery', id: key, token } };
}

/** The answer; undefined while it is in progress, and when it is unknown. */
async function answerOf(db: Queryable, table: Memory, key: string): Promise<{ value: unknown } | undefined> {
  const [row] = await db.query<{ value: unknown }>(
    `select answer as value from ${table} where id = $1 and answered_at is not null`,
    [key],
  );
  return row;
}

function first(of: Memory, id: string, { since, token }: Row): Noted {
  return { state: 'first', since: Math.round(since), lease: { of, id, token } };
}

/** The outcome of a person's act. */
export interface Remembered {
  readonly request: RequestId;
  readonly outcome: string;
}

/**
 * Takes an intent, before anything else in its transaction: a second delivery waits here for the first one's commit and
 * gets its result. Undefined: the act is new, and `rememberIntent` must follow in the same transaction.
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

/** A message keeps its id for ever, and Teams repeats it for minutes. */
export const messageWindowMs = days(1);
