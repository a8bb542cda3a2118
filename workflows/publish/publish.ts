import type { GalleryVersion, RegionStatus, VersionChange } from '../../core/azure';
import { regionKey } from '../../core/azure-id';
import { compareVersions, type Difference, latestPublished, unmet, versionTags } from '../../core/images';
import {
  type Approval,
  type Failure,
  isPastCancel,
  type PublishData,
  type PublishPlan,
  planHash,
  type RegionCopy,
  replicatesFirst,
  stageAfter,
  type VoidReason,
} from '../../core/runs';
import { days, hours, seconds } from '../../core/time';
import type { NewCertificate } from '../../store';
import { again, atOnce } from '../engine';
import type { HoldDeps } from '../holds';
import { lost, untold, whyAnew } from './approve';
import { changesSince, ensure, gone, hasAsked, isStep, notMade } from './candidate';
import { certificateOf, stated, stating } from './certificate';
import { heldBefore } from './hold';
import { keeping, look, seenThrough } from './looking';
import {
  cancelled,
  committed,
  type DataPatch,
  finish,
  move,
  needsRepair,
  orRepair,
  type PlannedContext,
  type PublishLimit,
  type PublishStageDefinition,
  type PublishStep,
  planned,
  repairAfter,
  stageStart,
  tooLong,
  waited,
  waiting,
  waits,
} from './stage';

const isBusy = ({ provisioningState }: GalleryVersion): boolean =>
  provisioningState !== 'Succeeded' && provisioningState !== 'Failed';

/** What was put in the candidate's place is what “latest” means at once, unless whoever did it excluded it. */
async function hideThenLose(
  context: PlannedContext,
  stage: 'replicate' | 'publish',
  candidate: GalleryVersion,
  found: readonly Difference[],
): Promise<PublishStep> {
  const { plan, data, write } = context;
  if (candidate.excludedFromLatest || data.hidden) return lost(context, stage, found);
  const progress = `${plan.version} is not what was tested: goldbot hides it from latest`;
  if (isBusy(candidate) && waited(context, 'hide') <= waits.hiding.ms) {
    return again(seconds(20), { ...waiting(context, 'hide'), progress });
  }
  await write.updateVersion(plan.target, plan.version, { excludedFromLatest: true });
  return again(seconds(20), { hidden: true, progress });
}

const applying = 'the gallery is applying the change';
const deleted: VoidReason = { why: 'changed', differences: [{ part: 'the version', was: 'in the gallery' }] };

const publishLimit = repairAfter(
  { waitsFor: 'the gallery to publish the version', ms: days(1) },
  'Look at the version in the Azure portal: if it is public there, it stays that way. Rebuild to publish the next number.',
);

/** The approval of this very plan; undefined when there is none. */
function covering({ plan, run, approval }: PlannedContext): Approval | undefined {
  const isOurs = approval?.status === 'approved' && approval.planHash === run.planHash;
  return isOurs && planHash(plan) === run.planHash ? approval : undefined;
}

const uncovered = (context: PlannedContext): PublishStep =>
  finish(context, { outcome: 'failed', why: 'the approval does not cover this plan; nothing was published' });

/**
 * States what the candidate is, then exposes it: one absolute PATCH that makes it eligible for "latest", sets its end of
 * life and names the statement; in runs of before it adds the regions as well. Checks approval and plan once more first: servers will boot from what this step
 * exposes.
 */
export const publish = (deps: HoldDeps) => committed('publish', publishLimit, (context) => publishing(context, deps));

async function publishing(context: PlannedContext, deps: HoldDeps): Promise<PublishStep> {
  const { plan, read } = context;
  const approval = covering(context);
  if (!approval) return uncovered(context);
  const found = await read.version(plan.target, plan.version);
  if (!found) return { ...needsRepair(context, gone(context, 'publish')), voids: deleted };
  // Without a fingerprint nothing is known to compare with: the request is asked anew.
  const changes = changesSince(approval.fingerprint, found);
  if (changes.length > 0) return hideThenLose(context, 'publish', found, changes);
  const candidate = changeable(context, found);
  const certificate = certificateOf(context, approval, found);
  const change = exposure(context, approval, candidate, certificate);
  const missing = unmet(candidate, change);
  if (missing.length === 0) return published(context, change, candidate);
  if (candidate.provisioningState === 'Failed') {
    return needsRepair(
      context,
      {
        stage: 'publish',
        what: `${plan.image} ${plan.version}`,
        error: `The gallery did not accept the change: the provisioning state of the version is Failed. ${isPublic(candidate) ? `${plan.version} is public all the same.` : 'Nothing was published.'}`,
        tail: [],
        remedy: 'Look at the version in the Azure portal for the reason (often quota in a region), then rebuild.',
      },
      exposedBy(candidate),
    );
  }
  if (candidate.provisioningState !== 'Succeeded') return again(seconds(20));
  if (whyAnew(approval, context)) return move(context, 'approve');
  if (!hasAsked(context, candidate)) {
    const held = await heldBefore(context, deps, 'publish');
    if (held) return held;
    if (await untold(context)) return move(context, 'approve');
  }
  return stated(context, certificate) ?? orRepair(context, () => expose(context, candidate, change));
}

