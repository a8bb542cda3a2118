import { entra, tenantId } from '../../entra/people';
import type { Json, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key } from '../arm';
import { object, text } from '../compute/resource';
import { condition } from '../conditions';
import { policyPrincipals } from '../estate/policies';
import { builtInRoles } from './built-in';
import { conditionProblem } from './conditions';
import { isRefused, termsOf } from './filter';
import type { RoleAssignment } from './model';
import { callerOf, goldbotIdentity, owner } from './names';
import type { OnScope } from './on-scopes';
import { isWithin, scopeKind } from './scope';
import { assignmentId, assignmentType, authorization, roleNamed } from './section';

export const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function assignmentView(assignment: RoleAssignment): Json {
  const { name, scope, role, ...rest } = assignment;
  const at = /^\/subscriptions\/[^/]+/i.exec(scope)?.[0] ?? '';
  return {
    properties: {
      roleDefinitionId: `${at}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
      scope,
      ...rest,
    },
    id: assignmentId(assignment),
    type: assignmentType,
    name,
  };
}

/** Those at, above and below the scope; `atScope()` leaves out what is below. */
export function listAssignments({ world, request, scope }: OnScope): SandboxResponse {
  const terms = termsOf(request.url.searchParams.get('$filter'), ['atScope', 'principalId', 'assignedTo']);
  if (isRefused(terms)) return terms.refused;
  const principal = terms['principalid'] ?? terms['assignedto'];
  const value = Object.values(authorization(world).assignments)
    .filter((a) => isWithin(scope, a.scope) || (!terms['atscope'] && isWithin(a.scope, scope)))
    .filter((a) => principal === undefined || key(a.principalId) === key(String(principal)))
    .map(assignmentView);
  return { status: 200, body: { value } };
}

export function getAssignment({ world, scope, name }: OnScope): SandboxResponse {
  const found = authorization(world).assignments[key(assignmentId({ scope, name }))];
  if (found) return { status: 200, body: assignmentView(found) };
  return armError(404, 'RoleAssignmentNotFound', `The role assignment '${name}' is not found.`);
}

/** 204 when there is none. */
export function deleteAssignment({ world, scope, name }: OnScope): SandboxResponse {
  const { assignments } = authorization(world);
  const id = key(assignmentId({ scope, name }));
  const found = assignments[id];
  if (!found) return { status: 204 };
  const refused = lastAdministrator(world, found);
  if (refused) return refused;
  delete assignments[id];
  return { status: 200, body: assignmentView(found) };
}

export function putAssignment(on: OnScope): SandboxResponse {
  const { world, request, scope, name } = on;
  const properties = object(object(request.body)['properties']);
  const wanted = wantedOf(properties);
  const { assignments } = authorization(world);
  const id = key(assignmentId({ scope, name }));
  const before = assignments[id];
  const refused =
    refusedAssignment(on, wanted) ??
    badCondition(properties) ??
    (before
      ? changed(before, wanted)
      : (taken(world, scope, wanted) ?? unknownPrincipal(world, properties) ?? tooMany(world, scope)));
  if (refused) return refused;
  const now = world.clock.now().toISOString();
  const by = callerOf(request.headers).objectId;
  const assignment: RoleAssignment = {
    name,
    scope,
    ...wanted,
    principalType: text(properties['principalType']) ?? before?.principalType ?? 'User',
    ...optional(properties, 'description'),
    ...optional(properties, 'condition'),
    ...optional(properties, 'conditionVersion'),
    createdOn: before?.createdOn ?? now,
    updatedOn: now,
    createdBy: before?.createdBy ?? by,
    updatedBy: by,
  };
  assignments[id] = assignment;
  return { status: before ? 200 : 201, body: assignmentView(assignment) };
}

export type Wanted = Pick<RoleAssignment, 'role' | 'principalId'>;

export function wantedOf(properties: { [key: string]: Json }): Wanted {
  const role = text(properties['roleDefinitionId'])?.split('/').at(-1) ?? '';
  return { role: key(role), principalId: text(properties['principalId']) ?? '' };
}

function optional(properties: { [key: string]: Json }, name: 'description' | 'condition' | 'conditionVersion') {
  const value = text(properties[name]);
  return value === undefined ? {} : { [name]: value };
}

function refusedAssignment(on: OnScope, wanted: Wanted): SandboxResponse | undefined {
  const { name } = on;
  if (!guid.test(name)) {
    const message = `The role assignment ID '${name}' is not valid. The role assignment ID must be a GUID.`;
    return armError(400, 'InvalidRoleAssignmentId', message);
  }
  return unassignable(on, wanted);
}

/** Why nobody can be given this role here. */
export function unassignable({ world, scope }: OnScope, { role, principalId }: Wanted): SandboxResponse | undefined {
  if (!guid.test(principalId)) {
    const message = `Principal ID '${principalId}' is not valid. Principal ID must be a GUID.`;
    return armError(400, 'InvalidPrincipalId', message);
  }
  const definition = roleNamed(world, role);
  if (!definition) {
    const message = `The specified role definition with ID '${role}' does not exist.`;
    return armError(400, 'RoleDefinitionDoesNotExist', message);
  }
  if (definition.assignableScopes.some((above) => isWithin(scope, above))) return undefined;
  const message = `The given role assignment scope '${scope}' is not assignable to role definition '${definition.roleName}'.`;
  return armError(400, 'RoleAssignmentScopeNotAssignableToRoleDefinition', message);
}

/** The words are the sandbox's; conditions are of version 2.0 alone. */
function badCondition(properties: { [key: string]: Json }): SandboxResponse | undefined {
  const given = text(properties['condition']);
  if (given === undefined) return undefined;
  const version = text(properties['conditionVersion']);
  const problem = version === '2.0' ? conditionProblem(given) : `The condition version '${version}' must be '2.0'.`;
  return problem === undefined ? undefined : armError(400, 'InvalidRoleAssignmentCondition', problem);
}

function changed(before: RoleAssignment, { role, principalId }: Wanted): SandboxResponse | undefined {
  if (before.role === role && key(before.principalId) === key(principalId)) return undefined;
  const message = 'Tenant ID, application ID, principal ID, and scope are not allowed to be updated.';
  return armError(400, 'RoleAssignmentUpdateNotPermitted', message);
}

export function taken(world: World, scope: string, { role, principalId }: Wanted): SandboxResponse | undefined {
  const same = (a: RoleAssignment) =>
    key(a.scope) === key(scope) && a.role === role && key(a.principalId) === key(principalId);
  const existing = Object.values(authorization(world).assignments).find(same);
  if (!existing) return undefined;
  const message = `The role assignment already exists. The ID of the existing role assignment is ${existing.name.replaceAll('-', '')}.`;
  return armError(409, 'RoleAssignmentExists', message);
}

/** Documented: of one subscription, with everything below it. */
const mostAssignments = 4_000;

export function tooMany(world: World, scope: string): SandboxResponse | undefined {
  const subscription = /^\/subscriptions\/[^/]+/i.exec(scope)?.[0];
  if (subscription === undefined) return undefined;
  const limit = Number(condition(world, 'limits', { what: 'roleAssignments' })['most'] ?? mostAssignments);
  const there = Object.values(authorization(world).assignments).filter((a) => isWithin(a.scope, subscription));
  if (there.length < limit) return undefined;
  const message = `No more role assignments can be created on '${subscription}'; the limit is ${limit}.`;
  return armError(400, 'RoleAssignmentLimitExceeded', message);
}

const administrators: readonly string[] = [builtInRoles.owner.name, builtInRoles.userAccessAdministrator.name];

/** A subscription keeps somebody who may assign roles. */
function lastAdministrator(world: World, { scope, role, name }: RoleAssignment): SandboxResponse | undefined {
  if (scopeKind(scope) !== 'subscription' || !administrators.includes(role)) return undefined;
  const others = Object.values(authorization(world).assignments).filter(
    (a) => a.name !== name && administrators.includes(a.role) && isWithin(scope, a.scope),
  );
  if (others.length > 0) return undefined;
  return armError(400, 'CannotDeleteLastRbacAdmin', 'The last RBAC administrator assignment cannot be deleted.');
}

/** Without its type a principal is looked for in the directory, which does not have it yet, or not any more. */
export function unknownPrincipal(world: World, properties: { [key: string]: Json }): SandboxResponse | undefined {
  const id = text(properties['principalId']) ?? '';
  if (properties['principalType'] !== undefined || isPrincipal(world, id)) return undefined;
  const message = `Principal ${id.replaceAll('-', '')} does not exist in the directory ${tenantId}. Check that you have the correct principal ID. If you are creating this principal and then immediately assigning a role, this error might be related to a replication delay. In this case, set the role assignment principalType property to a value, such as ServicePrincipal, User, or Group. See https://aka.ms/docs-principaltype`;
  return armError(400, 'PrincipalNotFound', message);
}

function isPrincipal(world: World, id: string): boolean {
  const { people, groups } = entra(world);
  const inDirectory = [...people, ...groups].some((one) => key(one.id) === key(id));
  const knownApps = [goldbotIdentity.objectId, owner.objectId, ...policyPrincipals().map((p) => p.principalId)];
  return inDirectory || knownApps.some((one) => key(one) === key(id));
}
