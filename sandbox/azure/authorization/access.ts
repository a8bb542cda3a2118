import type { SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key } from '../arm';
import { subscriptionIds } from '../compute/groups';
import { object, text } from '../compute/resource';
import { type Access, accessOf, decoded } from './action';
import { builtInRoles } from './built-in';
import { type Attributes, conditionHolds } from './conditions';
import { linkedAccess } from './linked';
import type { Permission, RoleAssignment } from './model';
import { type Caller, owner, rootManagementGroup } from './names';
import { isWithin, scopesOver } from './scope';
import { authorization, roleNamed } from './section';
import { callerIn } from './tokens';

type Headers = Readonly<Record<string, string>>;

/** ARM's 403 when the caller's roles do not cover what the request does; undefined when they do. */
export function unauthorized(world: World, request: SandboxRequest): SandboxResponse | undefined {
  const caller = callerIn(world, request.headers);
  const access = accessOf(request.method, decoded(request.url.pathname));
  // A missing subscription is reported as such: ARM looks for it before it looks at roles.
  if (!access || !isKnown(world, access.scope)) return undefined;
  if (!may(world, caller, access, attributesOf(world, request))) return authorizationFailed(caller, access);
  const missing = linkedAccess(request, access.scope).filter((linked) => !may(world, caller, linked));
  return missing.length > 0 ? linkedAuthorizationFailed(caller, access, missing) : undefined;
}

/** Whether the caller's roles allow an action at a scope, with what their conditions can ask about the request. */
export function may(
  world: World,
  caller: Pick<Caller, 'objectId'>,
  access: Access,
  attributes: Attributes = {},
): boolean {
  if (caller === owner) return true;
  const above = new Set(scopesOver(access.scope));
  return assignmentsOf(world, caller).some(
    (a) =>
      above.has(key(a.scope)) &&
      roleAllows(world, a, access) &&
      conditionHolds(a.condition, { action: access.action, attributes }),
  );
}

/** Of a write or a deletion of a role assignment: which role it is about, and whose. */
function attributesOf(world: World, { method, url, body }: SandboxRequest): Attributes {
  const path = decoded(url.pathname).replace(/\/+$/, '');
  if (!/\/Microsoft\.Authorization\/roleAssignments\/[^/]+$/i.test(path)) return {};
  const before = authorization(world).assignments[key(path)];
  const given = object(object(body)['properties']);
  const told = (source: string, role?: string, principalId?: string, principalType?: string): Attributes => ({
    ...(role !== undefined && { [`${source}:roledefinitionid`]: role.split('/').at(-1) ?? '' }),
    ...(principalId !== undefined && { [`${source}:principalid`]: principalId }),
    ...(principalType !== undefined && { [`${source}:principaltype`]: principalType }),
  });
  const [role, id, type] = ['roleDefinitionId', 'principalId', 'principalType'].map((name) => text(given[name]));
  return {
    ...(method === 'PUT' && told('request', role, id, type)),
    ...(before && told('resource', before.role, before.principalId, before.principalType)),
  };
}

/** Documented: what reads these is not called after their type. */
const readBy: Readonly<Record<string, string>> = {
  'microsoft.policyinsights/policystates': 'Microsoft.PolicyInsights/policyStates/queryResults/read',
};

/**
 * Which resources Resource Graph shows to the sender of these headers, by lower-case id and type: those that a role of
 * theirs allows to read, here or above. Undefined when nothing is hidden, so that a million rows need not be looked at.
 */
export function readable(world: World, headers: Headers): ((id: string, type: string) => boolean) | undefined {
  if (readsAll(world, headers)) return undefined;
  const caller = callerIn(world, headers);
  const held = assignmentsOf(world, caller).map((a) => ({ scope: key(a.scope), types: new Map<string, boolean>(), a }));
  return (id, type) =>
    held.some(({ scope, types, a }) => {
      if (!reaches(scope, id)) return false;
      const known = types.get(type);
      if (known !== undefined) return known;
      const allows = roleAllows(world, a, { action: readBy[type] ?? `${type}/read`, scope });
      types.set(type, allows);
      return allows;
    });
}

/** What management groups hold is inherited: whoever sees a subscription below sees it. */
function reaches(scope: string, id: string): boolean {
  const container = /^\/subscriptions\/[^/]+(?:\/resourcegroups\/[^/]+)?/.exec(id)?.[0];
  if (container === undefined) return true;
  return scope === id || id.startsWith(`${scope}/`) || scopesOver(container).includes(scope);
}