/** A region that failed makes the whole version `Failed`: that says nothing of a change that was not asked for yet. */
function changeable(context: PlannedContext, version: GalleryVersion): GalleryVersion {
  const failed = version.provisioningState === 'Failed' && version.regions.some(({ state }) => state === 'Failed');
  return failed && !hasAsked(context, version) && replicatesFirst(context.run)
    ? { ...version, provisioningState: 'Succeeded' }
    : version;
}

/** All that publishing sets, in absolute values. */
function exposure(
  { plan, run, now }: PlannedContext,
  { decisions }: Approval,
  candidate: GalleryVersion,
  certificate: NewCertificate | undefined,
): VersionChange {
  const tag = candidate.tags[versionTags.published];
  const decidedMs = Math.max(...decisions.map(({ at }) => at.getTime()));
  // Ours, of an earlier step: nothing was published before it was approved.
  const isOurs = tag !== undefined && new Date(tag).getTime() >= decidedMs;
  return {
    excludedFromLatest: false,
    endOfLife: plan.endOfLife ? new Date(plan.endOfLife) : null,
    // Newer API versions turn this on by default; set explicitly, so that nobody is surprised either way.
    blockDeletionBeforeEndOfLife: plan.endOfLife !== null,
    ...(!replicatesFirst(run) && { regions: plan.regions }),
    tags: {
      [versionTags.published]: isOurs ? tag : now.toISOString(),
      ...(certificate && { [versionTags.certificate]: certificate.digest }),
    },
  };
}

async function expose(context: PlannedContext, candidate: GalleryVersion, change: VersionChange): Promise<PublishStep> {
  const result = await ensure(context, candidate, change, applying);
  if (isStep(result)) return result;
  // Machines start from it: what else Azure did not set is said, and does not make it unpublished.
  if (result.every(({ part }) => part !== 'excludedFromLatest' && part !== 'regions')) {
    return published(context, change, candidate, { kept: result.map(({ text }) => text) });
  }
  const failure = notMade(context, 'publish', result);
  const error = isPublic(candidate) ? `${failure.error} Elsewhere it is public already.` : failure.error;
  return needsRepair(context, { ...failure, error }, exposedBy(candidate));
}

/** Somewhere at least: a region may hide it although the version does not. */
function isPublic({ excludedFromLatest, regions }: GalleryVersion): boolean {
  return !excludedFromLatest && regions.some((region) => !region.excludedFromLatest);
}

const exposedBy = (candidate: GalleryVersion): DataPatch => (isPublic(candidate) ? { exposed: true } : {});

function published(context: PlannedContext, { tags }: VersionChange, version: GalleryVersion, data: DataPatch = {}) {
  const { run, now } = context;
  const next = stageAfter('publish', run);
  const publishedAt = tags?.[versionTags.published] ?? now.toISOString();
  if (next === 'replicate') return move(context, next, { ...data, publishedAt });
  const what = 'exposure';
  if (isBusy(version) && waited(context, what) <= waits.exposure.ms) {
    return again<PublishPlan, PublishData>(seconds(20), { ...waiting(context, what), progress: applying });
  }
  return move(context, next, { ...data, publishedAt, regions: copiesOf(context, version).regions });
}

const replicateLimit: PublishLimit = {
  waitsFor: 'Azure to copy the version to its regions',
  // Of 34 regions with up to 50 replicas somebody reported that they took longer than a day.
  ms: days(2),
  afterwards:
    'The run needs repair: rebuild or cancel. One of before, which has published already, goes on, and its outcome names the regions that are not served yet.',
  past: async (context, late) => {
    const { run } = context;
    const next = stageAfter('replicate', run);
    const { regions = [] } = run.data;
    // Azure refuses to change a version that it is copying, and says nothing of a region that it has not begun.
    const isOver = regions.every(({ state }) => state === 'Completed' || state === 'Failed');
    const isSomewhere = isOver && regions.some(({ state }) => state === 'Completed');
    return next === 'publish' && !isSomewhere ? copiesTooLong.past(context, late) : move(context, next);
  },
};

const copiesTooLong = repairAfter(
  replicateLimit,
  'Look at the regions of the version in the Azure portal. Rebuild, with fewer regions if one of them is the reason, or cancel.',
);

/**
 * Copies the approved version to its regions while it is still hidden, and reports each. A region that fails does not
 * hold up the others, and the card says so. Runs of before come here once they have published.
 */
