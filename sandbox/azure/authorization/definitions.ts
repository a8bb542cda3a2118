import type { Json, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key } from '../arm';
import { type JsonObject, list, object, text } from '../compute/resource';
import { guid } from './assignments';
import { builtInRoles } from './built-in';
import { isRefused, termsOf } from './filter';
import type { Permission, RoleDefinition } from './model';
import { callerOf } from './names';
import type { OnScope } from './on-scopes';
import { isWithin, scopeKind } from './scope';
import { allRoles, authorization, definitionType, roleNamed } from './section';

/** The id of a role names the subscription it was asked for by, or none: it is the same role. */
function view(scope: string, { name, ...role }: RoleDefinition): Json {
  const at = /^\/subscriptions\/[^/]+/i.exec(scope)?.[0] ?? '';
  const properties = { ...role, assignableScopes: [...role.assignableScopes], permissions: role.permissions.map(copy) };
  return { properties, id: `${at}/providers/${definitionType}/${name}`, type: definitionType, name };
}

const copy = (p: Permission): JsonObject => ({
  actions: [...p.actions],
  notActions: [...p.notActions],
  dataActions: [...p.dataActions],
  notDataActions: [...p.notDataActions],
});

/** Those that can be assigned at the scope. */
export function listDefinitions({ world, request, scope }: OnScope): SandboxResponse {
  const terms = termsOf(request.url.searchParams.get('$filter'), ['atScopeAndBelow', 'roleName', 'type']);
  if (isRefused(terms)) return terms.refused;
  const { rolename, type } = terms;
  const value = allRoles(world)
    .filter((role) => isAssignable(role, scope, terms['atscopeandbelow'] === true))
    .filter((role) => rolename === undefined || role.roleName === rolename)
    .filter((role) => type === undefined || key(role.type) === key(String(type)))
    .map((role) => view(scope, role));
  return { status: 200, body: { value } };
}

function isAssignable(role: RoleDefinition, scope: string, below: boolean): boolean {
  return role.assignableScopes.some((s) => isWithin(scope, s) || (below && isWithin(s, scope)));
}

export function getDefinition({ world, scope, name }: OnScope): SandboxResponse {
  const found = roleNamed(world, name);
  return found ? { status: 200, body: view(scope, found) } : missing(name);
}

function missing(name: string): SandboxResponse {
  const message = `The specified role definition with ID '${name}' does not exist.`;
  return armError(404, 'RoleDefinitionDoesNotExist', message);
}

export function deleteDefinition({ world, scope, name }: OnScope): SandboxResponse {
  const { roles, assignments } = authorization(world);
  const found = roles[key(name)];
  if (!found) return { status: 204 };
  if (Object.values(assignments).some((a) => a.role === key(name))) {
    const message = 'There are existing role assignments referencing role (code: RoleDefinitionHasAssignments).';
    return armError(400, 'RoleDefinitionHasAssignments', message);
  }
  delete roles[key(name)];
  return { status: 200, body: view(scope, found) };
}

export function putDefinition({ world, request, scope, name }: OnScope): SandboxResponse {
  const properties = object(object(request.body)['properties']);
  const wanted = {
    name: key(name),
    roleName: text(properties['roleName']) ?? '',
    description: text(properties['description']) ?? '',
    type: 'CustomRole' as const,
    permissions: list(properties['permissions']).map(permissionOf),
    assignableScopes: strings(properties['assignableScopes']),
  };
  const refused = refusedDefinition(world, wanted);
  if (refused) return refused;
  const { roles } = authorization(world);
  const before = roles[wanted.name];
  const now = world.clock.now().toISOString();
  const by = callerOf(request.headers).objectId;
  const role: RoleDefinition = {
    ...wanted,
    createdOn: before?.createdOn ?? now,
    updatedOn: now,
    createdBy: before?.createdBy ?? by,
    updatedBy: by,
  };
  roles[wanted.name] = role;
  return { status: 201, body: view(scope, role) };
}

type Wanted = Omit<RoleDefinition, 'createdOn' | 'updatedOn' | 'createdBy' | 'updatedBy'>;

function refusedDefinition(world: World, wanted: Wanted): SandboxResponse | undefined {
  const { name, roleName, permissions, assignableScopes } = wanted;
  if (!guid.test(name)) {
    const message = `The role definition ID '${name}' is not valid. The role definition ID must be a GUID.`;
    return armError(400, 'InvalidRoleDefinitionId', message);
  }
  if (Object.values(builtInRoles).some((r) => r.name === name)) {
    return armError(403, 'RoleDefinitionUpdateNotPermitted', 'Built-in roles cannot be changed.');
  }
  if (roleName === '') return armError(400, 'RoleDefinitionNameNullOrEmpty', 'The role definition name is required.');
  const twin = allRoles(world).find((r) => r.name !== name && key(r.roleName) === key(roleName));
  if (twin) {
    const message = 'A custom role with the same name already exists in this directory. Use a different name.';
    return armError(409, 'RoleDefinitionWithSameNameExists', message);
  }
  if (permissions.length === 0) {
    return armError(400, 'RoleDefinitionPermissionsNullOrEmpty', 'The role definition permissions are required.');
  }
  return refusedScopes(assignableScopes) ?? refusedActions(permissions);
}

/** A custom role cannot be assignable at the tenant itself. */
function refusedScopes(scopes: readonly string[]): SandboxResponse | undefined {
  if (scopes.length === 0) {
    return armError(400, 'RoleDefinitionAssignableScopesNullOrEmpty', 'The assignable scopes are required.');
  }
  const wrong = scopes.find((s) => [undefined, 'tenant', 'resource'].includes(scopeKind(s)));
  if (wrong === undefined) return undefined;
  const message = `The assignable scope '${wrong}' of the role definition is not valid.`;
  return armError(400, 'InvalidAssignableScopes', message);
}

/** Whether a provider has the action is not known here; that it could be one is. */
function refusedActions(permissions: readonly Permission[]): SandboxResponse | undefined {
  const all = permissions.flatMap((p) => [...p.actions, ...p.notActions]);
  const wrong = all.find((a) => !/^(?:\*|[\w.*]+(?:\/[\w.*$-]+)*\/(?:read|write|delete|action|\*))$/i.test(a));
  if (wrong === undefined) return undefined;
  const message = `'${wrong}' does not match any of the actions supported by the providers.`;
  return armError(400, 'InvalidActionOrNotAction', message);
}

function permissionOf(value: Json): Permission {
  const given = object(value);
  return {
    actions: strings(given['actions']),
    notActions: strings(given['notActions']),
    dataActions: strings(given['dataActions']),
    notDataActions: strings(given['notDataActions']),
  };
}

const strings = (value: Json | undefined): string[] => list(value).filter((v) => typeof v === 'string');
