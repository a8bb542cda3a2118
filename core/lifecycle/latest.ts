import type { GalleryVersion, Region } from '../azure';
import { regionKey } from '../azure-id';
import { byText } from '../collections';
import { compareVersions } from '../images';

/** What is latest is decided region by region: the highest number that is there and not excluded, by its own flag or the version's. */

/** What of a version decides it. */
export type VersionFacts = Pick<
  GalleryVersion,
  'version' | 'provisioningState' | 'excludedFromLatest' | 'regions' | 'endOfLife'
>;

/** A deleted version that is kept, as it will be once it is restored: Azure does not say where its copies were. */
export function factsOfDeleted(version: string, regions: readonly Pick<Region, 'name' | 'replicas'>[]): VersionFacts {
  return {
    ...{ version, provisioningState: 'Succeeded', excludedFromLatest: true },
    regions: regions.map(({ name, replicas }) => ({
      ...{ name, replicas, state: 'Completed', progress: 100, excludedFromLatest: false },
    })),
  };
}

/** Which version is latest in a region before and after something. */
export interface RegionLatest {
  /** As Azure displays it. */
  readonly region: string;
  readonly before?: string;
  readonly after?: string;
  /** Between the two, where what is done takes two steps and that is another one; null: none is. */
  readonly meanwhile?: string | null;
  /** World time; of the one that is latest afterwards, where it has one. */
  readonly afterEnds?: Date;
}

/** A version that failed somewhere may be missing anywhere: it is not counted on. */
const usable: readonly GalleryVersion['provisioningState'][] = ['Succeeded', 'Updating'];

/** The highest that can be deployed there without being named; `region` in either form. */
export function latestIn(versions: readonly VersionFacts[], region: string): VersionFacts | undefined {
  const key = regionKey(region);
  return versions
    .filter((version) => usable.includes(version.provisioningState) && isServedIn(version, key))
    .reduce<VersionFacts | undefined>(
      (best, one) => (best === undefined || compareVersions(one.version, best.version) > 0 ? one : best),
      undefined,
    );
}

function isServedIn(version: VersionFacts, key: string): boolean {
  const here = version.regions.find(({ name }) => regionKey(name) === key);
  if (!here || here.state === 'Failed' || here.state === 'Replicating') return false;
  return isShownIn(version, key);
}

/** Whether no flag keeps it out of latest there, whatever its copy there is like; `region` in either form. */
export function isShownIn(
  { excludedFromLatest, regions }: Pick<VersionFacts, 'excludedFromLatest' | 'regions'>,
  region: string,
): boolean {
  const here = regions.find(({ name }) => regionKey(name) === regionKey(region));
  return here !== undefined && (here.shownThere === true || !(excludedFromLatest || here.excludedFromLatest));
}

/** Whether no flag keeps it out of latest in one region at least. */
export function isShown(version: Pick<VersionFacts, 'excludedFromLatest' | 'regions'>): boolean {
  return version.regions.some(({ name }) => isShownIn(version, name));
}

/** Every region that any of the versions is in, by name. `between`: as it is until the last step. */
export function latestOfRegions(
  before: readonly VersionFacts[],
  after: readonly VersionFacts[],
  between: readonly VersionFacts[] = after,
): readonly RegionLatest[] {
  const names = new Map(
    [...before, ...after].flatMap(({ regions }) => regions.map((r) => [regionKey(r.name), r.name])),
  );
  return [...names.values()].sort(byText).map((region) => {
    const [was, is] = [latestIn(before, region), latestIn(after, region)];
    const meanwhile = latestIn(between, region)?.version ?? null;
    return {
      region,
      ...(was && { before: was.version }),
      ...(meanwhile !== (is?.version ?? null) && { meanwhile }),
      ...(is && { after: is.version, ...(is.endOfLife && { afterEnds: is.endOfLife }) }),
    };
  });
}
