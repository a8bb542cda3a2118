import type { Approval, ApprovalRule, ApprovalStatus, Decision, RequestId, Verdict } from '../core/runs';
import { jsonb, type Queryable, storable } from './database';

interface ApprovalRow {
  id: RequestId;
  run_id: RequestId;
  plan_hash: string;
  rule: ApprovalRule;
  status: ApprovalStatus;
  asked_at: Date;
  expires_at: Date;
  decisions: (Omit<Decision, 'at'> & { at: string })[];
}

const columns = `id, run_id, plan_hash, rule, status, asked_at, expires_at,
  (select coalesce(jsonb_agg(jsonb_build_object('oid', d.oid, 'name', d.name, 'verdict', d.verdict, 'reason', d.reason,
    'via', d.via, 'at', d.at) order by d.seq), '[]') from decision d where d.approval_id = approval.id) as decisions`;

export async function selectApprovals(
  db: Queryable,
  tail: string,
  values: readonly unknown[] = [],
): Promise<Approval[]> {
  const rows = await db.query<ApprovalRow>(`select ${columns} from approval ${tail}`, values);
  return rows.map((row) => ({
    id: row.id,
    runId: row.run_id,
    planHash: row.plan_hash,
    rule: row.rule,
    status: row.status,
    askedAt: row.asked_at,
    expiresAt: row.expires_at,
    decisions: row.decisions.map((d) => ({ ...d, at: new Date(d.at) })),
  }));
}

export async function findApproval(db: Queryable, id: RequestId): Promise<Approval | undefined> {
  return (await selectApprovals(db, 'where id = $1', [id]))[0];
}

export async function newestApproval(db: Queryable, runId: RequestId): Promise<Approval | undefined> {
  return (await selectApprovals(db, 'where run_id = $1 order by seq desc limit 1', [runId]))[0];
}

/** After the run, before signals and cards. */
export async function lockApproval(tx: Queryable, id: RequestId): Promise<Approval | undefined> {
  await tx.query('select 1 from approval where id = $1 for update', [id]);
  return findApproval(tx, id);
}

export interface NewApproval {
  readonly id: RequestId;
  readonly runId: RequestId;
  readonly planHash: string;
  readonly rule: ApprovalRule;
  readonly channel: string;
  /** World time. */
  readonly askedAt: Date;
  readonly expiresAt: Date;
}

export async function insertApproval(tx: Queryable, a: NewApproval): Promise<void> {
  await tx.query(
    `insert into approval (id, run_id, plan_hash, rule, channel, status, asked_at, expires_at)
     values ($1, $2, $3, $4, $5, 'pending', $6, $7)`,
    [a.id, a.runId, a.planHash, jsonb(a.rule), a.channel, a.askedAt, a.expiresAt],
  );
}

export interface Closing {
  readonly status: Exclude<ApprovalStatus, 'pending'>;
  readonly at: Date;
  /** Name of the person or `goldbot`. */
  readonly by: string;
}

/** Closes what is pending of a run; gives the closed ids. A run has one pending approval at the most. */
export async function closePending(tx: Queryable, runId: RequestId, closing: Closing): Promise<RequestId[]> {
  const rows = await tx.query<{ id: RequestId }>(
    `update approval set status = $2, closed_at = $3, closed_by = $4 where run_id = $1 and status = 'pending'
     returning id`,
    [runId, closing.status, closing.at, storable(closing.by)],
  );
  return rows.map((row) => row.id);
}

export interface NewDecision {
  readonly oid: string;
  readonly name: string;
  readonly verdict: Verdict;
  readonly reason: string | null;
  readonly via: string;
  /** World time. */
  readonly at: Date;
}

/** One decision per person; a rejection replaces the approval of the same person. */
export async function writeDecision(tx: Queryable, approval: RequestId, d: NewDecision): Promise<void> {
  await tx.query(
    `insert into decision (approval_id, oid, name, verdict, reason, via, at) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (approval_id, oid) do update set verdict = excluded.verdict, reason = excluded.reason,
       via = excluded.via, at = excluded.at, name = excluded.name`,
    [approval, d.oid, storable(d.name), d.verdict, d.reason === null ? null : storable(d.reason), d.via, d.at],
  );
}

/** True when the person had decided. */
export async function dropDecision(tx: Queryable, approval: RequestId, oid: string): Promise<boolean> {
  const rows = await tx.query('delete from decision where approval_id = $1 and oid = $2 returning oid', [
    approval,
    oid,
  ]);
  return rows.length > 0;
}