export const replicate = (deps: HoldDeps): PublishStageDefinition => ({
  name: 'replicate',
  limit: replicateLimit,
  takes: (run) => (isPastCancel(run) ? [] : ['cancel']),
  run: async (context) => {
    const inContext = planned(context);
    if (stageAfter('replicate', context.run) === 'age') return serve(inContext);
    return cancelled(context) ?? orRepair(context, () => copy(inContext, deps));
  },
});

async function copy(context: PlannedContext, deps: HoldDeps): Promise<PublishStep> {
  const { plan, read } = context;
  const approval = covering(context);
  if (!approval) return uncovered(context);
  const candidate = await read.version(plan.target, plan.version);
  if (!candidate) return { ...needsRepair(context, gone(context, 'replicate')), voids: deleted };
  // Goldbot itself must not carry to all regions what was put in the candidate's place.
  const changes = changesSince(approval.fingerprint, candidate);
  if (changes.length > 0) return hideThenLose(context, 'replicate', candidate, changes);
  const change = { regions: plan.regions };
  const isDone = hasAsked(context, candidate) || unmet(candidate, change).length === 0;
  const held = isDone ? undefined : await heldBefore(context, deps, 'replicate');
  if (held) return held;
  const result = await ensure(context, candidate, change, 'Azure begins to copy the version to its regions');
  if (isStep(result)) return result;
  if (result.length > 0) return needsRepair(context, notMade(context, 'replicate', result));
  const { regions, progress, isOver, failed } = copiesOf(context, candidate);
  if (!isOver) return copying(context, { regions, progress });
  if (failed.length === plan.regions.length) return needsRepair(context, nowhere(context, failed), { regions });
  const step = move(context, 'publish', { regions });
  return stating(keeping(step, seenThrough(context, context.now)), certificateOf(context, approval, candidate));
}

/** Of a run of before: what is published is copied meanwhile. */
async function serve(context: PlannedContext): Promise<PublishStep> {
  const { plan, read } = context;
  const version = await read.version(plan.target, plan.version);
  if (!version) {
    const why = `${plan.image} ${plan.version} was published, and then somebody deleted it from the gallery`;
    return finish(context, { outcome: 'failed', why });
  }
  const { regions, progress, isOver } = copiesOf(context, version);
  return isOver ? move(context, 'age', { regions }) : copying(context, { regions, progress });
}

function copying(context: PlannedContext, shown: Pick<PublishData, 'regions' | 'progress'>): PublishStep {
  const { ms, data } = look(context, { what: 'regions', state: 'copying', since: stageStart(context.run) });
  return again(ms, { ...shown, ...data });
}

/** How far its regions are. Others may have added regions: the run does not wait for those. */
function copiesOf({ plan, data, now }: PlannedContext, version: GalleryVersion) {
  const planned = new Set(plan.regions.map((r) => regionKey(r.name)));
  const ours = version.regions.filter((r) => planned.has(regionKey(r.name)));
  const failed = ours.filter((r) => r.state === 'Failed');
  const done = ours.filter((r) => r.state === 'Completed').length;
  return {
    regions: version.regions.map((region) => noted(region, data.regions, now)),
    progress: `${done} of ${plan.regions.length} regions`,
    isOver: ours.length > 0 && done + failed.length === ours.length && version.provisioningState !== 'Updating',
    failed,
  };
}

/** A region with the moment at which it was first seen complete: schedules count back from how long that takes. */
function noted({ name, state, progress }: RegionStatus, before: readonly RegionCopy[] = [], now: Date): RegionCopy {
  if (state !== 'Completed') return { name, state, progress };
  const known = before.find((one) => regionKey(one.name) === regionKey(name));
  // What was complete before there were times stays without.
  const completedAt = known?.state === 'Completed' ? known.completedAt : now.toISOString();
  return { name, state, progress, ...(completedAt !== undefined && { completedAt }) };
}

/** No region has it: there is nothing to publish. */
function nowhere({ plan }: PlannedContext, failed: readonly RegionStatus[]): Failure {
  const told = failed.map(({ name, details }) => `${name}: ${details ?? 'Azure gives no reason'}`);
  return {
    stage: 'replicate',
    what: `${plan.image} ${plan.version}`,
    error: `Azure could not copy the version to any of its regions: ${told[0]}`,
    tail: told,
    remedy: 'Look at the regions of the version in the Azure portal, then rebuild.',
  };
}

const ageLimit: PublishLimit = {
  waitsFor: 'Azure to mark earlier versions as aged',
  ms: hours(6),
  afterwards: 'The run goes on; its outcome says that some are not marked.',
  past: async (context, late) =>
    move(context, stageAfter('age', context.run), { ageTrouble: tooLong(ageLimit.waitsFor, late) }),
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
  if (!next)
    return move(context, stageAfter('age', context.run), {
      aged,
      ...notMarked(unmarked),
      ...proposal(replaced, plan.keep),
    });
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
