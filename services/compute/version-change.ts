import type {
  GalleryImageVersion,
  GalleryImageVersionPublishingProfile,
  GalleryImageVersionSafetyProfile,
  GalleryImageVersionUpdate,
  TargetRegion,
} from '@azure/arm-compute';
import type { RegionWanted, VersionChange } from '../../core/azure';
import { regionKey } from '../../core/azure-id';
import { isRecord } from '../../core/collections';

/**
 * What goes over the wire to change a gallery version. Azure documents neither whether a PATCH keeps members of a profile
 * that it does not name, nor has goldbot seen one recorded: each says its profiles whole, with every region and each
 * region's own storage type, replicas and encryption. A region that is left out is a region removed.
 */

/** A version's writable members as they are to be. */
export interface Wanted {
  readonly tags: Readonly<Record<string, string>>;
  readonly publishingProfile: GalleryImageVersionPublishingProfile;
  readonly safetyProfile: GalleryImageVersionSafetyProfile;
}

/** The version's writable members with the change in them; undefined when they are all so already. */
export function wantedOf(found: GalleryImageVersion, change: VersionChange): Wanted | undefined {
  const wanted = composed(found, change);
  return canonical(wanted) === canonical(composed(found, {})) ? undefined : wanted;
}

/** A PATCH cannot bring back what somebody has just deleted. Azure's specification requires a storage profile in it. */
export function patchOf({ tags, ...profiles }: Wanted): GalleryImageVersionUpdate {
  return { tags: { ...tags }, ...profiles, storageProfile: {} };
}

/**
 * What Microsoft's own tools PUT to update a version (recorded of az 2.85 in April 2026): the whole object without its
 * source. Image Builder's source is a blob that goes with the image template, and a version that is gone cannot be made
 * without one.
 */
export function putOf({ location, storageProfile }: GalleryImageVersion, wanted: Wanted): GalleryImageVersion {
  const { osDiskImage, dataDiskImages } = storageProfile ?? {};
  const { endOfLifeDate, ...publishing } = wanted.publishingProfile;
  const disk = (image: { readonly hostCaching?: 'None' | 'ReadOnly' | 'ReadWrite' }) =>
    image.hostCaching === undefined ? {} : { hostCaching: image.hostCaching };
  return {
    location,
    tags: { ...wanted.tags },
    // A PUT says what there is: without a date there is none.
    publishingProfile: { ...publishing, ...(endOfLifeDate && { endOfLifeDate }) },
    safetyProfile: wanted.safetyProfile,
    storageProfile: {
      ...(osDiskImage && { osDiskImage: { ...disk(osDiskImage), source: {} } }),
      ...(dataDiskImages && { dataDiskImages: dataDiskImages.map((image) => ({ ...disk(image), lun: image.lun })) }),
    },
  };
}

function composed(found: GalleryImageVersion, change: VersionChange): Wanted {
  const { publishedDate: _, endOfLifeDate: end, ...profile } = found.publishingProfile ?? {};
  const { excludedFromLatest: excluded, endOfLife } = change;
  return {
    tags: tagsWith(found.tags ?? {}, change.tags ?? {}),
    publishingProfile: {
      ...profile,
      excludeFromLatest: excluded ?? profile.excludeFromLatest ?? false,
      ...endOf(end, endOfLife),
      targetRegions: regionsWith(profile, change),
    },
    // Newer API versions set a block when it is left out.
    safetyProfile: safetyWith(found.safetyProfile ?? {}, change),
  };
}

/**
 * Nobody's tool sends a null, and whether Azure takes it is not documented: it is sent only where there is a date to
 * clear. Whoever asked for it reads afterwards whether it is gone.
 */
function endOf(is: Date | undefined, wanted: Date | null | undefined): { endOfLifeDate?: Date } {
  if (wanted === null && is !== undefined) return { endOfLifeDate: null as unknown as Date };
  const end = wanted ?? is;
  return end === undefined ? {} : { endOfLifeDate: end };
}

function safetyWith(
  { allowDeletionOfReplicatedLocations: allow, blockDeletionBeforeEndOfLife: block }: GalleryImageVersionSafetyProfile,
  change: VersionChange,
): GalleryImageVersionSafetyProfile {
  const mayRemove = (change.removeRegions?.length ?? 0) > 0 ? true : (change.allowRegionRemoval ?? allow);
  return {
    ...(mayRemove !== undefined && { allowDeletionOfReplicatedLocations: mayRemove }),
    blockDeletionBeforeEndOfLife: change.blockDeletionBeforeEndOfLife ?? block ?? false,
  };
}

export function regionsWith(profile: GalleryImageVersionPublishingProfile, change: VersionChange): TargetRegion[] {
  const { regions = [], removeRegions = [] } = change;
  const gone = new Set(removeRegions.map(regionKey));
  const present = (profile.targetRegions ?? []).filter(({ name }) => !gone.has(regionKey(name)));
  const known = new Set(present.map(({ name }) => regionKey(name)));
  const kept = present.map((region) => ({
    ...region,
    ...settingsOf(
      regions.find((r) => regionKey(r.name) === regionKey(region.name)),
      region,
    ),
    ...flagOf(region, change),
  }));
  const added = regions
    .filter(({ name }) => !known.has(regionKey(name)))
    .map((region) => ({ name: region.name, ...settingsOf(region) }));
  // Without a type Azure takes the version's own, and refuses when the region has another.
  const storageAccountType = profile.storageAccountType ?? 'Standard_LRS';
  return [...kept, ...added].map((region) => ({ storageAccountType, ...region }));
}

/** A region's own flag wins over the version's: one that has it is told, and one that is to differ from the version. */
function flagOf({ name, excludeFromLatest }: TargetRegion, change: VersionChange): Partial<TargetRegion> {
  const { excludedFromLatest: excluded, hiddenIn = [] } = change;
  if (excluded === undefined) return {};
  const isHidden = excluded || hiddenIn.some((one) => regionKey(one) === regionKey(name));
  return excludeFromLatest === undefined && isHidden === excluded ? {} : { excludeFromLatest: isHidden };
}

/** What is wanted of a region; what its encryption says besides is kept. */
function settingsOf(wanted: RegionWanted | undefined, present?: TargetRegion): Partial<TargetRegion> {
  if (!wanted) return {};
  const { replicas, storageAccountType, diskEncryptionSetId, hidden } = wanted;
  const { encryption } = present ?? {};
  return {
    regionalReplicaCount: replicas,
    ...(hidden !== undefined && { excludeFromLatest: hidden }),
    ...(storageAccountType && { storageAccountType }),
    ...(diskEncryptionSetId && {
      encryption: { ...encryption, osDiskImage: { ...encryption?.osDiskImage, diskEncryptionSetId } },
    }),
  };
}

function tagsWith(present: Readonly<Record<string, string>>, change: NonNullable<VersionChange['tags']>) {
  const tags: Record<string, string> = { ...present };
  for (const [name, value] of Object.entries(change)) {
    // Azure has one tag of a name, in whatever case it was written first.
    const written = Object.keys(tags).find((tag) => tag.toLowerCase() === name.toLowerCase()) ?? name;
    if (value === null) delete tags[written];
    else tags[written] = value;
  }
  return tags;
}

/** The order of keys and of regions does not matter. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (key, member) => {
    if (key === 'targetRegions')
      return [...member].sort((a: TargetRegion, b: TargetRegion) => a.name.localeCompare(b.name));
    return isRecord(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => a.localeCompare(b)))
      : member;
  });
}
