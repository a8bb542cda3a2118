import type { GalleryVersion } from '../../core/azure';
import { regionKey } from '../../core/azure-id';
import { versionTags } from '../../core/images';
import { planHash } from '../../core/runs';
import { seconds } from '../../core/time';
import { again } from '../engine';
import { committed, finish, move, orRepair, type PlannedContext, type PublishStep, repair } from './kit';

/**
 * Exposes the candidate: one absolute PATCH that makes it eligible for "latest", brings its regions and fixes its end
 * of life. Looks at approval and plan once more first, because this is the step that servers will boot from.
 */
export const publish = committed('publish', async (context) => {
  const { plan, run, approval, read } = context;
  if (approval?.status !== 'approved' || approval.planHash !== run.planHash || planHash(plan) !== run.planHash) {
    return finish(context, { outcome: 'failed', why: 'the approval does not cover this plan; nothing was published' });
  }
  const candidate = await read.version(plan.target, plan.version);
  if (!candidate) {
    return repair(context, {
      stage: 'publish',
      what: `${plan.image} ${plan.version}`,
      error: 'Somebody deleted the approved candidate from the gallery; nothing was published.',
      tail: [],
      remedy: 'Rebuild: the next number is built, tested and put up for approval again.',
    });
  }
  if (isPublished(context, candidate)) {
    const publishedAt = candidate.tags[versionTags.published] ?? context.now.toISOString();
    return move(context, 'replicate', { publishedAt });
  }
  if (candidate.provisioningState === 'Failed') {
    return repair(context, {
      stage: 'publish',
      what: `${plan.image} ${plan.version}`,
      error:
        'The gallery did not take the change: the provisioning state of the version is Failed. Nothing was published.',
      tail: [],
      remedy: 'Look at the version in the Azure portal for the reason (often quota in a region), then rebuild.',
    });
  }
  if (candidate.provisioningState !== 'Succeeded') return again(seconds(20));
  return orRepair(context, () => expose(context));
});

function isPublished({ plan }: PlannedContext, candidate: GalleryVersion): boolean {
  const there = new Set(candidate.regions.map((r) => regionKey(r.name)));
  return (
    !candidate.excludedFromLatest &&
    candidate.tags[versionTags.published] !== undefined &&
    plan.regions.every((r) => there.has(regionKey(r.name)))
  );
}

async function expose({ plan, write, now }: PlannedContext): Promise<PublishStep> {
  await write.updateVersion(plan.target, plan.version, {
    excludedFromLatest: false,
    endOfLife: plan.endOfLife ? new Date(plan.endOfLife) : null,
    // Newer API versions turn this on by themselves; said aloud, so that nobody is surprised either way.
    blockDeletionBeforeEndOfLife: plan.endOfLife !== null,
    regions: plan.regions,
    tags: { [versionTags.published]: now.toISOString() },
  });
  return again(seconds(15), { progress: 'the gallery is taking the change' });
}
