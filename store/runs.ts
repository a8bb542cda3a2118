import {
  type Actor,
  type ActorDid,
  type ChangeRun,
  type InStage,
  newRequestId,
  type Outcome,
  type RequestId,
  type Run,
  type RunKind,
  type Signal,
} from '../core/runs';
import { type Database, jsonb, type Queryable, storable } from './database';
import { claim, claimable, givesBack, type Lease, type LeaseTerms, lockHeld } from './leases';

/** Runs, their actors, what people tell them (signals), and the ids of runs and of their approval requests. */

/** A run with what only the engine needs. */
export type LeasedRun = Run & {
  readonly lease: Lease;
  readonly signalSeq: number;
  /** Steps that failed in a row; unlike `tries`, not those over which a replica died. */
  readonly failures: number;
  /** Where it was started, as a `traceparent`. */
  readonly trace: string | null;
};

/** `InStage` with the stage that a run was last seen in; times are ISO 8601. */
interface Entered {
  readonly stage: string;
  readonly attempt: number;
  readonly since: string;
  readonly limit?: Omit<NonNullable<InStage['limit']>, 'until'> & { readonly until: string };
}

interface RunRow {
  id: RequestId;
  kind: RunKind;
  subject: string;
  plan: unknown;
  plan_hash: string | null;
  stages: string[];
  stage: string;
  attempt: number;
  data: unknown;
  due_at: Date;
  lease_token: number;
  signal_seq: number;
  version: number;
  tries: number;
  failures: number;
  last_error: string | null;
  failing_since: Date | null;
  entered: Entered | null;
  trace: string | null;
  created_at: Date;
  ended_at: Date | null;
  outcome: Outcome | null;
  cleared_at: Date | null;
  actors: Actor[];
}

const actors = `(select coalesce(jsonb_agg(jsonb_build_object('oid', a.oid, 'name', a.name, 'did', a.did) order by a.at, a.oid), '[]')
  from run_actor a where a.run_id = run.id) as actors`;
const runColumns = `id, kind, subject, plan, plan_hash, stages, stage, attempt, data, due_at, lease_token,
  signal_seq, version, tries, failures, last_error, failing_since, entered, trace, created_at, ended_at, outcome, cleared_at, ${actors}`;

function toRun(row: RunRow): LeasedRun {
  const { plan_hash, due_at, lease_token, signal_seq, last_error, created_at, ended_at, ...rest } = row;
  const { failing_since, entered, cleared_at, ...same } = rest;
  const run = {
    ...same,
    planHash: plan_hash,
    dueAt: due_at,
    lease: { of: 'run', id: row.id, token: lease_token },
    signalSeq: signal_seq,
    lastError: last_error,
    failingSince: failing_since,
    inStage: entered && inStageOf(entered, row),
    createdAt: created_at,
    endedAt: ended_at,
    ...(cleared_at && { clearedAt: cleared_at }),
  };
  // Plan and data are what the workflow of this kind wrote: only here do they get their types back.
  return run as LeasedRun;
}

/** What a replica of the version before did not keep up to date is about another stage. */
function inStageOf({ since, limit, ...of }: Entered, { stage, attempt }: RunRow): InStage | null {
  if (of.stage !== stage || of.attempt !== attempt) return null;
  return { since: new Date(since), ...(limit && { limit: { ...limit, until: new Date(limit.until) } }) };
}

export async function selectRuns(db: Queryable, tail: string, values: readonly unknown[] = []): Promise<LeasedRun[]> {
  return (await db.query<RunRow>(`select ${runColumns} from run ${tail}`, values)).map(toRun);
}

/** Open changes that wait for the day that people agreed to, or for the review of what was broken. */
export async function standingChanges(db: Queryable): Promise<ChangeRun[]> {
  const runs = await selectRuns(
    db,
    `where kind = 'change' and ended_at is null and stage in ('review', 'wait') order by created_at, id`,
  );
  return runs.flatMap((run) => (run.kind === 'change' ? [run] : []));
}

