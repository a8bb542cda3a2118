import type { Params, Route, SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key } from '../arm';
import { removeGuest } from '../guest/guest';
import { imageId, imageNotFound, remaining, versionId } from './gallery-shared';
import { startLro } from './lro';
import { object, type Resource } from './resource';
import { compute, type SoftDeletedVersion } from './section';

/** Documented: a soft-deleted version can be recovered for seven days, and the time cannot be changed. */
export const softDeleteRetentionMs = 7 * 24 * 3_600_000;

const type = 'Microsoft.Compute/galleries/softDeletedArtifactTypes/artifacts/versions';

function all(world: World): Record<string, SoftDeletedVersion> {
  const section = compute(world);
  section.softDeleted ??= {};
  return section.softDeleted;
}

/** The end of retention: the version is really gone, unless it was restored (and perhaps deleted again) meanwhile. */
export function registerSoftDelete(world: World): void {
  world.on<{ id: string; deletedMs: number }>('compute.purge', ({ id, deletedMs }) => {
    if (all(world)[id]?.deletedMs === deletedMs) purge(world, id);
  });
}

export function softDeleteRoutes(world: World): Route[] {
  const path =
    '/subscriptions/{subscriptionId}/resourceGroups/{group}/providers/Microsoft.Compute/galleries/{gallery}/softDeletedArtifactTypes/{artifactType}/artifacts/{image}/versions';
  return [
    { method: 'GET', path, handle: (_, params) => listVersions(world, params) },
    {
      method: 'DELETE',
      path: `${path}/{version}`,
      handle: (request, params) => hardDelete(world, request, params),
    },
  ];
}

/** True when the version's gallery keeps what is deleted in it. */
export function isSoftDeleteEnabled(world: World, id: string): boolean {
  const gallery = compute(world).resources[key(id).split('/').slice(0, 9).join('/')];
  return object(gallery?.properties['softDeletePolicy'])['isSoftDeleteEnabled'] === true;
}

/** Takes the version out of the gallery and keeps it, with its replicas and its guest, until the end of retention. */
export function softDelete(world: World, version: Resource, deletedMs: number): void {
  const id = key(version.id);
  version.properties['provisioningState'] = 'Succeeded';
  all(world)[id] = { version, deletedMs };
  delete compute(world).resources[id];
  world.schedule(deletedMs + softDeleteRetentionMs, 'compute.purge', { id, deletedMs });
}

export const softDeleted = (world: World, id: string): Resource | undefined => all(world)[key(id)]?.version;

/**
 * What keeps a gallery or a definition from being deleted: what is in it, and what is only soft-deleted for as long as
 * the gallery keeps such versions. ARM sees a deleted child for some seconds more.
 */
export function nestedIn(world: World, parentId: string): string[] {
  const under = `${key(parentId)}/`;
  const { resources, lately = {} } = compute(world);
  const live = Object.entries(resources).flatMap(([id, resource]) => (id.startsWith(under) ? [resource.id] : []));
  const kept = Object.entries(all(world)).flatMap(([id, { version }]) =>
    id.startsWith(under) && isSoftDeleteEnabled(world, id) ? [version.id] : [],
  );
  const cached = Object.entries(lately).flatMap(([id, untilMs]) =>
    id.startsWith(under) && untilMs > world.clock.nowMs() ? [id] : [],
  );
  return [...live, ...kept, ...cached];
}

/** How long ARM still counts a child that is gone; world time. */
const cacheMs = 20_000;

/** Notes that a definition or a version has just ceased to exist; what was soft-deleted in it goes with it. */
export function noteGone(world: World, goneId: string, atMs: number): void {
  const section = compute(world);
  const still = Object.entries(section.lately ?? {}).filter(([, untilMs]) => untilMs > atMs);
  section.lately = { ...Object.fromEntries(still), [key(goneId)]: atMs + cacheMs };
  for (const id of Object.keys(all(world))) if (id.startsWith(`${key(goneId)}/`)) purge(world, id);
}

/** Puts the version back as it was. */
export function restore(world: World, id: string): Resource | undefined {
  const version = softDeleted(world, id);
  if (!version) return undefined;
  delete all(world)[key(id)];
  compute(world).resources[key(id)] = version;
  return version;
}

function purge(world: World, id: string): void {
  delete all(world)[id];
  delete compute(world).replication[id];
  removeGuest(world, id);
}

/** A number is taken until its soft-deleted version is restored or purged. The words are the sandbox's. */
export function nameIsSoftDeleted(world: World, params: Params): SandboxResponse | undefined {
  if (!softDeleted(world, versionId(params))) return undefined;
  const message = `The gallery image version '${versionId(params)}' is soft-deleted. Restore it by a PUT of its location alone, or use another version name until it is purged.`;
  return armError(409, 'Conflict', message);
}

/** `restore: true` where nothing waits to be restored. The words are the sandbox's. */
export function nothingToRestore(params: Params): SandboxResponse {
  const message = `The soft-deleted gallery image version '${versionId(params)}' was not found. It was never deleted, or its retention is over.`;
  return armError(404, 'ResourceNotFound', message);
}

/**
 * A PUT that says where the version lives and perhaps how it is tagged, and nothing about what it is made of, restores
 * what is soft-deleted; so does `restore: true`, in a PUT or a PATCH.
 */
export function isRestore(world: World, request: SandboxRequest, params: Params): boolean {
  const properties = object(object(request.body)['properties']);
  if (properties['restore'] === true) return true;
  const plain = request.method === 'PUT' && Object.keys(object(properties['storageProfile'])).length === 0;
  return plain && softDeleted(world, versionId(params)) !== undefined;
}

/** Ends the retention of one version, for good. */
function hardDelete(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const kept = softDeleted(world, versionId(params));
  if (!kept) return { status: 204 };
  purge(world, key(kept.id));
  const head = startLro(world, request, {
    subscriptionId: params['subscriptionId'] ?? '',
    location: kept.location,
    style: 'capsOperations',
    what: 'version.purge',
    target: key(kept.id),
    endsAtMs: world.clock.nowMs() + 30_000,
  });
  return { status: 202, headers: { ...head, ...remaining('DeleteGalleryImageVersion', 149, 998) } };
}

function listVersions(world: World, params: Params): SandboxResponse {
  const { artifactType = '' } = params;
  if (artifactType.toLowerCase() !== 'images') {
    const message = `The soft-deleted artifact type '${artifactType}' is not supported. The supported type is 'Images'.`;
    return armError(400, 'InvalidParameter', message);
  }
  if (!compute(world).resources[key(imageId(params))]) return imageNotFound(world, params);
  const prefix = `${key(imageId(params))}/versions/`;
  const value = Object.entries(all(world))
    .filter(([id]) => id.startsWith(prefix))
    .map(([, kept]) => view(kept));
  return { status: 200, headers: remaining('ListGallerySoftDeletedResources', 149, 999), body: { value } };
}

function view({ version, deletedMs }: SoftDeletedVersion) {
  const [gallery = '', image = ''] = version.id.split(/\/images\/|\/versions\//i);
  return {
    id: `${gallery}/softDeletedArtifactTypes/Images/artifacts/${image}/versions/${version.name}`,
    name: version.name,
    type,
    location: version.location,
    properties: {
      resourceArmId: version.id,
      softDeletedArtifactType: 'Images',
      softDeletedTime: new Date(deletedMs).toISOString(),
    },
  };
}
