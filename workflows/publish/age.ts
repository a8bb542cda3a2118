import type { GalleryVersion } from '../../core/ports';
import { versionTags } from '../../core/tattoo';
import { compareVersions } from '../../core/versions';
import { again } from '../stage';
import { committed, move, type PlannedContext } from './kit';

/** Marks every earlier version aged and names the new one as its replacement; one version a step. */
export const age = committed('age', async (context) => {
  const { plan, looks, effects, data } = context;
  const versions = await looks.versions(plan.target);
  const earlier = versions.filter((v) => isEarlier(context, v));
  const next = earlier.find(
    (v) => v.tags[versionTags.state] !== 'aged' || v.tags[versionTags.replacedBy] !== plan.version,
  );
  if (!next) return move(context, 'announce', { aged: data.aged ?? [], ...proposal(context, versions) });
  await effects.updateVersion(plan.target, next.version, {
    tags: { [versionTags.state]: 'aged', [versionTags.replacedBy]: plan.version },
  });
  return again(0, { aged: [...(data.aged ?? []), next.version], progress: `${next.version} is aged now` });
});

/** Hidden versions are nobody's choice and stay as they are; so does one that Azure failed to make. */
function isEarlier({ plan }: PlannedContext, version: GalleryVersion): boolean {
  const usable =
    !version.excludedFromLatest && version.provisioningState !== 'Failed' && version.provisioningState !== 'Deleting';
  return usable && compareVersions(version.version, plan.version) < 0;
}

/** The oldest version that has no end of life: nobody decided when it goes. */
function proposal(context: PlannedContext, versions: readonly GalleryVersion[]): { discontinue?: string } {
  const endless = versions.filter((v) => isEarlier(context, v) && !v.endOfLife);
  const oldest = endless.sort((a, b) => compareVersions(a.version, b.version))[0];
  return oldest ? { discontinue: oldest.version } : {};
}
