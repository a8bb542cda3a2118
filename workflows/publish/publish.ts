import type { GalleryVersion, VersionChange } from '../../core/azure';
import { regionKey } from '../../core/azure-id';
import type { Catalogue } from '../../core/catalogue';
import { selfUpgradingSets } from '../../core/compliance';
import {
  compareVersions,
  type Difference,
  fingerprintOf,
  latestPublished,
  unmet,
  versionTags,
} from '../../core/images';
import {
  type Approval,
  type Failure,
  lapsesAt,
  type PublishData,
  planHash,
  type VoidReason,
  whyExpired,
} from '../../core/runs';
import { days, hours, seconds } from '../../core/time';
import { again, atOnce, lookAtDeciders } from '../engine';
import { changed, changesSince, ensure, gone, isStep, notMade } from './candidate';
import {
  cancellable,
  committed,
  type DataPatch,
  finish,
  informational,
  move,
  needsRepair,
  orRepair,
  type PlannedContext,
  type PublishDeps,
  type PublishLimit,
  type PublishStep,
  repairAfter,
  tooLong,
  waited,
  waiting,
  waits,
} from './stage';

const approveLimit: PublishLimit = {
  ...repairAfter({
    waitsFor: 'the approvers',
    ms: days(1),
    plus: { what: "the approval request's time to live", ms: ({ plan }) => plan.fixed?.approvalTtlMs ?? 0 },
  }),
  afterwards:
    'An open request expires at its own time, and the run with it; if nobody could be asked, the run needs repair.',
  past: async (context, late) =>
    context.approval?.status === 'pending' ? undefined : repairAfter(approveLimit).past(context, late),
};

const approveTerms = { limit: approveLimit, takes: ['withdraw', 'decided'], waits: true } as const;

/** Asks, and waits for people. The request is bound to the plan's hash; an approval of another plan does not count. */
export const approve = (deps: AskDeps) => cancellable('approve', approveTerms, (context) => approved(context, deps));

type AskDeps = Pick<PublishDeps, 'deciders' | 'catalogue'>;

async function approved(context: PlannedContext, deps: AskDeps): Promise<PublishStep> {
  const { approval, run } = context;
  const { deciders } = deps;
  if (!approval || approval.planHash !== run.planHash) return ask(context, deps);
  const voids = whyAnew(approval, context);
  if (voids) return ask(context, deps, voids);
  switch (approval.status) {
    case 'pending': {
      const { lookMs, data } = await lookAtDeciders(run, approval.rule, deciders);
      return again(Math.min(Math.max(approval.expiresAt.getTime() - context.now.getTime(), 0), lookMs), data);
    }
    case 'approved':
      return move(context, 'publish', { approvalId: approval.id });
    case 'rejected':
      return rejected(context, approval);
    case 'expired':
      return finish(context, { outcome: 'expired', why: whyExpired(approval) });
    case 'withdrawn':
    case 'void':
      return needsRepair(context, notDecided(approval));
  }
}

/** A request that cannot be used although its plan is still the one: it is asked anew, and its card says why. */
function whyAnew(approval: Approval, { now }: PlannedContext): VoidReason | undefined {
  const { status, fingerprint } = approval;
  if (status !== 'pending' && status !== 'approved') return undefined;
  if (!fingerprint) return { why: 'unbound' };
  return status === 'approved' && lapsesAt(approval) <= now ? { why: 'outlived' } : undefined;
}

/** Asks about what was tested: if that is not in the gallery any more, there is nothing to ask about. */
async function ask(
  context: PlannedContext,
  { deciders, catalogue }: AskDeps,
  voids?: VoidReason,
): Promise<PublishStep> {
  const { plan, run, data, read } = context;
  const candidate = await read.version(plan.target, plan.version);
  if (!candidate) return needsRepair(context, gone(context, 'approve'));
  const changes = changesSince(data.tested, candidate);
  if (changes.length > 0) return lost(context, 'approve', changes);
  const fingerprint = fingerprintOf(candidate);
  const [selfUpgrading, replaces] = [await upgraders(context, catalogue()), await replaced(context)];
  const { lookMs, data: who } = await lookAtDeciders(run, plan.rule, deciders);
  return {
    ...{ kind: 'ask', rule: plan.rule, ttlMs: plan.approvalTtlMs, channel: run.plan.approvalChannel, fingerprint },
    ...(voids && { voids }),
    lookMs,
    data: { selfUpgrading, replaces, tested: fingerprint, ...who },
  };
}

