import { copyOf } from '../../kernel/copy';
import type { SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key } from '../arm';
import { type Condition, condition } from '../conditions';
import { changeNotAllowed, concurrencyConflict, invalidParameter, missingParameter } from './errors';
import { profileTarget, publishingProfile } from './gallery-profile';
import { remaining } from './gallery-shared';
import { diskSourceId, fullSourceId } from './gallery-sources';
import { safetyProfile, versionType } from './gallery-versions';
import { startLro } from './lro';
import { locationProblem } from './names';
import { regionDisplayName } from './regions';
import { planReplication, targetRegions, withoutRoom } from './replication';
import { type JsonObject, list, object, type Resource, text } from './resource';
import { followed } from './scale-sets/follow';

/** A PUT says everything that can be changed; what it leaves out goes back to its default. */
export function replaceVersion(world: World, request: SandboxRequest, version: Resource): SandboxResponse {
  const body = object(request.body);
  const properties = object(body['properties']);
  const location = text(body['location']);
  if (!location) return missingParameter('location');
  const misplaced = locationProblem(versionType, location, version, version.id.split('/')[4] ?? '');
  if (misplaced) return misplaced;
  return change(world, request, version, {
    tags: object(body['tags']),
    profile: object(properties['publishingProfile']),
    storage: object(properties['storageProfile']),
    safety: object(properties['safetyProfile']),
  });
}

/**
 * A PATCH replaces each field that it names; lists and tags are replaced whole. Unless a condition says that this gallery
 * takes one for the whole of what can be changed.
 */
export function patchVersion(world: World, request: SandboxRequest, version: Resource): SandboxResponse {
  const body = object(request.body);
  const properties = object(body['properties']);
  const ways = condition(world, 'galleries', { gallery: version.id.split('/')[8] ?? '' });
  const before = ways['patch'] === 'replaces' ? nothing : writable(version);
  return change(world, request, version, {
    tags: body['tags'] === undefined ? before.tags : object(body['tags']),
    profile: profileOf(version, { ...before.profile, ...object(properties['publishingProfile']) }, ways),
    storage: object(properties['storageProfile']),
    safety: { ...before.safety, ...object(properties['safetyProfile']) },
  });
}

type Writable = Pick<Change, 'tags' | 'profile' | 'safety'>;
const nothing: Writable = { tags: {}, profile: {}, safety: {} };

function writable({ tags, properties }: Resource): Writable {
  const { publishingProfile, safetyProfile: safety } = properties;
  return { tags: { ...tags }, profile: { ...object(publishingProfile) }, safety: { ...object(safety) } };
}

function profileOf(version: Resource, profile: JsonObject, ways: Condition): JsonObject {
  const { endOfLifeDate } = object(version.properties['publishingProfile']);
  const keepsEnd = profile['endOfLifeDate'] === null && ways['endOfLifeNull'] === 'keeps';
  const dated = keepsEnd && endOfLifeDate !== undefined ? { ...profile, endOfLifeDate } : profile;
  if (ways['regionWithoutStorage'] !== 'keeps') return dated;
  const regions = list(dated['targetRegions']).map(object);
  const typeOf = (region: JsonObject) =>
    targetRegions(version).find((b) => b['name'] === regionOf(region))?.['storageAccountType'];
  return { ...dated, targetRegions: regions.map((region) => withStorage(region, typeOf(region))) };
}

const withStorage = (region: JsonObject, type: unknown): JsonObject =>
  region['storageAccountType'] === undefined && typeof type === 'string'
    ? { ...region, storageAccountType: type }
    : region;

interface Change {
  readonly tags: JsonObject;
  readonly profile: JsonObject;
  readonly storage: JsonObject;
  readonly safety: JsonObject;
}

function change(world: World, request: SandboxRequest, version: Resource, wanted: Change): SandboxResponse {
  if (['Creating', 'Updating', 'Deleting'].includes(String(version.properties['provisioningState']))) {
    return concurrencyConflict();
  }
  const problem = changeProblem(version, wanted);
  if (problem) return problem;
  const old = object(version.properties['publishingProfile']);
  const publishedMs = Date.parse(String(old['publishedDate']));
  const profile = publishingProfile(kept(version, wanted.profile), { location: version.location, publishedMs });
  if (typeof profile === 'string') return invalidParameter(profile, profileTarget);
  const before = targetRegions(version);
  const removed = removedRegion(version, profile, wanted.safety);
  if (removed) return removed;
  const latest = followed(world, imageOf(version));
  version.tags = wanted.tags as Record<string, string>;
  version.properties['publishingProfile'] = profile;
  version.properties['safetyProfile'] = safetyProfile(wanted.safety);
  version.properties['provisioningState'] = 'Updating';
  return acceptedVersion(world, request, version, { status: 200, before, latest });
}

export const imageOf = ({ id }: Resource): string => id.replace(/\/versions\/[^/]+$/i, '');

const regionOf = (region: JsonObject): string | undefined => regionDisplayName(String(region['name']));

/** What cannot be changed stays as it is where the request does not name it. */
function kept(version: Resource, profile: JsonObject): JsonObject {
  const { storageAccountType = 'Standard_LRS', replicationMode } = object(version.properties['publishingProfile']);
  return { storageAccountType, ...(replicationMode !== undefined && { replicationMode }), ...profile };
}

