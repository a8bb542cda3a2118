import type { World } from '../../kernel/world';
import { key } from '../arm';
import { type Guest, removeGuest, setGuest } from '../guest/guest';
import { publishingProfile, versionNameProblem } from './gallery-profile';
import { isSoftDeleteEnabled, noteGone, softDelete, softDeleted } from './gallery-soft-delete';
import { onCompletion } from './lro';
import { failReplication, planReplication, withoutRoom } from './replication';
import { type JsonObject, list, object, type Resource } from './resource';
import { followed, rollOut } from './scale-sets/follow';
import { compute } from './section';
import { tagProblem } from './tags';

export const versionType = 'Microsoft.Compute/galleries/images/versions';

/** What a build brings into a gallery; Image Builder calls it when it distributes. */
export interface BuiltVersion {
  /** The image definition. */
  readonly galleryImageId: string;
  readonly version: string;
  readonly targetRegions: readonly {
    readonly name: string;
    readonly replicaCount?: number;
    readonly storageAccountType?: string;
  }[];
  readonly excludeFromLatest: boolean;
  readonly tags: Readonly<Record<string, string>>;
  readonly replicationMode?: string;
  readonly endOfLife?: string;
  /** Where the build left its disk. */
  readonly storageAccountId: string;
  /** Of the build machine's system disk, when it is not the source's. */
  readonly diskSizeGB?: number;
  readonly guest: Guest;
  /** World time at which distributing began, in milliseconds. */
  readonly at: number;
}

/**
 * Creates the version of a build with its guest; it stays Creating until every region has its replicas.
 *
 * @returns when that is, in world milliseconds.
 * @throws Error when the gallery refuses: no such definition, a bad or taken version name, a region that does not exist.
 */
export function createVersionFromBuild(world: World, input: BuiltVersion): { readonly readyAt: number } {
  const { resources } = compute(world);
  const image = resources[key(input.galleryImageId)];
  if (!image) throw new Error(`The gallery image definition ${input.galleryImageId} was not found.`);
  const id = `${image.id}/versions/${input.version}`;
  const problem = versionNameProblem(input.version);
  if (problem) throw new Error(problem);
  if (resources[key(id)] || softDeleted(world, id)) throw new Error(`The gallery image version ${id} already exists.`);
  const { body } = tagProblem(id, input.tags) ?? {};
  if (body) throw new Error(String(object(object(body)['error'])['message']));
  const profile = publishingProfile(requestedProfile(input), { location: image.location, publishedMs: input.at });
  if (typeof profile === 'string') throw new Error(profile);
  const version = newVersion({ id, location: image.location, tags: { ...input.tags }, profile });
  version.properties['storageProfile'] = { osDiskImage: buildDisk(input, image) };
  const latest = followed(world, image.id);
  resources[key(id)] = version;
  setGuest(world, id, input.guest);
  const readyAt = planReplication(world, version, [], input.at);
  world.schedule(readyAt, 'compute.version', { id: key(id), noRoom: withoutRoom(world, id), latest });
  return { readyAt };
}

function requestedProfile(input: BuiltVersion): JsonObject {
  return {
    targetRegions: input.targetRegions.map(
      (r): JsonObject => ({
        name: r.name,
        ...(r.replicaCount !== undefined && { regionalReplicaCount: r.replicaCount }),
        ...(r.storageAccountType && { storageAccountType: r.storageAccountType }),
      }),
    ),
    excludeFromLatest: input.excludeFromLatest,
    ...(input.endOfLife && { endOfLifeDate: input.endOfLife }),
    ...(input.replicationMode && { replicationMode: input.replicationMode }),
  };
}

function buildDisk({ storageAccountId, version, diskSizeGB }: BuiltVersion, image: Resource): JsonObject {
  const uri = `https://${storageAccountId.split('/').at(-1)}.blob.core.windows.net/vhds/${version}.vhd`;
  const source = { uri, storageAccountId };
  return {
    sizeInGB: diskSizeGB ?? (image.properties['osType'] === 'Windows' ? 127 : 30),
    hostCaching: 'ReadWrite',
    source,
  };
}

