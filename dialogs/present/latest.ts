import { compareVersions } from '../../core/images';
import type { FixedPlan } from '../../core/runs';

type Numbers = Pick<FixedPlan, 'version' | 'previousVersion'>;

/** The version that stays the latest when this one is published: for Azure that is the highest number, not the newest. */
export function staysLatest({ version, previousVersion }: Numbers): string | undefined {
  return previousVersion !== null && compareVersions(version, previousVersion) < 0 ? previousVersion : undefined;
}

/** The same as a warning. */
export function notLatestWarning(plan: Numbers): string | undefined {
  const latest = staysLatest(plan);
  return latest && `${plan.version} will not be the latest: Azure takes the highest number, which is ${latest}.`;
}
