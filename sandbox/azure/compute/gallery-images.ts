import { copyOf } from '../../kernel/copy';
import type { Params, Route, SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { key } from '../arm';
import {
  changeNotAllowed,
  invalidParameter,
  missingParameter,
  nestedParentNotFound,
  nestedResources,
  parentNotFound,
} from './errors';
import { galleryId, imageId, imageNotFound, refused, remaining } from './gallery-shared';
import { nestedIn, noteGone } from './gallery-soft-delete';
import { onCompletion, startLro } from './lro';
import { definitionNameProblem, identifierProblem, locationProblem, recommendedProblem } from './names';
import { galleryLimitProblem } from './quotas';
import { regionName } from './regions';
import { type JsonObject, list, object, type Resource, text } from './resource';
import { compute } from './section';

const type = 'Microsoft.Compute/galleries/images';
const images =
  '/subscriptions/{subscriptionId}/resourceGroups/{group}/providers/Microsoft.Compute/galleries/{gallery}/images';

export function registerGalleryImages(): void {
  onCompletion('image.write', (world, target, { outcome }) => {
    const image = compute(world).resources[target];
    if (image) image.properties['provisioningState'] = outcome === 'Succeeded' ? 'Succeeded' : 'Failed';
    return undefined;
  });
  onCompletion('image.delete', (world, target, { outcome, atMs }) => {
    if (outcome !== 'Succeeded') return undefined;
    delete compute(world).resources[target];
    noteGone(world, target, atMs);
    return undefined;
  });
}

export function galleryImageRoutes(world: World): Route[] {
  const path = `${images}/{image}`;
  return [
    { method: 'GET', path: images, handle: (_, params) => listImages(world, params) },
    { method: 'GET', path, handle: (_, params) => get(world, params) },
    { method: 'PUT', path, handle: (request, params) => put(world, request, params) },
    { method: 'PATCH', path, handle: (request, params) => patch(world, request, params) },
    { method: 'DELETE', path, handle: (request, params) => remove(world, request, params) },
  ];
}

function get(world: World, params: Params): SandboxResponse {
  const image = compute(world).resources[key(imageId(params))];
  if (!image) return imageNotFound(world, params);
  return { status: 200, headers: remaining('GetGalleryImage', 599, 2994), body: image };
}

function listImages(world: World, params: Params): SandboxResponse {
  const { resources } = compute(world);
  if (!resources[key(galleryId(params))])
    return refused(world, params) ?? nestedParentNotFound(params['gallery'] ?? '');
  const prefix = `${key(galleryId(params))}/`;
  const value = Object.values(resources).filter((r) => r.type === type && key(r.id).startsWith(prefix));
  return { status: 200, headers: remaining('ListGalleryImagesInGallery', 1499, 9999), body: { value } };
}

function put(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const { resources } = compute(world);
  const error = refused(world, params);
  if (error) return error;
  if (!resources[key(galleryId(params))]) return parentNotFound('galleries/images', imageId(params), galleryId(params));
  const body = object(request.body);
  const properties = object(body['properties']);
  const before = resources[key(imageId(params))];
  const problem = invalid(world, body, params, before);
  if (problem) return problem;
  const image: Resource = {
    id: before?.id ?? imageId(params),
    name: before?.name ?? params['image'] ?? '',
    type,
    location: regionName(text(body['location']) ?? ''),
    tags: object(body['tags']) as Record<string, string>,
    properties: withDefaults(properties, request, before),
  };
  resources[key(image.id)] = image;
  return accepted(world, request, image, before ? 200 : 201);
}

/** Definitions made with api-version 2025-03-03 or later are Gen2 and ready for trusted launch unless they say otherwise. */
function withDefaults(properties: JsonObject, request: SandboxRequest, before: Resource | undefined): JsonObject {
  const { disallowed, ...given } = properties;
  const modern = (request.url.searchParams.get('api-version') ?? '') >= '2025-03-03' && !before;
  const features =
    modern && !given['hyperVGeneration'] ? [{ name: 'SecurityType', value: 'TrustedLaunchSupported' }] : undefined;
  return {
    hyperVGeneration: modern ? 'V2' : 'V1',
    architecture: 'x64',
    ...(features && { features }),
    ...given,
    ...(disallowed && list(object(disallowed)['diskTypes']).length > 0 ? { disallowed } : {}),
    provisioningState: before ? 'Updating' : 'Creating',
  };
}

function invalid(world: World, body: JsonObject, params: Params, before?: Resource): SandboxResponse | undefined {
  const location = text(body['location']);
  if (!location) return missingParameter('location');
  const misplaced =
    definitionNameProblem(params['image'] ?? '') ?? locationProblem(type, location, before, params['group'] ?? '');
  if (misplaced) return misplaced;
  const properties = object(body['properties']);
  const identifier = object(properties['identifier']);
  for (const name of ['osType', 'osState'] as const) {
    if (!text(properties[name])) return missingParameter(`galleryImage.properties.${name}`);
  }
  if (!['Linux', 'Windows'].includes(String(properties['osType']))) {
    return invalidParameter(`The value of parameter galleryImage.properties.osType is invalid.`, 'osType');
  }
  if (!['Generalized', 'Specialized'].includes(String(properties['osState']))) {
    return invalidParameter(`The value of parameter galleryImage.properties.osState is invalid.`, 'osState');
  }
  for (const name of ['publisher', 'offer', 'sku'] as const) {
    if (!text(identifier[name])) return missingParameter(`galleryImage.properties.identifier.${name}`);
  }
  const problem = identifierProblem(identifier) ?? recommendedProblem(properties);
  if (problem) return problem;
  const changed =
    before && fixed.find((name) => properties[name] !== undefined && !same(properties[name], before.properties[name]));
  if (changed) return changeNotAllowed(`galleryImage.properties.${changed}`);
  if (before) return undefined;
  return duplicateIdentifier(world, identifier, params) ?? galleryLimitProblem(world, type, imageId(params), location);
}

function duplicateIdentifier(world: World, identifier: JsonObject, params: Params): SandboxResponse | undefined {
  const prefix = `${key(galleryId(params))}/`;
  const twin = Object.values(compute(world).resources).find(
    (r) => r.type === type && key(r.id).startsWith(prefix) && same(r.properties['identifier'], identifier),
  );
  if (!twin) return undefined;
  const message = `Gallery image: ${twin.name} identified by (publisher:${identifier['publisher']}, offer:${identifier['offer']}, sku:${identifier['sku']}) already exists. Choose a different publisher, offer, sku combination.`;
  return { status: 409, body: { error: { code: 'Conflict', message, target: 'galleryImage.properties.identifier' } } };
}

/** What a definition promises about its versions, forever. */
const fixed = ['osType', 'osState', 'hyperVGeneration', 'architecture', 'identifier'];

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a).toLowerCase() === JSON.stringify(b)?.toLowerCase();

