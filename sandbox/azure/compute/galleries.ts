import { copyOf } from '../../kernel/copy';
import type { Params, Route, SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key, notFound } from '../arm';
import { identityAnswered } from '../identity';
import { cannotParse, missingParameter, nestedResources } from './errors';
import { galleryId, refused, remaining } from './gallery-shared';
import { galleryView, keptSharing, registerSharing, share, sharingProblem } from './gallery-sharing';
import { nestedIn } from './gallery-soft-delete';
import { onCompletion, startLro } from './lro';
import { galleryNameProblem, locationProblem } from './names';
import { galleryLimitProblem } from './quotas';
import { regionName } from './regions';
import { type JsonObject, object, type Resource, text } from './resource';
import { compute } from './section';

const type = 'Microsoft.Compute/galleries';
const path = '/subscriptions/{subscriptionId}/resourceGroups/{group}/providers/Microsoft.Compute/galleries/{gallery}';

export function registerGalleries(): void {
  registerSharing();
  onCompletion('gallery.write', (world, target, { outcome }) => {
    const gallery = compute(world).resources[target];
    if (gallery) gallery.properties['provisioningState'] = outcome === 'Succeeded' ? 'Succeeded' : 'Failed';
    return undefined;
  });
  onCompletion('gallery.delete', (world, target, { outcome }) => {
    if (outcome === 'Succeeded') delete compute(world).resources[target];
    return undefined;
  });
}

export function galleryRoutes(world: World): Route[] {
  return [
    { method: 'GET', path, handle: (request, params) => get(world, request, params) },
    { method: 'PUT', path, handle: (request, params) => put(world, request, params) },
    { method: 'PATCH', path, handle: (request, params) => patch(world, request, params) },
    { method: 'DELETE', path, handle: (request, params) => remove(world, request, params) },
    { method: 'POST', path: `${path}/share`, handle: (request, params) => share(world, request, params) },
    {
      method: 'GET',
      path: '/subscriptions/{subscriptionId}/providers/Microsoft.Compute/galleries',
      handle: (_, params) => listAll(world, `/subscriptions/${params['subscriptionId']}/`, params),
    },
    {
      method: 'GET',
      path: '/subscriptions/{subscriptionId}/resourceGroups/{group}/providers/Microsoft.Compute/galleries',
      handle: (_, params) =>
        listAll(world, `/subscriptions/${params['subscriptionId']}/resourceGroups/${params['group']}/`, params),
    },
  ];
}

function get(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const gallery = compute(world).resources[key(galleryId(params))];
  if (!gallery) return refused(world, params) ?? notFound(type, params['gallery'] ?? '', params['group'] ?? '');
  return { status: 200, headers: remaining('GetGallery', 349, 2494), body: galleryView(world, gallery, request) };
}

function listAll(world: World, scope: string, params: Params): SandboxResponse {
  const error = refused(world, params);
  if (error) return error;
  const value = Object.values(compute(world).resources)
    .filter((r) => r.type === type && key(r.id).startsWith(key(scope)))
    .map((gallery) => galleryView(world, gallery));
  const policy = params['group'] ? 'ListGalleryInResourceGroup' : 'ListGalleryInSubscription';
  return { status: 200, headers: remaining(policy, 99, 999), body: { value } };
}

function put(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const body = object(request.body);
  const error = refused(world, params);
  if (error) return error;
  if (!request.body) return cannotParse();
  const location = text(body['location']);
  if (!location) return missingParameter('location');
  const { resources } = compute(world);
  const before = resources[key(galleryId(params))];
  const properties = object(body['properties']);
  const problem =
    (before ? undefined : galleryNameProblem(params['gallery'] ?? '')) ??
    locationProblem(type, location, before, params['group'] ?? '') ??
    sharingProblem(object(properties['sharingProfile']), before) ??
    (before ? undefined : (takenName(world, params) ?? galleryLimitProblem(world, type, galleryId(params), location)));
  if (problem) return problem;
  const uniqueName = `${params['subscriptionId']}-${(params['gallery'] ?? '').toUpperCase()}`;
  const gallery: Resource = {
    id: before?.id ?? galleryId(params),
    name: before?.name ?? params['gallery'] ?? '',
    type,
    location: regionName(location),
    tags: object(body['tags']) as Record<string, string>,
    ...(body['identity'] !== undefined && { identity: identityAnswered(object(body['identity']), galleryId(params)) }),
    properties: {
      ...keptSoftDelete(before),
      ...settable(properties),
      ...sharingOf(properties['sharingProfile'], before),
      identifier: { uniqueName },
      provisioningState: before ? 'Updating' : 'Creating',
    },
  };
  resources[key(gallery.id)] = gallery;
  return accepted(world, request, gallery, before ? 200 : 201);
}

