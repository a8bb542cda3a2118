import type { RegionView, VersionRow, VersionState } from '../../cards';
import type { GalleryVersion, RegionStatus } from '../../core/azure';
import { compareVersions, latestPublished, tattooFromTags, versionTags } from '../../core/images';

/** What a version is to people, as of `now` (world time). */
export function versionState(version: GalleryVersion, latest: string | undefined, now: Date): VersionState {
  if (version.provisioningState === 'Failed') return 'failed';
  if (version.provisioningState === 'Creating') return 'building';
  if (isCandidate(version)) return 'candidate';
  if (version.version === latest) return 'latest';
  if (version.endOfLife && version.endOfLife <= now) return 'past-end';
  return version.excludedFromLatest || version.tags[versionTags.state] === 'aged' ? 'aged' : 'current';
}

/** Hidden and never published; one that was published and hidden later is aged. */
export function isCandidate(version: GalleryVersion): boolean {
  const { tags } = version;
  return (
    version.excludedFromLatest && tags[versionTags.published] === undefined && tags[versionTags.state] === undefined
  );
}

/** When it was published; the tag is goldbot's, others have only the date they were made. */
export function publishedAt(version: GalleryVersion): Date | undefined {
  if (isCandidate(version)) return undefined;
  const tag = version.tags[versionTags.published];
  const date = tag === undefined ? undefined : new Date(tag);
  return date && !Number.isNaN(date.getTime()) ? date : version.createdAt;
}

export function versionRow(version: GalleryVersion, latest: string | undefined, now: Date): VersionRow {
  const tattoo = tattooFromTags(version.tags);
  const published = publishedAt(version);
  const base = tattoo?.source.split(':').at(-1);
  return {
    version: version.version,
    state: versionState(version, latest, now),
    ...(base !== undefined && { base }),
    ...(tattoo && isDate(tattoo.built) && { builtAt: tattoo.built }),
    ...(published && { publishedAt: published }),
    ...(version.endOfLife && { endOfLife: version.endOfLife }),
  };
}

/** `latest`, `previous`, `candidate` or a number, as one of the versions that there are. */
export function pickVersion(versions: readonly GalleryVersion[], word: string): GalleryVersion | undefined {
  const latest = latestPublished(versions);
  if (word === 'latest') return latest;
  const sorted = [...versions].sort((a, b) => compareVersions(b.version, a.version));
  if (word === 'candidate') return sorted.find((v) => isCandidate(v) && v.provisioningState === 'Succeeded');
  if (word !== 'previous') return sorted.find((v) => v.version === word);
  return latest && publishedBefore(sorted, latest.version);
}

/** The highest published number below this one. `sorted`: highest first. */
export function publishedBefore(sorted: readonly GalleryVersion[], version: string): GalleryVersion | undefined {
  return sorted.find(
    (v) => compareVersions(v.version, version) < 0 && !v.excludedFromLatest && v.provisioningState !== 'Failed',
  );
}

const marks: Readonly<Record<RegionStatus['state'], RegionView['mark']>> = {
  Completed: 'done',
  Replicating: 'now',
  Failed: 'failed',
  Unknown: 'todo',
};

export function regionView(region: RegionStatus): RegionView {
  const words = { Completed: 'in place', Replicating: `${region.progress} %`, Failed: 'failed', Unknown: 'not known' };
  return {
    name: region.name,
    replicas: region.replicas,
    mark: marks[region.state],
    detail: region.details ?? words[region.state],
  };
}

function isDate(text: string): boolean {
  return !Number.isNaN(new Date(text).getTime());
}
