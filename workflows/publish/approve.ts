import type { Approval } from '../../core/approval';
import type { PublishData } from '../../core/publish';
import { versionTags } from '../../core/tattoo';
import { again, minutes } from '../stage';
import { cancellable, finish, move, type PlannedContext, type PublishStep, repair } from './kit';

/** Longest wait between two looks at an open approval; clicks and expiry wake the run earlier. */
const longestWaitMs = minutes(6 * 60);

/** Asks, and waits for people. The approval is bound to the plan's hash; one of another plan counts for nothing. */
export const approve = cancellable('approve', { takes: ['withdraw', 'decided'], waits: true }, async (context) => {
  const { approval, run } = context;
  if (!approval || approval.planHash !== run.planHash) return ask(context);
  switch (approval.status) {
    case 'pending':
      return again(Math.min(Math.max(approval.expiresAt.getTime() - context.now.getTime(), 0), longestWaitMs));
    case 'approved':
      return move(context, 'publish', { approvalId: approval.id });
    case 'rejected':
      return rejected(context, approval);
    case 'expired':
      return finish(context, { outcome: 'expired', why: 'nobody decided in time' });
    case 'withdrawn':
    case 'void':
      return repair(context, {
        stage: 'approve',
        what: 'the approval',
        error: `The asking ${approval.id} was ${approval.status === 'void' ? 'voided' : 'withdrawn'}.`,
        tail: [],
        remedy: 'Rebuild to ask again with a new version, or cancel.',
      });
  }
});

async function ask(context: PlannedContext): Promise<PublishStep> {
  const { plan, looks, run } = context;
  const scaleSets = await looks.selfUpgradingScaleSets(plan.target);
  const selfUpgrading = scaleSets.map((s) => (s.team ? `${s.team}/${s.name}` : s.name));
  const data = { selfUpgrading, replaces: await replaced(context) };
  return { kind: 'ask', rule: plan.rule, ttlMs: plan.approvalTtlMs, channel: run.plan.approvalChannel, data };
}

async function replaced({ plan, looks }: PlannedContext): Promise<PublishData['replaces']> {
  if (plan.previousVersion === null) return undefined;
  const [version, machines] = await Promise.all([
    looks.version(plan.target, plan.previousVersion),
    looks.machinesByVersion(plan.target),
  ]);
  const publishedAt = version?.tags[versionTags.published];
  return { machines: machines.get(plan.previousVersion) ?? 0, ...(publishedAt && { publishedAt }) };
}

function rejected(context: PlannedContext, approval: Approval): PublishStep {
  const decision = approval.decisions.find((d) => d.verdict === 'reject');
  return repair(context, {
    stage: 'approve',
    what: `${approval.id} rejected by ${decision?.name ?? 'an approver'}`,
    error: decision?.reason ?? 'no reason given',
    tail: [],
    remedy: 'Mend what was named, then rebuild.',
  });
}
