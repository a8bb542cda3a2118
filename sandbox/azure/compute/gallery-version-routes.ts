import type { Params, Route, SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key, notFound } from '../arm';
import { setGuest } from '../guest/guest';
import { invalidParameter, missingParameter, parentNotFound } from './errors';
import { versionsOf } from './gallery-latest';
import { profileTarget, publishingProfile, versionNameProblem } from './gallery-profile';
import { galleryId, imageId, imageNotFound, refused, remaining, versionId } from './gallery-shared';
import {
  isRestore,
  isSoftDeleteEnabled,
  nameIsSoftDeleted,
  nothingToRestore,
  restore,
  softDeleted,
} from './gallery-soft-delete';
import { fullSourceId, versionSource } from './gallery-sources';
import { acceptedVersion, patchVersion, replaceVersion, startVersionOperation } from './gallery-version-changes';
import { newVersion, versionType } from './gallery-versions';
import { locationProblem } from './names';
import { galleryLimitProblem } from './quotas';
import { regionName } from './regions';
import { replicationStatus, targetRegions } from './replication';
import { object, type Resource, text } from './resource';
import { followed } from './scale-sets/follow';
import { compute } from './section';

const versions =
  '/subscriptions/{subscriptionId}/resourceGroups/{group}/providers/Microsoft.Compute/galleries/{gallery}/images/{image}/versions';

export function galleryVersionRoutes(world: World): Route[] {
  const path = `${versions}/{version}`;
  return [
    { method: 'GET', path: versions, handle: (_, params) => listVersions(world, params) },
    { method: 'GET', path, handle: (request, params) => get(world, request, params) },
    { method: 'PUT', path, handle: (request, params) => put(world, request, params) },
    { method: 'PATCH', path, handle: (request, params) => patch(world, request, params) },
    { method: 'DELETE', path, handle: (request, params) => remove(world, request, params) },
  ];
}

function versionNotFound(world: World, params: Params): SandboxResponse {
  if (!compute(world).resources[key(imageId(params))]) return imageNotFound(world, params);
  const name = `${params['gallery']}/images/${params['image']}/versions/${params['version']}`;
  return notFound('Microsoft.Compute/galleries', name, params['group'] ?? '');
}

function get(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const version = compute(world).resources[key(versionId(params))];
  if (!version) return versionNotFound(world, params);
  const headers = remaining('GetGalleryImageVersion', 1998, 9989);
  const expand = request.url.searchParams.get('$expand')?.toLowerCase();
  if (expand !== 'replicationstatus') return { status: 200, headers, body: version };
  const properties = { ...version.properties, replicationStatus: replicationStatus(world, version) };
  return { status: 200, headers, body: { ...version, properties } };
}

function listVersions(world: World, params: Params): SandboxResponse {
  if (!compute(world).resources[key(imageId(params))]) return imageNotFound(world, params);
  const value = versionsOf(world, imageId(params)).reverse();
  const headers = remaining('ListGalleryImageVersionsInGalleryImage', 1499, 9998);
  return { status: 200, headers, body: { value } };
}

function put(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const { resources } = compute(world);
  const error = refused(world, params);
  if (error) return error;
  for (const [type, parent] of [
    ['galleries/images', galleryId(params)],
    ['galleries/images/versions', imageId(params)],
  ] as const) {
    if (!resources[key(parent)]) return parentNotFound(type, versionId(params), parent);
  }
  const problem = versionNameProblem(params['version'] ?? '');
  if (problem) return invalidParameter(problem, 'galleryImageVersionName');
  if (isRestore(world, request, params)) return restoreVersion(world, request, params);
  const before = resources[key(versionId(params))];
  return before ? replaceVersion(world, request, before) : create(world, request, params);
}

/** A restore puts back what was there; a location must be the version's own, and tags replace its tags. */
function restoreVersion(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const kept = softDeleted(world, versionId(params));
  if (!kept) return nothingToRestore(params);
  const location = text(object(request.body)['location']) ?? kept.location;
  const misplaced = locationProblem(versionType, location, kept, params['group'] ?? '');
  if (misplaced) return misplaced;
  const latest = followed(world, imageId(params));
  const version = restore(world, kept.id) as Resource;
  const { tags } = object(request.body);
  if (tags !== undefined) version.tags = object(tags) as Record<string, string>;
  version.properties['provisioningState'] = 'Updating';
  return acceptedVersion(world, request, version, { status: 200, before: targetRegions(version), latest });
}

