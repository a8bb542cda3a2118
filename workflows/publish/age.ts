import type { GalleryVersion } from '../../core/azure';
import { compareVersions, latestPublished, versionTags } from '../../core/images';
import { again } from '../engine';
import { committed, move } from './kit';

/**
 * Marks every version below the latest aged and names the latest as its replacement; one version a step. What was
 * published just now is nobody's past, also when its number is lower than the latest.
 */
export const age = committed('age', async (context) => {
  const { plan, read, write, data } = context;
  const versions = await read.versions(plan.target);
  const latest = latestPublished(versions)?.version ?? plan.version;
  const replaced = versions.filter(
    (v) => isUsable(v) && compareVersions(v.version, latest) < 0 && v.version !== plan.version,
  );
  const next = replaced.find((v) => v.tags[versionTags.state] !== 'aged' || v.tags[versionTags.replacedBy] !== latest);
  if (!next) return move(context, 'announce', { aged: data.aged ?? [], ...proposal(replaced, plan.keep) });
  await write.updateVersion(plan.target, next.version, {
    tags: { [versionTags.state]: 'aged', [versionTags.replacedBy]: latest },
  });
  return again(0, { aged: [...(data.aged ?? []), next.version], progress: `${next.version} is aged now` });
});

/** Hidden versions are nobody's choice and stay as they are; so does one that Azure did not make. */
function isUsable(version: GalleryVersion): boolean {
  return !version.excludedFromLatest && !['Failed', 'Deleting'].includes(version.provisioningState);
}

/** The oldest version that nobody gave an end of life, once there are more than the catalogue keeps. */
function proposal(replaced: readonly GalleryVersion[], keep: number): { discontinue?: string } {
  if (replaced.length + 1 <= keep) return {};
  const endless = replaced.filter((v) => !v.endOfLife).sort((a, b) => compareVersions(a.version, b.version));
  return endless[0] ? { discontinue: endless[0].version } : {};
}
