import { approvalDecidedCard, type DecidedStatus, noticeCard, type Reply, statusButton } from '../../cards';
import type { Approval, PublishRun } from '../../core/runs';
import { approvalFacts, decisionViews, presentApproval } from './approval';

/** What came of an asking: still open (more deciders are needed), or decided, withdrawn, expired, void. */
export function presentOutcome(approval: Approval, run: PublishRun, now: Date): Reply {
  const status = statusAt(approval, now);
  const bound = run.plan.fixed !== null && run.planHash === approval.planHash;
  if (!bound) return otherPlan(approval, run, status);
  if (status === 'pending') return presentApproval(approval, run);
  return approvalDecidedCard({
    ...approvalFacts(approval, run),
    status,
    decisions: decisionViews(approval),
    at: closedAt(approval, run, status) ?? now,
  });
}

/** World time outruns an asking before anybody looks at it again. */
export function statusAt(approval: Approval, now: Date): 'pending' | DecidedStatus {
  return approval.status === 'pending' && approval.expiresAt <= now ? 'expired' : approval.status;
}

/** Its plan is gone: the run went on with another one, and only what was decided is still known. */
function otherPlan(approval: Approval, run: PublishRun, status: 'pending' | DecidedStatus): Reply {
  const decisions = approval.decisions.map(({ name, verdict, reason }) => {
    const said = verdict === 'approve' ? 'approved' : 'rejected';
    return reason ? `${name} ${said}: ${reason}` : `${name} ${said}`;
  });
  const word = status === 'pending' ? 'void' : status;
  return noticeCard({
    message: `${approval.id} is ${word}: ${run.subject}`,
    details: [...decisions, `The run ${run.id} went on with another plan since.`],
    buttons: [statusButton(run.id, 'Show the run')],
  });
}

/** When it closed: by a decision, by its expiry, or when the run left the stage. */
function closedAt(approval: Approval, run: PublishRun, status: DecidedStatus): Date | undefined {
  if (status === 'expired') return approval.expiresAt;
  if (status === 'approved' || status === 'rejected') return approval.decisions.at(-1)?.at;
  const left = (run.data.times ?? []).filter((t) => t.stage === 'approve' && t.to !== undefined).at(-1)?.to;
  return left === undefined ? undefined : new Date(left);
}