/** Resource groups do not keep galleries of one name apart. */
function takenName(world: World, params: Params): SandboxResponse | undefined {
  const { subscriptionId = '', gallery: name = '' } = params;
  const twin = Object.values(compute(world).resources).find(
    (r) =>
      r.type === type && key(r.id).startsWith(`/subscriptions/${key(subscriptionId)}/`) && key(r.name) === key(name),
  );
  if (!twin) return undefined;
  return armError(
    409,
    'Conflict',
    `The gallery name '${name}' is not unique within the subscription '${subscriptionId}'.`,
  );
}

/** What a caller can say about a gallery; the rest is Azure's. */
function settable({
  identifier: _,
  provisioningState: __,
  sharingStatus: ___,
  sharingProfile: ____,
  ...given
}: JsonObject) {
  return given;
}

/** A PUT without a policy for deleted versions leaves the gallery's own in force. */
function keptSoftDelete(before: Resource | undefined): JsonObject {
  const policy = before?.properties['softDeletePolicy'];
  return policy === undefined ? {} : { softDeletePolicy: policy };
}

/** A PUT without a sharing profile leaves the gallery shared as it was: only a reset takes it back. */
function sharingOf(profile: unknown, before: Resource | undefined): JsonObject {
  const old = before?.properties['sharingProfile'];
  if (profile === undefined) return old === undefined ? {} : { sharingProfile: old };
  return { sharingProfile: keptSharing(object(profile), object(old)) };
}

function patch(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const gallery = compute(world).resources[key(galleryId(params))];
  if (!gallery) return refused(world, params) ?? notFound(type, params['gallery'] ?? '', params['group'] ?? '');
  const body = object(request.body);
  if (body['tags'] !== undefined) gallery.tags = object(body['tags']) as Record<string, string>;
  const changes = object(body['properties']);
  const problem = sharingProblem(object(changes['sharingProfile']), gallery);
  if (problem) return problem;
  const sharing = sharingOf(changes['sharingProfile'], gallery);
  Object.assign(gallery.properties, settable(changes), sharing, { provisioningState: 'Updating' });
  return accepted(world, request, gallery, 200);
}

function accepted(world: World, request: SandboxRequest, gallery: Resource, status: number): SandboxResponse {
  const head = start(world, request, gallery, 'gallery.write');
  return {
    status,
    headers: { ...head, ...remaining('CreateUpdateGallery', 49, 299) },
    body: copyOf(galleryView(world, gallery)),
  };
}

function remove(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const gallery = compute(world).resources[key(galleryId(params))];
  if (!gallery) return refused(world, params) ?? { status: 204 };
  const nested = nestedIn(world, gallery.id);
  if (nested.length > 0) return nestedResources(nested);
  // Documented; the words are the sandbox's.
  const { communityGalleryInfo } = object(gallery.properties['sharingProfile']);
  if (object(communityGalleryInfo)['communityGalleryEnabled'] === true) {
    const message = `The gallery '${gallery.name}' cannot be deleted while it is shared with the community. Reset its sharing first.`;
    return armError(409, 'OperationNotAllowed', message);
  }
  gallery.properties['provisioningState'] = 'Deleting';
  const head = start(world, request, gallery, 'gallery.delete');
  return { status: 202, headers: { ...head, ...remaining('DeleteGallery', 49, 299) } };
}

function start(world: World, request: SandboxRequest, gallery: Resource, what: string): Record<string, string> {
  return startLro(world, request, {
    subscriptionId: gallery.id.split('/')[2] ?? '',
    location: gallery.location,
    style: 'capsOperations',
    what,
    target: key(gallery.id),
    endsAtMs: world.clock.nowMs() + 300,
  });
}
