import type { Person } from '../access';
import type { RequestId } from './ids';

/** Who may decide about a run, and how many it takes. */
export interface ApprovalRule {
  /** Entra group (object id). */
  readonly group: string;
  readonly groupName: string;
  /** Deciders needed to approve; one rejection is enough to reject. */
  readonly quorum: number;
}

export type ApprovalStatus = 'pending' | 'approved' | 'rejected' | 'expired' | 'withdrawn' | 'void';
export type Verdict = 'approve' | 'reject';

export interface Decision extends Person {
  readonly verdict: Verdict;
  readonly reason: string | null;
  /** `button` or `text`. */
  readonly via: string;
  /** World time. */
  readonly at: Date;
}

/** One asking: its id is bound to one plan hash; asking again makes a new one. */
export interface Approval {
  readonly id: RequestId;
  readonly runId: RequestId;
  readonly planHash: string;
  readonly rule: ApprovalRule;
  readonly status: ApprovalStatus;
  /** World time. */
  readonly askedAt: Date;
  readonly expiresAt: Date;
  readonly decisions: readonly Decision[];
}

/** What the decisions so far come to. `members` are the deciders who are still in the group. */
export function tally(
  rule: ApprovalRule,
  decisions: readonly Pick<Decision, 'oid' | 'verdict'>[],
  members: ReadonlySet<string>,
): 'pending' | 'approved' | 'rejected' {
  const valid = decisions.filter((d) => members.has(d.oid));
  if (valid.some((d) => d.verdict === 'reject')) return 'rejected';
  const approvers = new Set(valid.map((d) => d.oid));
  return approvers.size >= rule.quorum ? 'approved' : 'pending';
}
