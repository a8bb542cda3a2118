import type { Params, Route, SandboxRequest, SandboxResponse } from '../kernel/types';
import type { World } from '../kernel/world';
import { armError, key, notFound } from './arm';
import { scopeError } from './compute/groups';
import { regionName } from './compute/regions';
import { type JsonObject, object, text } from './compute/resource';
import { principalsOf } from './identity';
import { builderIdentity, location } from './names';

interface IdentitiesSection {
  /** By lower-case id. */
  made: Record<string, { readonly id: string; readonly location: string; readonly tags: JsonObject }>;
  /** Lower-case ids of what somebody has deleted. */
  deleted: string[];
}

const identities = (world: World): IdentitiesSection =>
  world.section<IdentitiesSection>('identities', () => ({
    made: world.isEmpty ? {} : { [key(builderIdentity)]: { id: builderIdentity, location, tags: {} } },
    deleted: [],
  }));

const type = 'Microsoft.ManagedIdentity/userAssignedIdentities';

/** Whether there is such a user-assigned identity here. */
export const isIdentity = (world: World, id: string): boolean => identities(world).made[key(id)] !== undefined;

/** User-assigned identities: goldbot names one, for the builds, and manages none. */
export function identityRoutes(world: World): Route[] {
  const path = `/subscriptions/{subscriptionId}/resourceGroups/{group}/providers/${type}/{name}`;
  const on =
    (act: (id: string, request: SandboxRequest, params: Params) => SandboxResponse) =>
    (request: SandboxRequest, params: Params) =>
      scopeError(world, params['subscriptionId'] ?? '', params['group']) ?? act(idOf(params), request, params);
  return [
    { method: 'GET', path, handle: on((id, _, params) => get(world, id, params)) },
    { method: 'PUT', path, handle: on((id, request) => put(world, id, request)) },
    { method: 'DELETE', path, handle: on((id) => remove(world, id)) },
  ];
}

/**
 * ARM's refusal to give a resource an identity that is gone; undefined for every other request. Identities that nobody
 * has made or deleted here are taken for granted: most resources of the estate are not looked at so closely.
 */
export function identityRefusal(world: World, { method, url, body }: SandboxRequest): SandboxResponse | undefined {
  if (method !== 'PUT' && method !== 'PATCH') return undefined;
  const given = Object.entries(object(object(object(body)['identity'])['userAssignedIdentities']));
  const gone = given.find(([id, v]) => v !== null && identities(world).deleted.includes(key(id)))?.[0];
  return gone === undefined ? undefined : noIdentity(url.pathname, gone);
}

export function noIdentity(resource: string, identity: string): SandboxResponse {
  const inner = `{"error":{"code":"BadRequest","message":"Resource '${identity}' was not found."}}`;
  const message = `Identity operation for resource '${resource}' failed with error 'Failed to perform resource identity operation. Status: 'BadRequest'. Response: '${inner}'.'.`;
  return armError(400, 'FailedIdentityOperation', message);
}

const idOf = ({ subscriptionId, group, name }: Params): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/${group}/providers/${type}/${name}`;

function get(world: World, id: string, params: Params): SandboxResponse {
  const found = identities(world).made[key(id)];
  if (!found) return notFound(type, params['name'] ?? '', params['group'] ?? '');
  const properties = object(principalsOf([found.id])[found.id]);
  return { status: 200, body: { ...found, name: found.id.split('/').at(-1) ?? '', type, properties } };
}

function put(world: World, id: string, { body }: SandboxRequest): SandboxResponse {
  const { made, deleted } = identities(world);
  const before = made[key(id)];
  const given = object(body);
  const where = before?.location ?? text(given['location']);
  if (where === undefined) {
    return armError(400, 'LocationRequired', 'The location property is required for this definition.');
  }
  made[key(id)] = { id: before?.id ?? id, location: regionName(where), tags: object(given['tags']) };
  if (deleted.includes(key(id))) deleted.splice(deleted.indexOf(key(id)), 1);
  const [, , , , group = '', , , , name = ''] = id.split('/');
  return { ...get(world, id, { group, name }), status: before ? 200 : 201 };
}

/** 204 when there is none. */
function remove(world: World, id: string): SandboxResponse {
  const { made, deleted } = identities(world);
  if (!made[key(id)]) return { status: 204 };
  delete made[key(id)];
  deleted.push(key(id));
  return { status: 200 };
}
