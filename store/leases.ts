import type { Outcome, RequestId } from '../core/runs';
import type { Queryable } from './database';
import { jsonb, storable } from './json';
import { type LeasedRun, runColumns, toRun } from './runs';

export interface Claim {
  readonly owner: string;
  /** Machine time. */
  readonly leaseMs: number;
  /** World time. */
  readonly now: Date;
  /** Names of stages that this replica has code for; runs that list others are left to newer or older replicas. */
  readonly known: readonly string[];
  readonly kinds: readonly string[];
}

/** A lease that ran out: its holder died, froze or hung. Otherwise it would have been given back. */
export const interrupted = 'The replica that had the run stopped in mid-step.';

/** Leases the run that is due longest; undefined when none is due or all are taken. Counts a try until the next commit. */
export async function claimRun(tx: Queryable, claim: Claim): Promise<LeasedRun | undefined> {
  const [row] = await tx.query<Parameters<typeof toRun>[0]>(
    `update run set lease_token = lease_token + 1, lease_owner = $1, tries = tries + 1,
       last_error = case when lease_until is null then last_error else $6 end,
       lease_until = clock_timestamp() + $2 * interval '1 ms'
     where id = (
       select id from run where ended_at is null and due_at <= $3 and not_before <= clock_timestamp()
         and (lease_until is null or lease_until < clock_timestamp()) and stages <@ $4 and kind = any ($5)
       order by due_at limit 1 for update skip locked)
     returning ${runColumns}`,
    [claim.owner, claim.leaseMs, claim.now, claim.known, claim.kinds, interrupted],
  );
  return row && toRun(row);
}

export interface Lease {
  readonly id: RequestId;
  readonly token: number;
}

/** False when the lease went to somebody else or the run has ended. */
export async function renewLease(db: Queryable, lease: Lease, leaseMs: number): Promise<boolean> {
  const rows = await db.query(
    `update run set lease_until = clock_timestamp() + $3 * interval '1 ms'
     where id = $1 and lease_token = $2 and lease_until is not null and ended_at is null returning id`,
    [lease.id, lease.token, leaseMs],
  );
  return rows.length > 0;
}

/** Locks the run if the lease's token is still the newest; undefined: another replica has the run, forget the step. */
export async function lockLeased(tx: Queryable, lease: Lease): Promise<LeasedRun | undefined> {
  const held = await tx.query(
    'select 1 from run where id = $1 and lease_token = $2 and lease_until is not null and ended_at is null for update',
    [lease.id, lease.token],
  );
  if (held.length === 0) return undefined;
  const rows = await tx.query<Parameters<typeof toRun>[0]>(`select ${runColumns} from run where id = $1`, [lease.id]);
  return rows[0] && toRun(rows[0]);
}

/** The row after a step that worked out. */
export interface StepResult {
  readonly plan: unknown;
  readonly planHash: string | null;
  readonly stage: string;
  readonly attempt: number;
  readonly data: unknown;
  /** World time. */
  readonly dueAt: Date;
  /** Machine time that must pass besides. */
  readonly pauseMs: number;
  readonly endedAt: Date | null;
  readonly outcome: Outcome | null;
}

/** Writes the step and gives the lease back. */
export async function writeStep(tx: Queryable, id: RequestId, step: StepResult): Promise<void> {
  await tx.query(
    `update run set plan = $2, plan_hash = $3, stage = $4, attempt = $5, data = $6, due_at = $7, ended_at = $8,
       outcome = $9, version = version + 1, tries = 0, last_error = null,
       not_before = clock_timestamp() + $10 * interval '1 ms', lease_until = null, lease_owner = null
     where id = $1`,
    [
      id,
      jsonb(step.plan),
      step.planHash,
      step.stage,
      step.attempt,
      jsonb(step.data),
      step.dueAt,
      step.endedAt,
      step.outcome,
      step.pauseMs,
    ],
  );
}

/** The step is forgotten and looked at anew at once: a signal came that it did not know of. */
export async function restartStep(tx: Queryable, id: RequestId, now: Date): Promise<void> {
  await tx.query(
    `update run set due_at = least(due_at, $2), tries = 0, not_before = '-infinity', lease_until = null,
       lease_owner = null where id = $1`,
    [id, now],
  );
}

export interface StepFailure {
  readonly error: string;
  /** Machine time. */
  readonly retryMs: number;
  readonly tries: number;
}

/** The run is left to whoever claims it after the back-off. */
export async function writeFailure(tx: Queryable, id: RequestId, failure: StepFailure): Promise<void> {
  await tx.query(
    `update run set last_error = $2, not_before = clock_timestamp() + $3 * interval '1 ms', tries = $4,
       lease_until = null, lease_owner = null where id = $1`,
    [id, storable(failure.error), failure.retryMs, failure.tries],
  );
}