/** Every open change. */
export async function openChanges(db: Queryable): Promise<ChangeRun[]> {
  const runs = await selectRuns(db, `where kind = 'change' and ended_at is null order by created_at, id`);
  return runs.flatMap((run) => (run.kind === 'change' ? [run] : []));
}

export async function findRun(db: Queryable, id: RequestId): Promise<LeasedRun | undefined> {
  return (await selectRuns(db, 'where id = $1', [id]))[0];
}

/** First in the order of locks: run → approval → signal, card → audit head. */
export async function lockRun(tx: Queryable, id: RequestId): Promise<LeasedRun | undefined> {
  // Two statements: the actors must be read once the lock is held.
  await tx.query('select 1 from run where id = $1 for update', [id]);
  return findRun(tx, id);
}

/** Of the open run that the same wish joins, as the index `run_open` has it: a change that looks on or is reviewed holds up nobody. */
const isUnderWay = `ended_at is null and not (kind = 'change' and stage in ('track', 'review', 'close'))`;

export async function lockOpenRun(tx: Queryable, kind: RunKind, subject: string): Promise<LeasedRun | undefined> {
  const [row] = await tx.query<{ id: RequestId }>(
    `select id from run where kind = $1 and subject = $2 and ${isUnderWay} for update`,
    [kind, subject],
  );
  return row && findRun(tx, row.id);
}

/** Other changes of the subject that only look on, and those that this one has superseded; oldest first. */
export async function changesBeside(
  db: Queryable,
  { id, subject }: { readonly id: RequestId; readonly subject: string },
): Promise<ChangeRun[]> {
  const runs = await selectRuns(
    db,
    `where kind = 'change' and subject = $1 and id <> $2
       and ((stage = 'track' and ended_at is null) or data -> 'ending' ->> 'supersededBy' = $2)
     order by created_at, id`,
    [subject, id],
  );
  return runs.flatMap((run) => (run.kind === 'change' ? [run] : []));
}

export async function findOpenRun(db: Queryable, kind: RunKind, subject: string): Promise<LeasedRun | undefined> {
  return (await selectRuns(db, `where kind = $1 and subject = $2 and ${isUnderWay}`, [kind, subject]))[0];
}

export interface NewRun {
  readonly id: RequestId;
  readonly kind: RunKind;
  readonly subject: string;
  readonly plan: unknown;
  readonly stages: readonly string[];
  readonly stage: string;
  /** World time. */
  readonly now: Date;
  /** At most one run ever has it, open or ended. */
  readonly dedupe?: string;
  /** Where it is started, as a `traceparent`; its steps are linked to it. */
  readonly trace?: string | undefined;
}

/** False when a run of this kind and subject is under way, or one with this `dedupe` ever was. */
export async function insertRun(tx: Queryable, run: NewRun): Promise<boolean> {
  const rows = await tx.query(
    `insert into run (id, kind, subject, plan, stages, stage, due_at, created_at, dedupe, trace)
     values ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9) on conflict do nothing returning id`,
    [
      run.id,
      run.kind,
      run.subject,
      jsonb(run.plan),
      run.stages,
      run.stage,
      run.now,
      run.dedupe ?? null,
      run.trace ?? null,
    ],
  );
  return rows.length > 0;
}

export interface NewActor {
  readonly oid: string;
  readonly name: string;
  readonly did: ActorDid;
  readonly now: Date;
}

/** False when the person was an actor already; what they did first stands. */
export async function addActor(tx: Queryable, runId: RequestId, { oid, name, did, now }: NewActor): Promise<boolean> {
  const rows = await tx.query(
    'insert into run_actor (run_id, oid, name, did, at) values ($1, $2, $3, $4, $5) on conflict do nothing returning oid',
    [runId, oid, storable(name), did, now],
  );
  return rows.length > 0;
}

