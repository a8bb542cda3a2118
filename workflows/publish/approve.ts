import { versionTags } from '../../core/images';
import type { Approval, PublishData } from '../../core/runs';
import { minutes } from '../../core/time';
import { again } from '../engine';
import { cancellable, finish, informational, move, type PlannedContext, type PublishStep, repair } from './kit';

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
  const { plan, run } = context;
  const [selfUpgrading, replaces] = [await upgraders(context), await replaced(context)];
  const data = { selfUpgrading, replaces };
  return { kind: 'ask', rule: plan.rule, ttlMs: plan.approvalTtlMs, channel: run.plan.approvalChannel, data };
}

async function upgraders(context: PlannedContext): Promise<readonly string[] | undefined> {
  const found = await informational(context, () => context.read.selfUpgradingScaleSets(context.plan.target));
  return found?.map((s) => (s.team ? `${s.team}/${s.name}` : s.name));
}

async function replaced(context: PlannedContext): Promise<PublishData['replaces']> {
  const { plan, read } = context;
  const { previousVersion } = plan;
  if (previousVersion === null) return undefined;
  const version = await informational(context, () => read.version(plan.target, previousVersion));
  const machines = await informational(context, () => read.machinesByVersion(plan.target));
  const publishedAt = version?.tags[versionTags.published];
  return {
    ...(machines && { machines: machines.get(previousVersion) ?? 0 }),
    ...(publishedAt && { publishedAt }),
  };
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