function changeProblem(version: Resource, { profile, storage }: Change): SandboxResponse | undefined {
  const fixed = fixedInProfile(version, profile) ?? fixedInStorage(version, storage);
  if (fixed) return changeNotAllowed(`galleryImageVersion.properties.${fixed}`);
  const other = otherStorage(version, profile);
  if (other) return other;
  const luns = (from: JsonObject) => list(from['dataDiskImages']).map((disk) => object(disk)['lun']);
  const there = luns(object(version.properties['storageProfile']));
  if (luns(storage).every((lun) => there.includes(lun ?? null))) return undefined;
  return invalidParameter(
    'Adding new Data Disks or changing the LUN of a Data Disk in an existing Image is not allowed.',
    'galleryImageVersion.properties.storageProfile.dataDiskImages',
  );
}

function fixedInProfile(version: Resource, profile: JsonObject): string | undefined {
  const old = object(version.properties['publishingProfile']);
  for (const [name, initial] of [
    ['storageAccountType', 'Standard_LRS'],
    ['replicationMode', 'Full'],
  ] as const) {
    const [now, then] = [profile[name], old[name] ?? initial];
    if (now !== undefined && !sameWord(now, then)) return `publishingProfile.${name}`;
  }
  return undefined;
}

const sameWord = (a: unknown, b: unknown): boolean => String(a).toLowerCase() === String(b).toLowerCase();

/** A region without a type of its own is taken to mean the global one, which need not be what is there. */
function otherStorage(version: Resource, profile: JsonObject): SandboxResponse | undefined {
  const { storageAccountType: initial = 'Standard_LRS' } = object(version.properties['publishingProfile']);
  const before = targetRegions(version);
  for (const region of list(profile['targetRegions']).map(object)) {
    const then = before.find((b) => b['name'] === regionOf(region))?.['storageAccountType'];
    const now = region['storageAccountType'] ?? profile['storageAccountType'] ?? initial;
    if (then === undefined || sameWord(now, then)) continue;
    const message = `The global storage account type '${now}' does not match the storage account type in the existing TargetRegion: '${regionOf(region)}'. Please specify '${then}' as the storage account type of this region.`;
    return invalidParameter(message, `${profileTarget}.targetRegions.storageAccountType`);
  }
  return undefined;
}

function fixedInStorage(version: Resource, storage: JsonObject): string | undefined {
  const old = object(version.properties['storageProfile']);
  const differs = (now: string | undefined, then: string | undefined) =>
    now !== undefined && key(now) !== key(then ?? '');
  if (differs(fullSourceId(storage), fullSourceId(old))) return 'storageProfile.source.id';
  return differs(diskSourceId(storage['osDiskImage']), diskSourceId(old['osDiskImage']))
    ? 'storageProfile.osDiskImage.source.id'
    : undefined;
}

/** A list without a region that has replicas asks to delete them there, which has to be allowed first. */
function removedRegion(version: Resource, profile: JsonObject, safety: JsonObject): SandboxResponse | undefined {
  const staying = (profile['targetRegions'] as JsonObject[]).map((r) => r['name']);
  const gone = targetRegions(version).find((r) => !staying.includes(r['name'] ?? null));
  if (!gone || safety['allowDeletionOfReplicatedLocations'] === true) return undefined;
  const message = `The complete set of target locations is not specified for '${version.id}': '${gone['name']}' is missing, and the deletion of replicated locations is not allowed. Send the full set of locations, none, or set safetyProfile.allowDeletionOfReplicatedLocations.`;
  return armError(400, 'BadRequest', message);
}

interface Accepted {
  readonly status: number;
  readonly before: JsonObject[];
  /** What scale sets followed before the write. */
  readonly latest: JsonObject;
  /** What the storage profile shows once the version exists. */
  readonly storage?: JsonObject;
}

/** Begins to replicate what is new and answers the version as it is now, with the operation to watch. */
export function acceptedVersion(
  world: World,
  request: SandboxRequest,
  version: Resource,
  { status, before, latest, storage }: Accepted,
): SandboxResponse {
  const endsAtMs = planReplication(world, version, before, world.clock.nowMs());
  const { sizeInGB = 0 } = object(storage?.['osDiskImage']);
  const isFull = object(version.properties['publishingProfile'])['replicationMode'] !== 'Shallow';
  const data = {
    latest,
    noRoom: withoutRoom(world, version.id),
    ...(storage && { storage }),
    ...(isFull && { sizeInGB }),
  };
  const end = { what: 'version.write', endsAtMs, data };
  const head = startVersionOperation(world, request, version, end);
  const headers = { ...head, ...remaining('CreateUpdateGalleryImageVersion', 374, 1197) };
  return { status, headers, body: copyOf(version) };
}

interface VersionOperation {
  readonly what: string;
  readonly endsAtMs: number;
  readonly data?: JsonObject;
}

export function startVersionOperation(
  world: World,
  request: SandboxRequest,
  version: Resource,
  operation: VersionOperation,
): Record<string, string> {
  return startLro(world, request, {
    subscriptionId: version.id.split('/')[2] ?? '',
    location: version.location,
    style: 'capsOperations',
    target: key(version.id),
    ...operation,
  });
}
