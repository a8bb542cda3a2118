import type { Catalogue } from '../../core/catalogue';
import { selfUpgradingSets } from '../../core/compliance';
import { canonical } from '../../core/hash';
import {
  type BaseNews,
  baseNews,
  type Difference,
  type Fingerprint,
  fingerprintOf,
  readBase,
  versionTags,
} from '../../core/images';
import { risksOf, sharedCardOf } from '../../core/requests';
import {
  type Approval,
  type ApprovalRule,
  type Failure,
  guardChanges,
  lapsesAt,
  longestOpenMs,
  type PublishData,
  ruleFor,
  stageAfter,
  type VoidReason,
  whyExpired,
} from '../../core/runs';
import { days } from '../../core/time';
import { awaitDeciders, lookAtDeciders, opening } from '../engine';
import { changed, changesSince, gone, publishedBy } from './candidate';
import { compared } from './contents';
import {
  cancellable,
  type DataPatch,
  finish,
  informational,
  move,
  needsRepair,
  type PlannedContext,
  type PublishDeps,
  type PublishLimit,
  type PublishStep,
  repairAfter,
} from './stage';

const approveLimit: PublishLimit = {
  ...repairAfter({
    waitsFor: 'the approvers',
    ms: days(1),
    plus: {
      what: "the approval request's time to live",
      ms: ({ plan: { fixed } }) => (fixed ? longestOpenMs(fixed.rule, fixed.approvalTtlMs) : 0),
    },
  }),
  afterwards:
    'An open request expires at its own time, and the run with it; that of a schedule is asked again until two weeks after its day. If nobody could be asked, the run needs repair.',
  past: async (context, late) =>
    context.approval?.status === 'pending' ? undefined : repairAfter(approveLimit).past(context, late),
};

const approveTerms = { limit: approveLimit, takes: ['withdraw', 'decided'], waits: true } as const;

/** Asks, and waits for people. The request is bound to the plan's hash; an approval of another plan does not count. */
export const approve = (deps: AskDeps) => cancellable('approve', approveTerms, (context) => approved(context, deps));

type AskDeps = Pick<PublishDeps, 'deciders' | 'catalogue' | 'contents' | 'publishedBefore'>;

async function approved(context: PlannedContext, deps: AskDeps): Promise<PublishStep> {
  const { approval, run } = context;
  const { deciders } = deps;
  if (!approval || approval.planHash !== run.planHash) return ask(context, deps);
  const voids = whyAnew(approval, context);
  if (voids) return ask(context, deps, voids);
  switch (approval.status) {
    case 'pending': {
      const waits = await awaitDeciders(run, approval, { decidersOf: deciders, now: context.now });
      return { kind: 'again', ...waits, data: { ...waits.data, ...(await isPublished(context)) } };
    }
    case 'approved': {
      const news = await untold(context);
      if (news) return ask(context, deps, { why: 'base', news });
      return move(context, stageAfter('approve', run), { approvalId: approval.id });
    }
    case 'rejected':
      return rejected(context, approval);
    case 'expired':
      return isStillWanted(context)
        ? ask(context, deps)
        : finish(context, { outcome: 'expired', why: whyExpired(approval) });
    case 'withdrawn':
    case 'void':
      return needsRepair(context, notDecided(approval));
  }
}

/** Published while its request is open: the database is older than that. Whoever refuses or cancels is told that it stays so. */
async function isPublished(context: PlannedContext): Promise<DataPatch> {
  const { read, plan, run } = context;
  const candidate = await informational(context, () => read.version(plan.target, plan.version));
  return candidate && publishedBy(run.id, candidate) ? { exposed: true } : {};
}

/** What has become of the base meanwhile; undefined when nothing has, or Azure does not tell. It stops nothing by itself. */
function newsOfBase(context: PlannedContext): Promise<BaseNews | undefined> {
  const { read, plan, now } = context;
  const { base, place } = plan;
  return informational(context, async () =>
    baseNews(base, base.version, await readBase(read, place, base, base.version), now),
  );
}

/** Of that, what those who have decided did not read on their card. */
export async function untold(context: PlannedContext): Promise<BaseNews | undefined> {
  const news = await newsOfBase(context);
  return news && canonical(news) !== canonical(context.data.baseNews ?? null) ? news : undefined;
}

/** For so long after its day people are asked again and again about a scheduled version. */
const scheduledPatience = days(14);

/** A month does not go without a version because nobody was there for three days; a person asks again when it suits. */
function isStillWanted({ run, now }: PlannedContext): boolean {
  const { schedule } = run.plan;
  return (
    schedule !== undefined && now.getTime() < Date.parse(schedule.readyBy ?? schedule.expectedAt) + scheduledPatience
  );
}

/** A request that cannot be used although its plan is still the one: it is asked anew, and its card says why. */
export function whyAnew(approval: Approval, { now }: PlannedContext): VoidReason | undefined {
  const { status, fingerprint } = approval;
  if (status !== 'pending' && status !== 'approved') return undefined;
  if (!fingerprint) return { why: 'unbound' };
  return status === 'approved' && lapsesAt(approval) <= now ? { why: 'outlived' } : undefined;
}