export interface RunClaim extends LeaseTerms {
  /** World time. */
  readonly now: Date;
  /** Names of stages that this replica has code for; runs that list others are left to newer or older replicas. */
  readonly known: readonly string[];
  readonly kinds: readonly string[];
}

/** Its parameters: what time it is, and the stages and kinds that this replica knows. */
const dueRun = ([now, known, kinds]: readonly [string, string, string]): string =>
  `due.ended_at is null and due.due_at <= ${now} and due.stages <@ ${known} and due.kind = any (${kinds})`;

/** Whether `claimRun` may find one: most looks find none, and this is one statement where a transaction is three. */
export async function isRunDue(
  db: Queryable,
  { now, known, kinds }: Omit<RunClaim, keyof LeaseTerms>,
): Promise<boolean> {
  const rows = await db.query(
    `select 1 from run due where ${claimable('due')} and ${dueRun(['$1', '$2', '$3'])} limit 1`,
    [now, known, kinds],
  );
  return rows.length > 0;
}

/** Leases the run that has been due longest; undefined when none is due or all are taken. */
export async function claimRun(
  tx: Queryable,
  { now, known, kinds, ...terms }: RunClaim,
): Promise<LeasedRun | undefined> {
  const row = await claim<RunRow>(tx, 'run', terms, {
    where: dueRun(['$3', '$4', '$5']),
    values: [now, known, kinds],
    order: 'due.due_at',
    returning: runColumns,
  });
  return row && toRun(row);
}

/** The run's first step in this stage and attempt begins. Time in which no replica ran does not count. */
export async function enterStage(tx: Queryable, { id, stage, attempt }: LeasedRun, inStage: InStage): Promise<void> {
  await tx.query('update run set entered = $2 where id = $1', [id, jsonb({ stage, attempt, ...inStage })]);
}

/** Locks the run if the lease's token is still the newest; undefined: another replica has the run, discard the step. */
export async function lockLeased(tx: Queryable, run: Pick<LeasedRun, 'id' | 'lease'>): Promise<LeasedRun | undefined> {
  return (await lockHeld(tx, run.lease)) ? findRun(tx, run.id) : undefined;
}

/** The row after a step that succeeded. */
export interface StepResult {
  readonly plan: unknown;
  readonly planHash: string | null;
  readonly stage: string;
  readonly attempt: number;
  readonly data: unknown;
  /** World time. */
  readonly dueAt: Date;
  /** Machine time that must also pass. */
  readonly pauseMs: number;
  readonly endedAt: Date | null;
  readonly outcome: Outcome | null;
}

/**
 * Writes the step and gives the lease back. A run that goes where its list did not lead lists that stage from now on, so
 * that replicas without code for it leave the run alone.
 */
