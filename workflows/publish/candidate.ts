import type { GalleryVersion } from '../../core/azure';
import { type Difference, differences, differenceText, type Fingerprint, fingerprintOf } from '../../core/images';
import type { Failure, PublishStage } from '../../core/runs';
import type { PlannedContext } from './stage';

/**
 * The candidate is the same object from its test to its publication. Whoever may write to the gallery can delete it and
 * put another one under its number, or rewrite its tags; a stage that relies on it looks first.
 */

/** `was`: absent in runs that were open before there were fingerprints; they take what there is. */
export function changesSince(was: Fingerprint | undefined, candidate: GalleryVersion): readonly Difference[] {
  return was ? differences(was, fingerprintOf(candidate)) : [];
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
  const what = stage === 'publish' ? 'approved candidate' : 'candidate';
  return {
    stage,
    what: `${plan.image} ${plan.version}`,
    error: `Somebody deleted the ${what} from the gallery; nothing was published.`,
    tail: [],
    remedy: rebuild,
  };
}