/** Asks about what was tested: if that is not in the gallery any more, there is nothing to ask about. */
async function ask(context: PlannedContext, deps: AskDeps, voids?: VoidReason): Promise<PublishStep> {
  const { deciders, catalogue } = deps;
  const { plan, run, data, read, now } = context;
  const candidate = await read.version(plan.target, plan.version);
  if (!candidate) return needsRepair(context, gone(context, 'approve'));
  const changes = changesSince(data.tested, candidate);
  if (changes.length > 0) return lost(context, 'approve', changes);
  const fingerprint = fingerprintOf(candidate);
  const [selfUpgrading, replaces] = [await upgraders(context, catalogue()), await replaced(context)];
  const contents = await compared(context, deps);
  const news = voids?.why === 'base' ? voids.news : await newsOfBase(context);
  const { rule, guard } = await judged(context, deps, { contents, baseNews: news, selfUpgrading, fingerprint });
  const { lookMs, data: who } = await lookAtDeciders(run, opening(rule, plan.approvalTtlMs, now), {
    ...{ decidersOf: deciders, now },
  });
  return {
    ...{ kind: 'ask', rule, ttlMs: plan.approvalTtlMs, channel: run.plan.approvalChannel, fingerprint },
    sharedCard: sharedCardOf(run),
    changeNumber: run.plan.request.changeNumber,
    ...(voids && { voids }),
    lookMs,
    data: { selfUpgrading, replaces, contents, baseNews: news, tested: fingerprint, guard, ...who },
  };
}

/** How many must approve this very version, and what stands guard over it otherwise than over the one before. */
async function judged(
  { plan, run }: PlannedContext,
  { publishedBefore }: AskDeps,
  { fingerprint, ...found }: DataPatch & { readonly fingerprint: Fingerprint },
): Promise<{ readonly rule: ApprovalRule; readonly guard: readonly string[] | undefined }> {
  const before = plan.previousVersion === null ? undefined : await publishedBefore(plan.image, plan.previousVersion);
  const known = Object.fromEntries(
    Object.entries({ ...run.data, ...found }).filter(([, value]) => value !== undefined),
  );
  const asked = { approval: { fingerprint, rule: plan.rule }, fixed: plan, before: before?.fixed, rejected: [] };
  const rule = ruleFor(plan.rule, risksOf({ ...asked, run: { ...run, data: known } }));
  const changes = before ? guardChanges(before.fixed, plan) : [];
  return { rule, guard: changes.length > 0 ? changes : undefined };
}

/** What was asked about is not there any more: its request does not stand, whatever was decided. */
export function lost(
  context: PlannedContext,
  stage: 'approve' | 'replicate' | 'publish',
  found: readonly Difference[],
): PublishStep {
  const failure = changed(context, stage, found);
  const hid = context.data.hidden ? 'It was latest meanwhile; goldbot has excluded it. ' : '';
  const step = needsRepair(context, { ...failure, remedy: `${hid}${failure.remedy}` });
  return { ...step, voids: { why: 'changed', differences: found } };
}

function upgraders(context: PlannedContext, catalogue: Catalogue): Promise<readonly string[] | undefined> {
  return informational(context, () => selfUpgradingSets(context.read, catalogue, context.plan.target));
}

async function replaced(context: PlannedContext): Promise<PublishData['replaces']> {
  const { plan, read } = context;
  const { previousVersion } = plan;
  if (previousVersion === null) return undefined;
  const version = await informational(context, () => read.version(plan.target, previousVersion));
  const { definition, ...gallery } = plan.target;
  const counted = await informational(context, () => read.machinesByVersion(gallery));
  const machines = counted && (counted.get(definition.toLowerCase()) ?? new Map<string, number>());
  const publishedAt = version?.tags[versionTags.published];
  return {
    ...(machines && { machines: machines.get(previousVersion) ?? 0 }),
    ...(publishedAt && { publishedAt }),
  };
}

/** It closed without a decision: somebody took it back, or it does not stand any more. */
function notDecided({ id, status, closed }: Approval): Failure {
  const isWithdrawn = status === 'withdrawn';
  return {
    stage: 'approve',
    what: isWithdrawn ? `${id} withdrawn by ${closed?.by ?? 'its requester'}` : `${id} void`,
    error: isWithdrawn ? (closed?.why ?? 'no reason given') : `The approval request ${id} does not stand any more.`,
    tail: [],
    remedy: 'Rebuild to ask again with a new version, or cancel.',
  };
}

function rejected(context: PlannedContext, approval: Approval): PublishStep {
  const decision = approval.decisions.find((d) => d.verdict === 'reject');
  return needsRepair(context, {
    stage: 'approve',
    what: `${approval.id} rejected by ${decision?.name ?? 'an approver'}`,
    error: decision?.reason ?? 'no reason given',
    tail: [],
    remedy: 'Fix what was named, then rebuild.',
  });
}
