import type { Actor, ActorDid, Outcome, RequestId, Run, RunKind } from '../core/runs';
import type { Queryable } from './database';
import { jsonb, storable } from './json';

/** A run with what only the engine needs. */
export type LeasedRun = Run & { readonly leaseToken: number; readonly signalSeq: number };

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
  last_error: string | null;
  created_at: Date;
  ended_at: Date | null;
  outcome: Outcome | null;
  actors: Actor[];
}

const actors = `(select coalesce(jsonb_agg(jsonb_build_object('oid', a.oid, 'name', a.name, 'did', a.did) order by a.at, a.oid), '[]')
  from run_actor a where a.run_id = run.id) as actors`;
export const runColumns = `id, kind, subject, plan, plan_hash, stages, stage, attempt, data, due_at, lease_token,
  signal_seq, version, tries, last_error, created_at, ended_at, outcome, ${actors}`;

export function toRun(row: RunRow): LeasedRun {
  const { plan_hash, due_at, lease_token, signal_seq, last_error, created_at, ended_at, ...same } = row;
  const run = {
    ...same,
    planHash: plan_hash,
    dueAt: due_at,
    leaseToken: lease_token,
    signalSeq: signal_seq,
    lastError: last_error,
    createdAt: created_at,
    endedAt: ended_at,
  };
  // Plan and data are what the workflow of this kind wrote: here alone they get their types back.
  return run as LeasedRun;
}

export async function selectRuns(db: Queryable, tail: string, values: readonly unknown[] = []): Promise<LeasedRun[]> {
  return (await db.query<RunRow>(`select ${runColumns} from run ${tail}`, values)).map(toRun);
}

export async function findRun(db: Queryable, id: RequestId): Promise<LeasedRun | undefined> {
  return (await selectRuns(db, 'where id = $1', [id]))[0];
}

/** First in the order of locks: run → approval → signal, card → audit head. */
export async function lockRun(tx: Queryable, id: RequestId): Promise<LeasedRun | undefined> {
  // Two statements: the actors must be read after the lock is had.
  await tx.query('select 1 from run where id = $1 for update', [id]);
  return findRun(tx, id);
}

export async function lockOpenRun(tx: Queryable, kind: RunKind, subject: string): Promise<LeasedRun | undefined> {
  const [row] = await tx.query<{ id: RequestId }>(
    'select id from run where kind = $1 and subject = $2 and ended_at is null for update',
    [kind, subject],
  );
  return row && findRun(tx, row.id);
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
}

/** False when a run of this kind and subject is open, or one with this `dedupe` ever was. */
export async function insertRun(tx: Queryable, run: NewRun): Promise<boolean> {
  const rows = await tx.query(
    `insert into run (id, kind, subject, plan, stages, stage, due_at, created_at, dedupe)
     values ($1, $2, $3, $4, $5, $6, $7, $7, $8) on conflict do nothing returning id`,
    [run.id, run.kind, run.subject, jsonb(run.plan), run.stages, run.stage, run.now, run.dedupe ?? null],
  );
  return rows.length > 0;
}

export interface NewActor {
  readonly oid: string;
  readonly name: string;
  readonly did: ActorDid;
  readonly now: Date;
}

/** False when the person was an actor before; what they did first stands. */
export async function addActor(tx: Queryable, runId: RequestId, { oid, name, did, now }: NewActor): Promise<boolean> {
  const rows = await tx.query(
    'insert into run_actor (run_id, oid, name, did, at) values ($1, $2, $3, $4, $5) on conflict do nothing returning oid',
    [runId, oid, storable(name), did, now],
  );
  return rows.length > 0;
}