/** What the sender's roles allow at a scope, one entry for each that is assigned there or above. */
export function permissionsAt(world: World, headers: Headers, scope: string): readonly Permission[] {
  const caller = callerIn(world, headers);
  if (caller === owner) return builtInRoles.owner.permissions;
  const above = new Set(scopesOver(scope));
  return assignmentsOf(world, caller)
    .filter((a) => above.has(key(a.scope)))
    .flatMap((a) => permissionsOf(world, a));
}

/** Whether nothing is hidden from the sender, so that a million rows need not be checked one by one. */
export function readsAll(world: World, headers: Headers): boolean {
  const caller = callerIn(world, headers);
  if (caller === owner) return true;
  const wide = (p: Permission) => p.notActions.length === 0 && p.actions.some((a) => a === '*' || a === '*/read');
  return assignmentsOf(world, caller).some(
    (a) => scopesOver(rootManagementGroup).includes(key(a.scope)) && permissionsOf(world, a).some(wide),
  );
}

/** The subscriptions of which the sender may read anything at all, in the order of the estate. */
export function visibleSubscriptions(world: World, headers: Headers): string[] {
  const caller = callerIn(world, headers);
  const all = subscriptionIds(world);
  if (readsAll(world, headers)) return all;
  const reads = (p: Permission) => p.actions.some((a) => /(?:\*|\/read)$/i.test(a));
  const scopes = assignmentsOf(world, caller).filter((a) => permissionsOf(world, a).some(reads));
  const touches = (id: string) => (a: RoleAssignment) => isWithin(id, a.scope) || isWithin(a.scope, id);
  return all.filter((id) => scopes.some(touches(`/subscriptions/${id}`)));
}

function assignmentsOf(world: World, { objectId }: Pick<Caller, 'objectId'>): RoleAssignment[] {
  return Object.values(authorization(world).assignments).filter((a) => key(a.principalId) === objectId);
}

const permissionsOf = (world: World, { role }: RoleAssignment) => roleNamed(world, role)?.permissions ?? [];

/** Storage hears of a new role later than ARM, which knows it at once. */
const untilStorageKnowsMs = 2 * 60_000;

/** What one part of a role excludes, another assignment may still grant. */
function roleAllows(world: World, assignment: RoleAssignment, { action, isData }: Access): boolean {
  if (isData && world.clock.nowMs() < Date.parse(assignment.createdOn) + untilStorageKnowsMs) return false;
  const named = (patterns: readonly string[]) => patterns.some((pattern) => matches(pattern, action));
  return permissionsOf(world, assignment).some((p) =>
    isData ? named(p.dataActions) && !named(p.notDataActions) : named(p.actions) && !named(p.notActions),
  );
}

function matches(pattern: string, action: string): boolean {
  const known = read.get(pattern) ?? patternOf(pattern);
  read.set(pattern, known);
  return known.test(action);
}

/** Every request is checked against the same few patterns. */
const read = new Map<string, RegExp>();

function patternOf(pattern: string): RegExp {
  const source = pattern
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${source}$`, 'i');
}

function isKnown(world: World, scope: string): boolean {
  const subscription = /^\/subscriptions\/([^/]+)/i.exec(scope)?.[1];
  return subscription === undefined || subscriptionIds(world).includes(subscription.toLowerCase());
}

const named = ({ client, objectId }: Caller) => `The client '${client}' with object id '${objectId}'`;

function authorizationFailed(caller: Caller, { action, scope }: Access): SandboxResponse {
  const message = `${named(caller)} does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`;
  return forbidden('AuthorizationFailed', message);
}

function linkedAuthorizationFailed(caller: Caller, done: Access, missing: readonly Access[]): SandboxResponse {
  const actions = [...new Set(missing.map((m) => m.action))].join(', ');
  const scopes = [...new Set(missing.map((m) => m.scope))].join(', ');
  const message = `${named(caller)} has permission to perform action '${done.action}' on scope '${done.scope}'; however, it does not have permission to perform action(s) '${actions}' on the linked scope(s) '${scopes}' (respectively) or the linked scope(s) are invalid.`;
  return forbidden('LinkedAuthorizationFailed', message);
}

/** The gateway refused without asking a provider: that is what the header says. */
function forbidden(code: string, message: string): SandboxResponse {
  return { ...armError(403, code, message), headers: { 'x-ms-failure-cause': 'gateway' } };
}
