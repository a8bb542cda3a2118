import { needsALookAfter } from '../core/runs';
import { minutes, seconds } from '../core/time';
import type { Queryable } from './database';

/**
 * The one lease. Everything that replicas work on is a row with the same six columns, whatever its table: `lease_token`
 * counts the holders, `lease_owner` names the current one, `leased_until` is when its lease ends; `tries` counts the
 * claims since the last success, `last_error` says how the last one failed, `not_before` is when to try again. All
 * times are machine time by the database's clock. A holder that lost its lease learns so from the token, and discards
 * its work; `whileHeld` (holding.ts) is how every holder renews its lease.
 */
export type LeasedTable =
  | 'run'
  | 'card'
  | 'counting'
  | 'delivery'
  | 'act'
  | 'leftover'
  | 'base'
  | 'certificate'
  | 'ending'
  | 'webhook'
  | 'notice';

/** A row that this replica may work on until somebody else has its token. */
export interface Lease {
  readonly of: LeasedTable;
  readonly id: string | number;
  readonly token: number;
}

export interface LeaseTerms {
  /** Names the replica; for people only. */
  readonly owner: string;
  readonly leaseMs: number;
}

/** The error of a lease that ran out: its holder died, froze or hung, or it would have given the lease back. */
export const interrupted = 'The replica that was working on this stopped in mid-step.';

/** The error of a row over which one replica after the other dies: it rests, so that they can do other work. */
export const interruptedOften =
  'The replica that was working on this stopped in mid-step, several times in a row; goldbot waits longer before each new attempt.';

/** The conditions under which a row (by its table's name or alias) may be claimed. */
export const claimable = (row: string): string =>
  `${row}.not_before <= clock_timestamp() and (${row}.leased_until is null or ${row}.leased_until < clock_timestamp())`;

/**
 * The condition under which a row is not left to rest. What kills the process that works on it would take one replica
 * after the other, and with them everybody's work; nobody is left to give it back with a pause. So it stays with its last
 * holder beyond the lease: for as long as it took to notice the death, then twice as long each time, ten minutes at most.
 * Half of that is its own, by its id: else what happened to be in the same hands would come back together with it, and
 * die with it again. One death after failures that could be told is none of these. Runs rest by themselves (step.ts in
 * workflows/engine): what somebody says to one is heard at once.
 */
const rested = (row: string): string =>
  `(${row}.tries <= ${needsALookAfter} or ${row}.leased_until is null
     or ${row}.last_error is distinct from '${interrupted}' and ${row}.last_error is distinct from '${interruptedOften}'
     or ${row}.leased_until < clock_timestamp() - least(interval '5 minutes',
       interval '25 seconds' * 2 ^ least(${row}.tries - ${needsALookAfter + 1}, 10))
       * (1 + (hashtext(${row}.id::text || ${row}.tries) & 1023) / 1024.0))`;

/** The error of a row whose lease ran out; `interrupted` alone of a run, whose rest says the other. */
const errorOf = (table: LeasedTable): string =>
  table === 'run'
    ? `'${interrupted}'`
    : `case when ${table}.tries > ${needsALookAfter} then '${interruptedOften}' else '${interrupted}' end`;

/**
 * Sets the lease in an `update` or `on conflict`; `$1` is the owner, `$2` the milliseconds. Counts as a try until the
 * work succeeds.
 */
export const takesLease = (table: LeasedTable): string =>
  `lease_token = ${table}.lease_token + 1, lease_owner = $1, tries = ${table}.tries + 1,
   leased_until = clock_timestamp() + $2::float8 * interval '1 ms',
   last_error = case when ${table}.leased_until is null then ${table}.last_error else ${errorOf(table)} end`;

/** Gives the lease back in an `update`. */
export const givesBack = 'leased_until = null, lease_owner = null';

export interface Due {
  /** What makes a row (called `due`) due besides the lease; its parameters begin with `$3`. */
  readonly where: string;
  readonly values: readonly unknown[];
  readonly order?: string;
  readonly returning: string;
}

/** Leases the first row that is due and free; undefined when there is none or others have them all. One statement. */
export async function claim<Row extends object>(
  tx: Queryable,
  table: LeasedTable,
  { owner, leaseMs }: LeaseTerms,
  due: Due,
): Promise<Row | undefined> {
  const isFree = table === 'run' ? claimable('due') : `${claimable('due')} and ${rested('due')}`;
  const [row] = await tx.query<Row & Record<string, unknown>>(
    `update ${table} set ${takesLease(table)}
     where id = (select due.id from ${table} due where ${isFree} and (${due.where})
       ${due.order === undefined ? '' : `order by ${due.order}`} limit 1 for update of due skip locked)
     returning ${due.returning}`,
    [owner, leaseMs, ...due.values],
  );
  return row;
}

/** False when the lease has been taken over or given back. */
export async function renewLease(db: Queryable, lease: Lease, leaseMs: number): Promise<boolean> {
  return updateHeld(db, lease, `leased_until = clock_timestamp() + $3::float8 * interval '1 ms'`, [leaseMs]);
}

/** Locks the row if this lease is still the current one. */
export async function lockHeld(tx: Queryable, { of, id, token }: Lease): Promise<boolean> {
  const rows = await tx.query(
    `select 1 from ${of} where id = $1 and lease_token = $2 and leased_until is not null for update`,
    [id, token],
  );
  return rows.length > 0;
}

/**
 * Changes a row as its holder (parameters of `set` begin with `$3`); false when another replica holds it: discard the
 * step.
 */
export async function updateHeld(
  db: Queryable,
  { of, id, token }: Lease,
  set: string,
  values: readonly unknown[] = [],
): Promise<boolean> {
  const rows = await db.query(
    `update ${of} set ${set} where id = $1 and lease_token = $2 and leased_until is not null returning id`,
    [id, token, ...values],
  );
  return rows.length > 0;
}

/** Machine time to wait after `tries` failures in a row: 1, 2, 4 … seconds, at most ten minutes. */
export function backOffMs(tries: number, { firstMs = seconds(1), mostMs = minutes(10) } = {}): number {
  return Math.min(firstMs * 2 ** Math.min(Math.max(tries - 1, 0), 20), mostMs);
}
