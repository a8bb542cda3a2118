import type { Params, Route, SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { key, notFound } from '../arm';
import { cannotParse, changeNotAllowed, missingParameter } from './errors';
import { galleryId, refused, remaining } from './gallery-shared';
import { onCompletion, startLro } from './lro';
import { regionName } from './regions';
import { object, type Resource, text } from './resource';
import { compute } from './section';

const type = 'Microsoft.Compute/galleries';
const path = '/subscriptions/{subscriptionId}/resourceGroups/{group}/providers/Microsoft.Compute/galleries/{gallery}';

export function registerGalleries(): void {
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
    { method: 'GET', path, handle: (_, params) => get(world, params) },
    { method: 'PUT', path, handle: (request, params) => put(world, request, params) },
    { method: 'PATCH', path, handle: (request, params) => patch(world, request, params) },
    { method: 'DELETE', path, handle: (request, params) => remove(world, request, params) },
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

function get(world: World, params: Params): SandboxResponse {
  const gallery = compute(world).resources[key(galleryId(params))];
  if (!gallery) return refused(world, params) ?? notFound(type, params['gallery'] ?? '', params['group'] ?? '');
  return { status: 200, headers: remaining('GetGallery', 349, 2494), body: gallery };
}

function listAll(world: World, scope: string, params: Params): SandboxResponse {
  const error = refused(world, params);
  if (error) return error;
  const value = Object.values(compute(world).resources).filter(
    (r) => r.type === type && key(r.id).startsWith(key(scope)),
  );
  return { status: 200, headers: remaining('ListGalleryInResourceGroup', 99, 999), body: { value } };
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
  if (before && regionName(before.location) !== regionName(location)) return changeNotAllowed('gallery.location');
  const uniqueName = `${params['subscriptionId']}-${(params['gallery'] ?? '').toUpperCase()}`;
  const gallery: Resource = {
    id: before?.id ?? galleryId(params),
    name: before?.name ?? params['gallery'] ?? '',
    type,
    location: regionName(location),
    tags: object(body['tags']) as Record<string, string>,
    properties: {
      ...object(body['properties']),
      identifier: { uniqueName },
      provisioningState: before ? 'Updating' : 'Creating',
    },
  };
  resources[key(gallery.id)] = gallery;
  return accepted(world, request, gallery, before ? 200 : 201);
}

function patch(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const gallery = compute(world).resources[key(galleryId(params))];
  if (!gallery) return refused(world, params) ?? notFound(type, params['gallery'] ?? '', params['group'] ?? '');
  const body = object(request.body);
  if (body['tags'] !== undefined) gallery.tags = object(body['tags']) as Record<string, string>;
  const { identifier: _i, provisioningState: _p, ...changes } = object(body['properties']);
  Object.assign(gallery.properties, changes, { provisioningState: 'Updating' });
  return accepted(world, request, gallery, 200);
}

function accepted(world: World, request: SandboxRequest, gallery: Resource, status: number): SandboxResponse {
  const head = start(world, request, gallery, 'gallery.write');
  return { status, headers: { ...head, ...remaining('CreateUpdateGallery', 49, 299) }, body: structuredClone(gallery) };
}

function remove(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const { resources } = compute(world);
  const gallery = resources[key(galleryId(params))];
  if (!gallery) return refused(world, params) ?? { status: 204 };
  const nested = Object.keys(resources).find((id) => id.startsWith(`${key(gallery.id)}/`));
  if (nested) {
    const message = `Can not delete resource before nested resources are deleted.`;
    return { status: 409, body: { error: { code: 'CannotDeleteResource', message } } };
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