/** What was asked about is not there any more: its request does not stand, whatever was decided. */
function lost(context: PlannedContext, stage: 'approve' | 'publish', found: readonly Difference[]): PublishStep {
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
  const machines = await informational(context, () => read.machinesByVersion(plan.target));
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

/** What was put in the candidate's place is what “latest” means at once, unless whoever did it excluded it. */
async function hideThenLose(
  context: PlannedContext,
  candidate: GalleryVersion,
  found: readonly Difference[],
): Promise<PublishStep> {
  const { plan, data, write } = context;
  if (candidate.excludedFromLatest || data.hidden) return lost(context, 'publish', found);
  const progress = `${plan.version} is not what was tested: goldbot hides it from latest`;
  const isBusy = candidate.provisioningState !== 'Succeeded' && candidate.provisioningState !== 'Failed';
  if (isBusy && waited(context, 'hide') <= waits.hiding.ms) {
    return again(seconds(20), { ...waiting(context, 'hide'), progress });
  }
  await write.updateVersion(plan.target, plan.version, { excludedFromLatest: true });
  return again(seconds(20), { hidden: true, progress });
}

const deleted: VoidReason = { why: 'changed', differences: [{ part: 'the version', was: 'in the gallery' }] };

const publishLimit = repairAfter(
  { waitsFor: 'the gallery to publish the version', ms: days(1) },
  'Look at the version in the Azure portal: if it is public there, it stays so. Rebuild to publish the next number.',
);

/**
 * Exposes the candidate: one absolute PATCH that makes it eligible for "latest", adds its regions and sets its end of
 * life. Checks approval and plan once more first: servers will boot from what this step exposes.
 */
export const publish = committed('publish', publishLimit, async (context) => {
  const { plan, run, approval, read } = context;
  if (approval?.status !== 'approved' || approval.planHash !== run.planHash || planHash(plan) !== run.planHash) {
    return finish(context, { outcome: 'failed', why: 'the approval does not cover this plan; nothing was published' });
  }
  const candidate = await read.version(plan.target, plan.version);
  if (!candidate) return { ...needsRepair(context, gone(context, 'publish')), voids: deleted };
  // Without a fingerprint nothing is known to compare with: the request is asked anew.
  const changes = changesSince(approval.fingerprint, candidate);
  if (changes.length > 0) return hideThenLose(context, candidate, changes);
  const change = exposure(context, approval, candidate);
  const missing = unmet(candidate, change);
  if (missing.length === 0) return published(context, change);
  if (candidate.provisioningState === 'Failed') {
    return needsRepair(context, {
      stage: 'publish',
      what: `${plan.image} ${plan.version}`,
      error:
        'The gallery did not accept the change: the provisioning state of the version is Failed. Nothing was published.',
      tail: [],
      remedy: 'Look at the version in the Azure portal for the reason (often quota in a region), then rebuild.',
    });
  }
  if (candidate.provisioningState !== 'Succeeded') return again(seconds(20));
  if (whyAnew(approval, context)) return move(context, 'approve');
  return orRepair(context, () => expose(context, candidate, change));
});

/** All that publishing sets, in absolute values. */
function exposure({ plan, now }: PlannedContext, { decisions }: Approval, candidate: GalleryVersion): VersionChange {
  const tag = candidate.tags[versionTags.published];
  const decidedMs = Math.max(...decisions.map(({ at }) => at.getTime()));
  // Ours, of an earlier step: nothing was published before it was approved.
  const isOurs = tag !== undefined && new Date(tag).getTime() >= decidedMs;
  return {
    excludedFromLatest: false,
    endOfLife: plan.endOfLife ? new Date(plan.endOfLife) : null,
    // Newer API versions turn this on by default; set explicitly, so that nobody is surprised either way.
    blockDeletionBeforeEndOfLife: plan.endOfLife !== null,
    regions: plan.regions,
    tags: { [versionTags.published]: isOurs ? tag : now.toISOString() },
  };
}

async function expose(context: PlannedContext, candidate: GalleryVersion, change: VersionChange): Promise<PublishStep> {
  const result = await ensure(context, candidate, change, 'the gallery is applying the change');
  if (isStep(result)) return result;
  // Whether Azure clears a date that is set is not documented; the version is good without that.
  if (change.endOfLife === null && result.every(({ part }) => part === 'endOfLife')) {
    return published(context, change, { kept: result.map(({ text }) => text) });
  }
  return needsRepair(context, notMade(context, 'publish', result));
}

function published(context: PlannedContext, { tags }: VersionChange, data: DataPatch = {}): PublishStep {
  const publishedAt = tags?.[versionTags.published] ?? context.now.toISOString();
  return move(context, 'replicate', { ...data, publishedAt });
}

const replicateLimit: PublishLimit = {
  waitsFor: 'Azure to copy the version to its regions',
  ms: days(1),
  afterwards: 'The run goes on; its outcome names the regions that are not served yet.',
  past: async (context) => move(context, 'age'),
};

/**
 * Reports each region until all have the version. A region that fails does not hold up the others; the card says so.
 */
export const replicate = committed('replicate', replicateLimit, async (context) => {
  const { plan, read } = context;
  const version = await read.version(plan.target, plan.version);
  if (!version) {
    const why = `${plan.image} ${plan.version} was published, and then somebody deleted it from the gallery`;
    return finish(context, { outcome: 'failed', why });
  }
  const regions = version.regions.map(({ name, state, progress }) => ({ name, state, progress }));
  // Others may have added regions: the run does not wait for those.
  const planned = new Set(plan.regions.map((r) => regionKey(r.name)));
  const ours = regions.filter((r) => planned.has(regionKey(r.name)));
  const over = ours.length > 0 && ours.every((r) => r.state === 'Completed' || r.state === 'Failed');
  const settled = over && version.provisioningState !== 'Updating';
  const progress = `${ours.filter((r) => r.state === 'Completed').length} of ${plan.regions.length} regions`;
  return settled ? move(context, 'age', { regions }) : again(seconds(45), { regions, progress });
});

const ageLimit: PublishLimit = {
  waitsFor: 'Azure to mark earlier versions as aged',
  ms: hours(6),
  afterwards: 'The run goes on; its outcome says that some are not marked.',
  past: async (context, late) => move(context, 'announce', { ageTrouble: tooLong(ageLimit.waitsFor, late) }),
};

/**
 * Marks every version below the latest as aged and names the latest as its replacement; one version per step. The
 * version just published is never aged, even when its number is below the latest.
 */
export const age = committed('age', ageLimit, async (context) => {
  const { plan, read, data } = context;
  const versions = await read.versions(plan.target);
  const latest = latestPublished(versions)?.version ?? plan.version;
  const replaced = versions.filter(
    (v) => isUsable(v) && compareVersions(v.version, latest) < 0 && v.version !== plan.version,
  );
  const change = { tags: { [versionTags.state]: 'aged', [versionTags.replacedBy]: latest } };
  const { aged = [], unmarked = [] } = data;
  const next = replaced.find((v) => unmet(v, change).length > 0 && !unmarked.includes(v.version));
  if (!next) return move(context, 'announce', { aged, ...notMarked(unmarked), ...proposal(replaced, plan.keep) });
  const result = await ensure(context, next, change, `${next.version} is now aged`);
  if (!isStep(result)) {
    return again(0, { unmarked: [...unmarked, next.version], aged: aged.filter((one) => one !== next.version) });
  }
  return result.kind === 'again' && result.data?.written
    ? { ...result, ms: 0, data: { ...result.data, aged: [...new Set([...aged, next.version])] } }
    : result;
});

function notMarked(unmarked: readonly string[]): DataPatch {
  if (unmarked.length === 0) return {};
  return { ageTrouble: `Azure accepted the tags of ${unmarked.join(', ')} and did not write them.` };
}

/** Hidden versions stay as they are; so do those that Azure failed to create. */
function isUsable(version: GalleryVersion): boolean {
  return !version.excludedFromLatest && !['Failed', 'Deleting'].includes(version.provisioningState);
}

/** The oldest version without an end of life, once there are more than the catalogue keeps. */
function proposal(replaced: readonly GalleryVersion[], keep: number): { discontinue?: string } {
  if (replaced.length + 1 <= keep) return {};
  const endless = replaced.filter((v) => !v.endOfLife).sort((a, b) => compareVersions(a.version, b.version));
  return endless[0] ? { discontinue: endless[0].version } : {};
}

/** The outcome card informs the run's own thread. Teams will subscribe to images in a later version. */
export const announce = committed('announce', atOnce, async (context) =>
  finish(context, { outcome: 'published', why: `${context.plan.image} ${context.plan.version} is published` }),
);
