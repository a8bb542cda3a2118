import type { Person } from '../core/access';
import type { Fingerprint } from '../core/images';
import type {
  Approval,
  ApprovalRule,
  ApprovalStatus,
  Decision,
  Missing,
  RequestId,
  SharedTopic,
  Verdict,
  VoidReason,
} from '../core/runs';
import { goldbot } from './audit';
import { askingTopic } from './cards';
import { jsonb, type Queryable, storable } from './database';

/** What runs ask people: approval requests, and the decisions about them. Locked after their run. */

interface ApprovalRow {
  id: RequestId;
  run_id: RequestId;
  plan_hash: string;
  rule: ApprovalRule;
  status: ApprovalStatus;
  asked_at: Date;
  expires_at: Date;
  closed_at: Date | null;
  closed_by: string | null;
  closed_why: string | null;
  change_number: string | null;
  fingerprint: Fingerprint | null;
  void_reason: VoidReason | null;
  card_topic: SharedTopic | null;
  decisions: (Omit<Decision, 'at' | 'turn' | 'inPlaceOf'> & {
    at: string;
    turn: number | null;
    inPlaceOf: Person | null;
  })[];
  unasked: (Omit<Missing, 'since'> & { since: string }) | null;
  deleted_at: Date | null;
}

const approvalColumns = `id, run_id, plan_hash, rule, status, asked_at, expires_at, closed_at, closed_by, closed_why,
  change_number, fingerprint, void_reason, card_topic,
  (select coalesce(jsonb_agg(jsonb_build_object('oid', d.oid, 'name', d.name, 'verdict', d.verdict, 'reason', d.reason,
    'via', d.via, 'at', d.at, 'turn', d.turn,
    'inPlaceOf', case when d.for_oid is not null then jsonb_build_object('oid', d.for_oid, 'name', d.for_name) end) order by d.seq), '[]') from decision d where d.approval_id = approval.id) as decisions,
  (select jsonb_build_object('why', c.missing_why, 'channel', approval.channel, 'since', c.missing_at) from card c
    where c.topic = ${askingTopic} and coalesce(c.conversation_name, c.conversation_id) = approval.channel
      and approval.status in ('pending', 'expired') and c.activity_id is null and c.missing_why is not null limit 1) as unasked,
  (select max(c.deleted_at) from card c where c.topic = ${askingTopic}) as deleted_at`;

export async function selectApprovals(
  db: Queryable,
  tail: string,
  values: readonly unknown[] = [],
): Promise<Approval[]> {
  const rows = await db.query<ApprovalRow>(`select ${approvalColumns} from approval ${tail}`, values);
  return rows.map((row) => ({
    id: row.id,
    runId: row.run_id,
    planHash: row.plan_hash,
    rule: row.rule,
    status: row.status,
    askedAt: row.asked_at,
    expiresAt: row.expires_at,
    decisions: row.decisions.map(({ turn, at, inPlaceOf, ...d }) => ({
      ...{ ...d, at: new Date(at) },
      ...(turn && { turn }),
      ...(inPlaceOf && { inPlaceOf }),
    })),
    ...(row.closed_at && { closed: closedOf(row, row.closed_at) }),
    ...(row.change_number !== null && { changeNumber: row.change_number }),
    ...(row.fingerprint && { fingerprint: row.fingerprint }),
    ...(row.void_reason && { voided: row.void_reason }),
    ...(row.deleted_at && { deletedAt: row.deleted_at }),
    ...(row.card_topic && { sharedCard: row.card_topic }),
    ...(row.unasked && { unasked: { ...row.unasked, since: new Date(row.unasked.since) } }),
  }));
}

function closedOf({ closed_by, closed_why }: ApprovalRow, at: Date): NonNullable<Approval['closed']> {
  return { at, by: closed_by ?? goldbot.name, ...(closed_why !== null && { why: closed_why }) };
}

export async function findApproval(db: Queryable, id: RequestId): Promise<Approval | undefined> {
  return (await selectApprovals(db, 'where id = $1', [id]))[0];
}

/** Oldest first; those already expired by world time are left out. */
export function pendingApprovals(db: Queryable, now: Date): Promise<Approval[]> {
  return selectApprovals(db, `where status = 'pending' and expires_at > $1 order by asked_at, seq`, [now]);
}

export async function newestApproval(db: Queryable, runId: RequestId): Promise<Approval | undefined> {
  return (await selectApprovals(db, 'where run_id = $1 order by seq desc limit 1', [runId]))[0];
}

/** To be locked after the run, before signals and cards. */
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
  readonly changeNumber?: string | undefined;
  readonly fingerprint?: Fingerprint | undefined;
  readonly sharedCard?: SharedTopic | undefined;
}

