import type { GalleryVersion, MarketplaceVersion, VersionChange } from '../azure';
import { regionKey } from '../azure-id';
import { dayOf } from '../time';

/** Gallery version numbers: three parts, each at most 32 bits (galleryImageVersions: "<Major>.<Minor>.<Patch>"). */
const pattern = /^(\d{1,20})\.(\d{1,20})\.(\d{1,20})$/;
/** The highest number that a part may be. */
export const maxPart = 2 ** 31 - 1;

export type Bump = 'patch' | 'minor' | 'major';
type Parts = readonly [number, number, number];

export function isVersion(text: string): boolean {
  return parts(text) !== undefined;
}

/** Three numbers, one of them above what a gallery takes. */
export function isTooHigh(text: string): boolean {
  return pattern.test(text) && !isVersion(text);
}

/** Negative when a is lower. Azure's "latest" is the highest number, not the newest date. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parts(a) ?? [0, 0, 0], parts(b) ?? [0, 0, 0]];
  for (const i of [0, 1, 2] as const) {
    if (left[i] !== right[i]) return left[i] - right[i];
  }
  return 0;
}

export function highest(versions: readonly string[]): string | undefined {
  return [...versions].sort(compareVersions).at(-1);
}

/**
 * The number after `version`; `1.0.0` when there is none yet. Where a part is at its highest, the part before it is
 * raised. Undefined when all are.
 */
export function nextVersion(version: string | undefined, bump: Bump): string | undefined {
  if (!version) return '1.0.0';
  const [major, minor, patch] = parts(version) ?? [0, 0, 0];
  if (bump === 'patch' && patch < maxPart) return `${major}.${minor}.${patch + 1}`;
  if (bump !== 'major' && minor < maxPart) return `${major}.${minor + 1}.0`;
  return major < maxPart ? `${major + 1}.0.0` : undefined;
}

function parts(text: string): Parts | undefined {
  const found = pattern.exec(text);
  if (!found) return undefined;
  const numbers = [Number(found[1]), Number(found[2]), Number(found[3])] as const;
  return numbers.every((n) => n <= maxPart) ? numbers : undefined;
}

/**
 * Marketplace versions by number, oldest first: dotted numbers of any length, with parts beyond 32 bits
 * (22.04.202611120).
 */
export function byNumber(a: MarketplaceVersion, b: MarketplaceVersion): number {
  const [left, right] = [a.version.split('.').map(Number), b.version.split('.').map(Number)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** What Azure deploys when no version is named: the highest number that is not excluded. */
export function latestPublished<
  Version extends Pick<GalleryVersion, 'version' | 'excludedFromLatest' | 'provisioningState'>,
>(versions: readonly Version[]): Version | undefined {
  const published = versions.filter((v) => !v.excludedFromLatest && v.provisioningState !== 'Failed');
  return published.sort((a, b) => compareVersions(a.version, b.version)).at(-1);
}

/** What of a change is not so on the version; `text` is a clause: `North Europe has 1 replica instead of 2`. */
export interface Unmet {
  readonly part: keyof VersionChange;
  readonly text: string;
}

/** Azure accepts a change first and makes it afterwards: what of it does not stand on the version that was read back. */
export function unmet(version: GalleryVersion, change: VersionChange): readonly Unmet[] {
  const { endOfLife: end, blockDeletionBeforeEndOfLife: block } = change;
  return [
    ...unmetExclusion(version, change),
    ...(end !== undefined && end?.getTime() !== version.endOfLife?.getTime()
      ? [
          {
            part: 'endOfLife' as const,
            text: `its end of life is ${dayOrNone(version.endOfLife)} instead of ${dayOrNone(end)}`,
          },
        ]
      : []),
    ...(block !== undefined && block !== version.blockDeletionBeforeEndOfLife
      ? [
          {
            part: 'blockDeletionBeforeEndOfLife' as const,
            text: `it can${block ? '' : 'not'} be deleted before its end of life`,
          },
        ]
      : []),
    ...unmetRegions(version, change),
    ...unmetRemoval(version, change),
    ...unmetTags(version, change.tags ?? {}),
  ];
}

/** The version's flag counts where a region has none; a region's own wins. */
function unmetExclusion(version: GalleryVersion, change: VersionChange): readonly Unmet[] {
  const { excludedFromLatest: wanted, hiddenIn = [] } = change;
  if (wanted === undefined) return [];
  const stays = new Set(hiddenIn.map(regionKey));
  const part = 'excludedFromLatest' as const;
  const own =
    version.excludedFromLatest === wanted
      ? []
      : [{ part, text: `it is ${wanted ? 'not' : 'still'} excluded from latest` }];
  const regions = version.regions.flatMap(({ name, shownThere, excludedFromLatest }) => {
    const hides = wanted || stays.has(regionKey(name));
    const isSo = wanted ? !shownThere : excludedFromLatest === hides;
    return isSo ? [] : [{ part, text: `it is ${hides ? 'not' : 'still'} excluded from latest in ${name}` }];
  });
  return [...own, ...regions];
}

function unmetRegions(
  { regions }: GalleryVersion,
  { regions: wanted = [], removeRegions = [] }: VersionChange,
): readonly Unmet[] {
  const there = new Map(regions.map((region) => [regionKey(region.name), region.replicas]));
  const missing = wanted.flatMap(({ name, replicas, hidden }) => {
    const has = there.get(regionKey(name));
    const flag = regions.find((region) => regionKey(region.name) === regionKey(name))?.excludedFromLatest;
    if (has === replicas && hidden !== undefined && flag !== hidden)
      return [{ part: 'regions' as const, text: `it is ${hidden ? 'not' : 'still'} excluded from latest in ${name}` }];
    if (has === replicas) return [];
    const text =
      has === undefined
        ? `it has no copy in ${name}`
        : `${name} has ${has} ${has === 1 ? 'replica' : 'replicas'} instead of ${replicas}`;
    return [{ part: 'regions' as const, text }];
  });
  const left = removeRegions.filter((name) => there.has(regionKey(name)));
  return [
    ...missing,
    ...left.map((name) => ({ part: 'removeRegions' as const, text: `it still has a copy in ${name}` })),
  ];
}

function unmetRemoval(version: GalleryVersion, change: VersionChange): readonly Unmet[] {
  const allows: boolean = version.allowsRegionRemoval ?? false;
  const { allowRegionRemoval: wanted = allows } = change;
  const part = 'allowRegionRemoval' as const;
  return wanted === allows ? [] : [{ part, text: `it says that copies ${allows ? 'may' : 'may not'} be removed` }];
}

function unmetTags({ tags }: GalleryVersion, wanted: NonNullable<VersionChange['tags']>): readonly Unmet[] {
  const there = new Map(Object.entries(tags).map(([name, value]) => [name.toLowerCase(), value]));
  return Object.entries(wanted).flatMap(([name, value]) => {
    const has = there.get(name.toLowerCase());
    if (has === (value ?? undefined)) return [];
    return [{ part: 'tags' as const, text: `its tag ${name} is ${has ?? 'missing'} instead of ${value ?? 'gone'}` }];
  });
}

const dayOrNone = (date: Date | null | undefined): string => (date ? dayOf(date) : 'none');