type BuiltEvent = { id: string; noRoom?: string[]; latest?: JsonObject };

/** Registers how versions end being created, changed and deleted. */
export function registerGalleryVersions(world: World): void {
  world.on<BuiltEvent>('compute.version', ({ id, noRoom = [], latest = {} }, atMs) => {
    const version = compute(world).resources[id];
    if (version?.properties['provisioningState'] !== 'Creating') return;
    version.properties['provisioningState'] = noRoom.length > 0 ? 'Failed' : 'Succeeded';
    if (noRoom.length > 0) failReplication(world, id, atMs, noRoom);
    else rollOut(world, id.replace(/\/versions\/[^/]+$/, ''), latest, atMs);
  });
  onCompletion('version.write', (w, target, { data, outcome, atMs }) => {
    const version = compute(w).resources[target];
    if (!version) return undefined;
    const error = outcome === 'Succeeded' ? notWritten(data) : undefined;
    version.properties['provisioningState'] = outcome === 'Succeeded' && !error ? 'Succeeded' : 'Failed';
    if (outcome !== 'Succeeded' || error) failReplication(w, version.id, atMs, list(data['noRoom']).map(String));
    if (error) return { error };
    if (outcome !== 'Succeeded') return undefined;
    Object.assign(object(version.properties['storageProfile']), object(data['storage']));
    rollOut(w, target.replace(/\/versions\/[^/]+$/, ''), object(data['latest']), atMs);
    return undefined;
  });
  onCompletion('version.delete', (w, target, { outcome, atMs }) => {
    const version = compute(w).resources[target];
    if (!version) return undefined;
    if (outcome !== 'Succeeded') {
      version.properties['provisioningState'] = 'Failed';
      return undefined;
    }
    if (isSoftDeleteEnabled(w, target)) {
      softDelete(w, version, atMs);
      return undefined;
    }
    delete compute(w).resources[target];
    delete compute(w).replication[target];
    removeGuest(w, target);
    noteGone(w, target, atMs);
    return undefined;
  });
}

const largestGB = 2_048;

/** Why a version does not come into being, or does not get everywhere, although nothing interferes. */
function notWritten({ noRoom, sizeInGB }: JsonObject): { code: string; message: string } | undefined {
  if (typeof sizeInGB === 'number' && sizeInGB > largestGB) {
    const message = `The source size ${sizeInGB} GB exceeds the maximum of ${largestGB} GB that is supported.`;
    return { code: 'GallerySourceResourceExceedsMaxSize', message };
  }
  const regions = list(noRoom).map(String);
  if (regions.length === 0) return undefined;
  const told = regions.map((region) => `{region: ${region}, detail: An internal error occurred.}`).join(', ');
  const message = `Replication jobs failed in regions: ${told}. Please retry, or remove the regions and add them again.`;
  return { code: 'ReplicationJobsFailed', message };
}

interface NewVersion {
  readonly id: string;
  readonly location: string;
  readonly tags: Record<string, string>;
  readonly profile: JsonObject;
  readonly safety?: JsonObject;
}

/** Whether a violation was reported is for Azure to say. */
export function safetyProfile({ policyViolations: _, ...given }: JsonObject): JsonObject {
  return { allowDeletionOfReplicatedLocations: false, ...given, reportedForPolicyViolation: false };
}

export function newVersion({ id, location, tags, profile, safety = {} }: NewVersion): Resource {
  return {
    id,
    name: id.split('/').at(-1) ?? '',
    type: versionType,
    location,
    tags,
    properties: {
      publishingProfile: profile,
      storageProfile: {},
      safetyProfile: safetyProfile(safety),
      provisioningState: 'Creating',
    },
  };
}