export async function writeStep(tx: Queryable, id: RequestId, step: StepResult): Promise<void> {
  await tx.query(
    `update run set plan = $2, plan_hash = $3, stage = $4, attempt = $5, data = $6, due_at = $7, ended_at = $8,
       stages = case when $4 = any (stages) then stages else array_append(stages, $4) end,
       outcome = $9, version = version + 1, tries = 0, failures = 0, last_error = null, failing_since = null,
       not_before = clock_timestamp() + $10 * interval '1 ms', ${givesBack}
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

/** Discards the step and makes the run due again at once: a signal came that the step had not seen. */
export async function restartStep(tx: Queryable, id: RequestId, now: Date): Promise<void> {
  await tx.query(
    `update run set due_at = least(due_at, $2), tries = 0, failures = 0, not_before = '-infinity', ${givesBack} where id = $1`,
    [id, now],
  );
}

export interface StepFailure {
  readonly error: string;
  /** Machine time. */
  readonly retryMs: number;
  readonly tries: number;
  readonly failures: number;
  /** World time; null when it says nothing about the run. */
  readonly at: Date | null;
}

/** The run is left to whoever claims it after the back-off. */
export async function writeFailure(tx: Queryable, id: RequestId, failure: StepFailure): Promise<void> {
  await tx.query(
    `update run set last_error = $2, not_before = clock_timestamp() + $3 * interval '1 ms', tries = $4, failures = $5,
       failing_since = coalesce(failing_since, $6), ${givesBack}
     where id = $1`,
    [id, storable(failure.error), failure.retryMs, failure.tries, failure.failures, failure.at],
  );
}

export interface NewSignal extends Signal {
  /** Where it was said, as a `traceparent`. */
  readonly trace?: string | undefined;
}

export interface StoredSignal extends Signal {
  readonly id: number;
  readonly trace?: string;
}

/** Call under the run's lock. The run is due at once, whatever it was waiting for; a step in flight will notice. */
export async function insertSignal(tx: Queryable, runId: RequestId, signal: NewSignal): Promise<void> {
  await tx.query(
    `insert into signal (run_id, kind, by_oid, by_name, body, at, trace) values ($1, $2, $3, $4, $5, $6, $7)`,
    [runId, signal.kind, signal.by.oid, storable(signal.by.name), jsonb(signal.body), signal.at, signal.trace ?? null],
  );
  await wakeRun(tx, runId, signal.at);
}

/** Call under the run's lock: what it waits for has changed, so it looks at once. A step in flight will notice. */
export async function wakeRun(tx: Queryable, runId: RequestId, now: Date): Promise<void> {
  await tx.query(
    `update run set signal_seq = signal_seq + 1, due_at = least(due_at, $2), not_before = '-infinity' where id = $1`,
    [runId, now],
  );
}

/** Has an open run look at once, in a transaction of its own. Safe to repeat. */
export function wakeOpenRun(database: Database, runId: RequestId, now: Date): Promise<void> {
  return database.transaction(async (tx) => {
    const run = await lockRun(tx, runId);
    if (run && !run.endedAt) await wakeRun(tx, runId, now);
  });
}

/** Oldest first. */
export async function openSignals(tx: Queryable, runId: RequestId): Promise<StoredSignal[]> {
  const rows = await tx.query<{
    id: number;
    kind: Signal['kind'];
    by_oid: string;
    by_name: string;
    body: Signal['body'];
    at: Date;
    trace: string | null;
  }>(
    'select id, kind, by_oid, by_name, body, at, trace from signal where run_id = $1 and consumed_version is null order by id',
    [runId],
  );
  return rows.map(({ by_oid, by_name, trace, ...same }) => ({
    ...same,
    by: { oid: by_oid, name: by_name },
    ...(trace !== null && { trace }),
  }));
}

export async function consumeSignals(tx: Queryable, ids: readonly number[], version: number): Promise<void> {
  if (ids.length === 0) return;
  await tx.query('update signal set consumed_version = $2 where id = any ($1::bigint[])', [ids, version]);
}

/** Where the run was started that has this id, or an approval request with it, as a `traceparent`. */
export async function traceOf(db: Queryable, id: RequestId): Promise<string | undefined> {
  const [row] = await db.query<{ trace: string | null }>(
    `select trace from run where id = $1
     union all select run.trace from approval join run on run.id = approval.run_id where approval.id = $1`,
    [id],
  );
  return row?.trace ?? undefined;
}

export type RequestKind = 'run' | 'approval';

/** A new id that no run and no approval ever had. */
export async function takeRequestId(tx: Queryable, kind: RequestKind): Promise<RequestId> {
  for (;;) {
    const id = newRequestId();
    const taken = await tx.query('insert into request (id, kind) values ($1, $2) on conflict do nothing returning id', [
      id,
      kind,
    ]);
    if (taken.length > 0) return id;
  }
}

export async function requestKind(db: Queryable, id: RequestId): Promise<RequestKind | undefined> {
  const [row] = await db.query<{ kind: RequestKind }>('select kind from request where id = $1', [id]);
  return row?.kind;
}

/** For an id that turned out not to be needed, in the transaction that took it. */
export async function dropRequestId(tx: Queryable, id: RequestId): Promise<void> {
  await tx.query('delete from request where id = $1', [id]);
}