export async function insertApproval(tx: Queryable, a: NewApproval): Promise<void> {
  await tx.query(
    `insert into approval (id, run_id, plan_hash, rule, channel, status, asked_at, expires_at, fingerprint, card_topic,
       change_number)
     values ($1, $2, $3, $4, $5, 'pending', $6, $7, $8, $9, $10)`,
    [
      ...[a.id, a.runId, a.planHash, jsonb(a.rule), a.channel, a.askedAt, a.expiresAt],
      a.fingerprint ? jsonb(a.fingerprint) : null,
      a.sharedCard ?? null,
      a.changeNumber === undefined ? null : storable(a.changeNumber),
    ],
  );
}

/** Sets the number of the change under which a request is approved. */
export async function setChangeNumber(tx: Queryable, approval: RequestId, number: string): Promise<void> {
  await tx.query('update approval set change_number = $2 where id = $1', [approval, storable(number)]);
}

/** Names the channel in which the group is asked whose turn it is now. */
/** For the group whose turn it is now. World time. */
export async function setExpiry(tx: Queryable, approval: RequestId, expiresAt: Date): Promise<void> {
  await tx.query('update approval set expires_at = $2 where id = $1', [approval, expiresAt]);
}

export async function setAskingChannel(tx: Queryable, approval: RequestId, channel: string): Promise<void> {
  await tx.query('update approval set channel = $2 where id = $1', [approval, channel]);
}

export interface Closing {
  readonly status: Exclude<ApprovalStatus, 'pending'>;
  readonly at: Date;
  /** Name of the person or `goldbot`. */
  readonly by: string;
  readonly why?: string | undefined;
}

/** A request that does not stand any more, and what it was about. */
export type Closed = Pick<Approval, 'id' | 'planHash' | 'fingerprint'>;

const closedColumns = 'id, plan_hash, fingerprint';
const asClosed = ({ id, plan_hash, fingerprint }: Pick<ApprovalRow, 'id' | 'plan_hash' | 'fingerprint'>): Closed => ({
  id,
  planHash: plan_hash,
  ...(fingerprint && { fingerprint }),
});

/** Closes a run's pending approval request and returns what was closed. A run has at most one pending. */
export async function closePending(tx: Queryable, runId: RequestId, closing: Closing): Promise<Closed[]> {
  const rows = await tx.query<Pick<ApprovalRow, 'id' | 'plan_hash' | 'fingerprint'>>(
    `update approval set status = $2, closed_at = $3, closed_by = $4, closed_why = $5
     where run_id = $1 and status = 'pending' returning ${closedColumns}`,
    [runId, closing.status, closing.at, storable(closing.by), closing.why === undefined ? null : storable(closing.why)],
  );
  return rows.map(asClosed);
}

/**
 * Voids the run's newest request, be it open or approved, because of what goldbot found. Undefined: the newest was closed
 * otherwise.
 */
export async function voidNewest(
  tx: Queryable,
  runId: RequestId,
  closing: { readonly reason: VoidReason; readonly at: Date; readonly by: string },
): Promise<Closed | undefined> {
  const [row] = await tx.query<Pick<ApprovalRow, 'id' | 'plan_hash' | 'fingerprint'>>(
    `update approval set status = 'void', void_reason = $2, closed_at = $3, closed_by = $4
     where run_id = $1 and status in ('pending', 'approved')
       and seq = (select max(newest.seq) from approval newest where newest.run_id = $1)
     returning ${closedColumns}`,
    [runId, jsonb(closing.reason), closing.at, storable(closing.by)],
  );
  return row && asClosed(row);
}

export interface NewDecision {
  readonly oid: string;
  readonly name: string;
  readonly verdict: Verdict;
  readonly reason: string | null;
  readonly via: string;
  /** World time. */
  readonly at: Date;
  /** For which of the rule's groups it counts, from 0. */
  readonly turn: number;
  /** Whose place it takes; absent: the person's own. */
  readonly inPlaceOf?: Person | undefined;
}

/** One decision per person; a rejection replaces the approval of the same person. */
export async function writeDecision(tx: Queryable, approval: RequestId, d: NewDecision): Promise<void> {
  await tx.query(
    `insert into decision (approval_id, oid, name, verdict, reason, via, at, turn, for_oid, for_name)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     on conflict (approval_id, oid) do update set verdict = excluded.verdict, reason = excluded.reason,
       via = excluded.via, at = excluded.at, name = excluded.name, turn = excluded.turn, for_oid = excluded.for_oid,
       for_name = excluded.for_name`,
    [
      ...[approval, d.oid, storable(d.name), d.verdict, d.reason === null ? null : storable(d.reason), d.via, d.at],
      ...[d.turn, d.inPlaceOf?.oid ?? null, d.inPlaceOf ? storable(d.inPlaceOf.name) : null],
    ],
  );
}

/** True when the person had decided before. */
export async function dropDecision(tx: Queryable, approval: RequestId, oid: string): Promise<boolean> {
  const rows = await tx.query('delete from decision where approval_id = $1 and oid = $2 returning oid', [
    approval,
    oid,
  ]);
  return rows.length > 0;
}
