import {
  type ApprovalFacts,
  type ApprovalView,
  approvalCard,
  approvalDecidedCard,
  type DecidedStatus,
  type DecisionView,
  noticeCard,
  type Reply,
  statusButton,
} from '../../cards';
import type { Approval, FixedPlan, PublishRun } from '../../core/runs';
import { baseName, requesterOf, retiringWarning, staysLatest } from './run';

/** An open approval request as a card with its buttons. Its facts come from the plan that it is bound to. */
export function presentApproval(approval: Approval, run: PublishRun): Reply {
  return approvalCard(approvalView(approval, run));
}

export function approvalView(approval: Approval, run: PublishRun): ApprovalView {
  const warnings = warningsOf(run);
  return {
    ...approvalFacts(approval, run),
    until: approval.expiresAt,
    group: approval.rule.groupName,
    quorum: approval.rule.quorum,
    decisions: decisionViews(approval),
    ...(warnings.length > 0 && { warnings }),
  };
}

export function decisionViews(approval: Approval): readonly DecisionView[] {
  return approval.decisions.map(({ name, verdict, at, reason }) => ({
    name,
    verdict,
    at,
    ...(reason !== null && { reason }),
  }));
}

/** @throws Error when the run has no plan: an approval without one is a bug. */
export function approvalFacts(approval: Approval, run: PublishRun): ApprovalFacts {
  const { fixed } = run.plan;
  if (!fixed) throw new Error(`${approval.id} asks about ${run.id}, which has no plan`);
  const tests = run.data.tests ?? [];
  const elapsedMs = testTime(run);
  const latest = staysLatest(fixed);
  return {
    id: approval.id,
    runId: run.id,
    hash: approval.planHash,
    image: fixed.image,
    version: fixed.version,
    askedBy: requesterOf(run),
    base: {
      name: baseName(fixed.base),
      version: fixed.base.version,
      ...(fixed.previousBase !== null && { was: fixed.previousBase }),
    },
    changed: { highlights: [], recipe: recipeChange(fixed) },
    goesTo: fixed.regions,
    tests: {
      passed: tests.filter((t) => t.passed).length,
      total: tests.length,
      ...(elapsedMs !== undefined && { elapsedMs }),
    },
    ...(fixed.previousVersion !== null && { replaces: { version: fixed.previousVersion, ...run.data.replaces } }),
    ...(latest !== undefined && { staysLatest: latest }),
    ...(fixed.endOfLife !== null && { endOfLife: fixed.endOfLife }),
    ...(run.data.selfUpgrading && latest === undefined && { selfUpgrading: run.data.selfUpgrading }),
  };
}

/** In words, because "recipe unchanged" must never be said of something that was not compared. */
export function recipeChange(plan: FixedPlan): readonly string[] {
  if (plan.previousVersion === null) return ['the first of its image'];
  if (plan.previousRecipeHash === null) return [`not comparable: ${plan.previousVersion} has no tattoo`];
  return plan.previousRecipeHash === plan.recipeHash ? [] : [`changed since ${plan.previousVersion}`];
}

function warningsOf(run: PublishRun): readonly string[] {
  const { newerBase } = run.data;
  const retiring = run.plan.fixed ? retiringWarning(run.plan.fixed) : undefined;
  return [
    ...(retiring ? [retiring] : []),
    ...(newerBase ? [`The marketplace has a newer base: ${newerBase}.`] : []),
    ...(run.attempt > 1 ? [`This is attempt ${run.attempt}.`] : []),
  ];
}

function testTime(run: PublishRun): number | undefined {
  const time = (run.data.times ?? []).filter((t) => t.stage === 'test' && t.attempt === run.attempt).at(-1);
  return time?.to === undefined ? undefined : new Date(time.to).getTime() - new Date(time.from).getTime();
}

/** What became of an approval request: still open (more deciders are needed), or decided, withdrawn, expired, void. */
export function presentPublishApproval(approval: Approval, run: PublishRun, now: Date): Reply {
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

/** A request may have expired by world time before the run wakes up and closes it. */
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
    details: [...decisions, `The run ${run.id} has since gone on with another plan.`],
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
