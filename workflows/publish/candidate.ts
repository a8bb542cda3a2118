import type { GalleryVersion, VersionChange } from '../../core/azure';
import {
  type Difference,
  differences,
  differenceText,
  type Fingerprint,
  fingerprintOf,
  type Unmet,
  unmet,
  versionTags,
} from '../../core/images';
import type { Failure, PublishRun, PublishStage } from '../../core/runs';
import { momentOf, seconds } from '../../core/time';
import { again } from '../engine';
import { needsRepair, type PlannedContext, type PublishStep } from './stage';

/**
 * The candidate is the same object from its test to its publication. Whoever may write to the gallery can delete it and
 * put another one under its number, or rewrite its tags; a stage that relies on it looks first.
 */

/** `was`: absent in runs that were open before there were fingerprints; they take what there is. */
export function changesSince(was: Fingerprint | undefined, candidate: GalleryVersion): readonly Difference[] {
  return was ? differences(was, fingerprintOf(candidate)) : [];
}

/** What is accepted twice and still not so will not be so by asking a third time. */
const mostWrites = 2;

const changeOf = ({ stage }: Pick<PublishRun, 'stage'>, { version }: GalleryVersion): string => `${stage} ${version}`;

/** Whether Azure has accepted already what this stage asks of the version. */
export function hasAsked({ run, data }: PlannedContext, version: GalleryVersion): boolean {
  return data.written?.what === changeOf(run, version);
}

/**
 * Changes a version and reads it back: a step while Azure works on it, and then what does not stand although Azure
 * accepted it; empty when all does.
 */
export async function ensure(
  context: PlannedContext,
  version: GalleryVersion,
  change: VersionChange,
  progress: string,
): Promise<PublishStep | readonly Unmet[]> {
  const { plan, run, data, write } = context;
  const missing = unmet(version, change);
  if (missing.length === 0 || version.provisioningState === 'Failed') return missing;
  if (version.provisioningState !== 'Succeeded') return again(seconds(20), { progress });
  const what = changeOf(run, version);
  const times = hasAsked(context, version) ? (data.written?.times ?? 0) : 0;
  if (times >= mostWrites) return missing;
  await write.updateVersion(plan.target, version.version, change);
  return again(seconds(20), { written: { what, times: times + 1 }, progress });
}

export function isStep(result: PublishStep | readonly Unmet[]): result is PublishStep {
  return 'kind' in result;
}

/** Azure said yes to a change of the candidate and did not make it. */
export function notMade({ plan }: PlannedContext, stage: PublishStage, found: readonly Unmet[]): Failure {
  return {
    stage,
    what: `${plan.image} ${plan.version}`,
    error: `Azure accepted the change of the version and did not make it: ${found.map(({ text }) => text).join(', ')}.`,
    tail: [],
    remedy: 'Look at the version in the Azure portal for the reason, then rebuild.',
  };
}

const rebuild = 'Rebuild: the next number is built, tested and put up for approval again.';

/** The version is another object than the one that was tested. */
export function changed(context: PlannedContext, stage: PublishStage, found: readonly Difference[]): Failure {
  const { image, version } = context.plan;
  const when = stage === 'test' ? 'while it was tested' : 'after it was tested';
  const [first] = found;
  return {
    stage,
    what: `${image} ${version}`,
    error: `Somebody changed the version ${when}, so nothing was published: ${first ? differenceText(first) : ''}`,
    tail: found.map(differenceText),
    remedy: `Ask who changed it (the activity log of the gallery tells). ${rebuild}`,
  };
}

export function gone({ plan }: PlannedContext, stage: PublishStage): Failure {
  const what = stage === 'publish' || stage === 'replicate' ? 'approved candidate' : 'candidate';
  return {
    stage,
    what: `${plan.image} ${plan.version}`,
    error: `Somebody deleted the ${what} from the gallery; nothing was published.`,
    tail: [],
    remedy: rebuild,
  };
}

/** Whether goldbot itself has published it in this run, as Azure remembers: nobody hides, builds or deletes that again. */
export function publishedBy(runId: string, { tags }: Pick<GalleryVersion, 'tags'>): boolean {
  return tags[versionTags.run] === runId && tags[versionTags.published] !== undefined;
}

/**
 * A run that has not come to publishing, and whose version is published: the database is older than Azure, because it was
 * restored from a copy. Who approved it went with the newer one, so people decide; undefined where it is not so.
 */
export function publishedUnknown(
  context: PlannedContext,
  version: GalleryVersion | undefined,
): PublishStep | undefined {
  const { run, plan } = context;
  if (!version || !publishedBy(run.id, version)) return undefined;
  const at = version.tags[versionTags.published] ?? '';
  const failure: Failure = {
    stage: run.stage as PublishStage,
    what: `${plan.image} ${plan.version}`,
    error: `${plan.version} is published already, since ${momentOf(new Date(at))}, and this run knows nothing of that: its records are older than the gallery, as after restoring the database from a copy.`,
    tail: [],
    remedy: `Cancel the run: ${plan.version} stays published. Who approved it cannot be known from these records. Rebuild only to publish the next number.`,
  };
  return needsRepair(context, failure, { exposed: true });
}
