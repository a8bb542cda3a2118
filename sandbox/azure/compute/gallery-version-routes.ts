import type { Params, Route, SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key, notFound } from '../arm';
import { guestOf, setGuest } from '../guest/guest';
import { changeNotAllowed, concurrencyConflict, invalidParameter, missingParameter, parentNotFound } from './errors';
import { imageNotFound } from './gallery-images';
import { publishingProfile, versionNameProblem } from './gallery-profile';
import { galleryId, imageId, refused, remaining, versionId } from './gallery-shared';
import { newVersion, versionsOf } from './gallery-versions';
import { startLro } from './lro';
import { regionName } from './regions';
import { planReplication, replicationStatus, targetRegions } from './replication';
import { type JsonObject, object, type Resource, text } from './resource';
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
  const before = resources[key(versionId(params))];
  return before ? replace(world, request, before) : create(world, request, params);
}

function create(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const body = object(request.body);
  const properties = object(body['properties']);
  const location = text(body['location']);
  if (!location) return missingParameter('location');
  const storage = object(properties['storageProfile']);
  const source = sourceOf(storage);
  if (!source) return missingParameter('galleryImageVersion.properties.storageProfile.source');
  const found = compute(world).resources[key(source)];
  if (!found) return armError(404, 'NotFound', `The resource with id '${source}' was not found.`);
  const nowMs = world.clock.nowMs();
  const profile = publishingProfile(object(properties['publishingProfile']), { location, publishedMs: nowMs });
  if (typeof profile === 'string') return invalidParameter(profile);
  const version = newVersion({
    id: versionId(params),
    location: regionName(location),
    tags: object(body['tags']) as Record<string, string>,
    profile,
    safety: object(properties['safetyProfile']),
  });
  version.properties['storageProfile'] = { source: object(storage['source']) };
  compute(world).resources[key(version.id)] = version;
  const guest = guestOf(world, source);
  if (guest) setGuest(world, version.id, guest);
  return accepted(world, request, version, { status: 201, before: [] });
}

function sourceOf(storage: JsonObject): string | undefined {
  const source = object(storage['source']);
  return text(source['id']) ?? text(source['virtualMachineId']);
}

/** A PUT says everything that can be changed; what it leaves out goes back to its default. */
function replace(world: World, request: SandboxRequest, version: Resource): SandboxResponse {
  const body = object(request.body);
  const properties = object(body['properties']);
  const location = text(body['location']);
  if (!location) return missingParameter('location');
  if (regionName(location) !== regionName(version.location)) return changeNotAllowed('galleryImageVersion.location');
  return change(world, request, version, {
    tags: object(body['tags']),
    profile: object(properties['publishingProfile']),
    storage: object(properties['storageProfile']),
    safety: object(properties['safetyProfile']),
  });
}

/** A PATCH replaces each field that it names; lists and tags are replaced whole. */
function patch(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const version = compute(world).resources[key(versionId(params))];
  if (!version) return versionNotFound(world, params);
  const body = object(request.body);
  const properties = object(body['properties']);
  const before = object(version.properties['publishingProfile']);
  return change(world, request, version, {
    tags: body['tags'] === undefined ? { ...version.tags } : object(body['tags']),
    profile: { ...before, ...object(properties['publishingProfile']) },
    storage: object(properties['storageProfile']),
    safety: { ...object(version.properties['safetyProfile']), ...object(properties['safetyProfile']) },
  });
}

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
  const fixed = fixedProperty(version, wanted);
  if (fixed) return changeNotAllowed(`galleryImageVersion.properties.${fixed}`);
  const old = object(version.properties['publishingProfile']);
  const publishedMs = Date.parse(String(old['publishedDate']));
  const { publishedDate: _, ...asked } = wanted.profile;
  const profile = publishingProfile(asked, { location: version.location, publishedMs });
  if (typeof profile === 'string') return invalidParameter(profile);
  const before = targetRegions(version);
  const removed = removedRegion(before, profile, wanted.safety);
  if (removed) return removed;
  version.tags = wanted.tags as Record<string, string>;
  version.properties['publishingProfile'] = profile;
  version.properties['safetyProfile'] = {
    allowDeletionOfReplicatedLocations: false,
    ...wanted.safety,
    reportedForPolicyViolation: false,
  };
  version.properties['provisioningState'] = 'Updating';
  return accepted(world, request, version, { status: 200, before });
}

function fixedProperty(version: Resource, { profile, storage }: Change): string | undefined {
  const old = object(version.properties['publishingProfile']);
  for (const name of ['storageAccountType', 'replicationMode'] as const) {
    const [now, then] = [profile[name], old[name] ?? (name === 'replicationMode' ? 'Full' : 'Standard_LRS')];
    if (now !== undefined && now !== then) return `publishingProfile.${name}`;
  }
  const source = sourceOf(storage);
  const oldSource = sourceOf(object(version.properties['storageProfile']));
  return source !== undefined && key(source) !== key(oldSource ?? '') ? 'storageProfile.source.id' : undefined;
}

function removedRegion(before: readonly JsonObject[], profile: JsonObject, safety: JsonObject) {
  const kept = (profile['targetRegions'] as JsonObject[]).map((r) => r['name']);
  const gone = before.find((r) => !kept.includes(r['name'] ?? null));
  if (!gone || safety['allowDeletionOfReplicatedLocations'] === true) return undefined;
  const message = `Removing the replicated location '${gone['name']}' is not allowed because safetyProfile.allowDeletionOfReplicatedLocations is false.`;
  return armError(409, 'OperationNotAllowed', message);
}

function accepted(
  world: World,
  request: SandboxRequest,
  version: Resource,
  { status, before }: { status: number; before: JsonObject[] },
): SandboxResponse {
  const endsAtMs = planReplication(world, version, before, world.clock.nowMs());
  const head = start(world, request, version, { what: 'version.write', endsAtMs });
  const headers = { ...head, ...remaining('CreateUpdateGalleryImageVersion', 374, 1197) };
  return { status, headers, body: structuredClone(version) };
}

function remove(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const version = compute(world).resources[key(versionId(params))];
  if (!version) return refused(world, params) ?? { status: 204 };
  const blocked = blockedUntil(world, version);
  if (blocked) {
    const message = `The gallery image version '${version.id}' cannot be deleted before its end of life date '${blocked}' because safetyProfile.blockDeletionBeforeEndOfLife is true.`;
    return armError(409, 'OperationNotAllowed', message);
  }
  version.properties['provisioningState'] = 'Deleting';
  const head = start(world, request, version, { what: 'version.delete', endsAtMs: world.clock.nowMs() + 30_000 });
  return { status: 202, headers: { ...head, ...remaining('DeleteGalleryImageVersion', 149, 998) } };
}

function blockedUntil(world: World, version: Resource): string | undefined {
  if (object(version.properties['safetyProfile'])['blockDeletionBeforeEndOfLife'] !== true) return undefined;
  const end = text(object(version.properties['publishingProfile'])['endOfLifeDate']);
  return end && Date.parse(end) > world.clock.nowMs() ? end : undefined;
}

function start(world: World, request: SandboxRequest, version: Resource, end: { what: string; endsAtMs: number }) {
  return startLro(world, request, {
    subscriptionId: version.id.split('/')[2] ?? '',
    location: version.location,
    style: 'capsOperations',
    target: key(version.id),
    ...end,
  });
}