function create(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const body = object(request.body);
  const properties = object(body['properties']);
  const location = text(body['location']);
  if (!location) return missingParameter('location');
  const problem =
    locationProblem(versionType, location, undefined, params['group'] ?? '') ??
    nameIsSoftDeleted(world, params) ??
    galleryLimitProblem(world, versionType, versionId(params), location);
  if (problem) return problem;
  const definition = compute(world).resources[key(imageId(params))] as Resource;
  const source = versionSource(world, { storage: object(properties['storageProfile']), definition, location });
  if ('status' in source) return source;
  const busy = tooManyReads(world, fullSourceId(object(properties['storageProfile'])));
  if (busy) return busy;
  const publishedMs = world.clock.nowMs();
  const profile = publishingProfile(object(properties['publishingProfile']), { location, publishedMs });
  if (typeof profile === 'string') return invalidParameter(profile, profileTarget);
  const version = newVersion({
    id: versionId(params),
    location: regionName(location),
    tags: object(body['tags']) as Record<string, string>,
    profile,
    safety: object(properties['safetyProfile']),
  });
  version.properties['storageProfile'] = source.shown;
  if (properties['securityProfile'] !== undefined) {
    version.properties['securityProfile'] = properties['securityProfile'];
  }
  const latest = followed(world, imageId(params));
  compute(world).resources[key(version.id)] = version;
  if (source.guest) setGuest(world, version.id, source.guest);
  return acceptedVersion(world, request, version, { status: 201, before: [], latest, storage: source.done });
}

/** How many versions can be made of one source at a time. The number is the sandbox's. */
const mostReads = 20;

function tooManyReads(world: World, source: string | undefined): SandboxResponse | undefined {
  if (source === undefined) return undefined;
  const readers = Object.values(compute(world).resources).filter(
    ({ type, properties }) =>
      type === versionType &&
      properties['provisioningState'] === 'Creating' &&
      key(fullSourceId(object(properties['storageProfile'])) ?? '') === key(source),
  );
  if (readers.length < mostReads) return undefined;
  const message = `There are too many requests on the source '${source}'. Please reduce the number of requests on it or wait for some time.`;
  return { ...armError(429, 'TooManyRequests', message), headers: { 'retry-after': '60' } };
}

function patch(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const version = compute(world).resources[key(versionId(params))];
  if (!version && isRestore(world, request, params)) return restoreVersion(world, request, params);
  return version ? patchVersion(world, request, version) : versionNotFound(world, params);
}

function remove(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const version = compute(world).resources[key(versionId(params))];
  if (!version) return refused(world, params) ?? { status: 204 };
  const blocked = blockedUntil(world, version);
  if (blocked) {
    const message = `The gallery image version '${version.id}' cannot be deleted before its end of life date '${blocked}' because safetyProfile.blockDeletionBeforeEndOfLife is true.`;
    return armError(409, 'DeleteGalleryImageVersionBlockedBeforeEndOfLife', message);
  }
  // Documented as a limit of soft delete, without words: whoever wants it gone turns the policy off for the while.
  if (version.properties['provisioningState'] === 'Failed' && isSoftDeleteEnabled(world, version.id)) {
    const message = `The gallery image version '${version.id}' cannot be deleted because its provisioning failed and the gallery has soft delete enabled. Disable soft delete, delete the version, and enable it again.`;
    return armError(409, 'OperationNotAllowed', message);
  }
  version.properties['provisioningState'] = 'Deleting';
  const endsAtMs = world.clock.nowMs() + 30_000;
  const head = startVersionOperation(world, request, version, { what: 'version.delete', endsAtMs });
  return { status: 202, headers: { ...head, ...remaining('DeleteGalleryImageVersion', 149, 998) } };
}

function blockedUntil(world: World, version: Resource): string | undefined {
  if (object(version.properties['safetyProfile'])['blockDeletionBeforeEndOfLife'] !== true) return undefined;
  const end = text(object(version.properties['publishingProfile'])['endOfLifeDate']);
  return end && Date.parse(end) > world.clock.nowMs() ? end : undefined;
}