function patch(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const image = compute(world).resources[key(imageId(params))];
  if (!image) return imageNotFound(world, params);
  const body = object(request.body);
  const changes = object(body['properties']);
  const changed = fixed.find((name) => changes[name] !== undefined && !same(changes[name], image.properties[name]));
  if (changed) return changeNotAllowed(`galleryImage.properties.${changed}`);
  if (body['tags'] !== undefined) image.tags = object(body['tags']) as Record<string, string>;
  Object.assign(image.properties, changes, { provisioningState: 'Updating' });
  return accepted(world, request, image, 200);
}

function accepted(world: World, request: SandboxRequest, image: Resource, status: number): SandboxResponse {
  const head = start(world, request, image, 'image.write');
  return {
    status,
    headers: { ...head, ...remaining('CreateUpdateGalleryImage', 149, 748) },
    body: copyOf(image),
  };
}

function remove(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const image = compute(world).resources[key(imageId(params))];
  if (!image) return refused(world, params) ?? { status: 204 };
  const nested = nestedIn(world, image.id);
  if (nested.length > 0) return nestedResources(nested);
  image.properties['provisioningState'] = 'Deleting';
  const head = start(world, request, image, 'image.delete');
  return { status: 202, headers: { ...head, ...remaining('DeleteGalleryImage', 49, 298) } };
}

function start(world: World, request: SandboxRequest, image: Resource, what: string): Record<string, string> {
  return startLro(world, request, {
    subscriptionId: image.id.split('/')[2] ?? '',
    location: image.location,
    style: 'capsOperations',
    what,
    target: key(image.id),
    endsAtMs: world.clock.nowMs() + 300,
  });
}
