import { randomUUID } from 'node:crypto';
import { goldbotIdentity } from '../azure/authorization/names';
import { condition } from '../azure/conditions';
import type { Params, Route, SandboxRequest, SandboxResponse } from '../kernel/types';
import type { World } from '../kernel/world';
import { appRoles, type Grant, grants, mayAsk } from './consents';
import { entra, type Group, type Person, tenantId } from './people';
import { tokenRoutes } from './tokens';

const host = 'graph.microsoft.com';
const context = 'https://graph.microsoft.com/v1.0/$metadata';

/** Tokens, and Microsoft Graph v1.0 as far as people and groups go: who is in which group, and changing that. */
export function entraRoutes(world: World): Route[] {
  const route = (method: string, path: string, handle: Route['handle']): Route => ({
    method,
    host,
    path: `/v1.0${path}`,
    handle: (request, params) => (mayAsk(world, request) ? handle(request, params) : denied()),
  });
  return [
    ...tokenRoutes(world),
    route('GET', '/users', (request) => list('users', home(world).map(user), request)),
    route('GET', '/users/{id}', (_, params) =>
      withPerson(world, params, (p) => ok({ '@odata.context': `${context}#users/$entity`, ...user(p) })),
    ),
    route('POST', '/users/{id}/checkMemberGroups', (request, params) =>
      withPerson(world, params, (p) => checkMemberGroups(world, request, p)),
    ),
    route('POST', '/users/{id}/getMemberGroups', (request, params) =>
      withPerson(world, params, (p) => getMemberGroups(world, request, p)),
    ),
    ...['checkMemberGroups', 'getMemberGroups'].map((action) => route('GET', `/users/{id}/${action}`, wrongVerb)),
    route('GET', '/groups', (request) => list('groups', entra(world).groups.map(group), request)),
    route('GET', '/groups/{id}', (_, params) =>
      withGroup(world, params, (g) => ok({ '@odata.context': `${context}#groups/$entity`, ...group(g) })),
    ),
    route('GET', '/groups/{id}/members', (_, params) => withGroup(world, params, (g) => members(world, g))),
    route('GET', '/groups/{id}/transitiveMembers', (request, params) =>
      withGroup(world, params, (g) => transitiveMembers(world, request, g)),
    ),
    route('POST', '/groups/{id}/members/$ref', (request, params) =>
      withGroup(world, params, (g) => addMember(world, request, g)),
    ),
    route('DELETE', '/groups/{id}/members/{member}/$ref', (_, params) =>
      withGroup(world, params, (g) => removeMember(g, params)),
    ),
    route('GET', '/servicePrincipals/{id}/appRoleAssignments', (_, params) =>
      withGoldbot(params, () => ok({ '@odata.context': context, value: grants(world).list.map(appRoleAssignment) })),
    ),
    route('POST', '/servicePrincipals/{id}/appRoleAssignments', (request, params) =>
      withGoldbot(params, () => grant(world, request)),
    ),
    route('DELETE', '/servicePrincipals/{id}/appRoleAssignments/{assignment}', (_, params) =>
      withGoldbot(params, () => revoke(world, params)),
    ),
  ];
}

/** Graph has no 405. */
const wrongVerb = (): SandboxResponse =>
  graphError(400, 'Request_BadRequest', 'Specified HTTP method is not allowed for the request target.');

const denied = (): SandboxResponse =>
  graphError(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');

/** The only service principal of this directory is goldbot's managed identity. */
function withGoldbot(params: Params, then: () => SandboxResponse): SandboxResponse {
  return params['id']?.toLowerCase() === goldbotIdentity.objectId ? then() : notFound(params['id'] ?? '');
}

const appRoleAssignment = ({ id, appRoleId }: Grant) => ({
  id,
  appRoleId,
  principalId: goldbotIdentity.objectId,
  principalType: 'ServicePrincipal',
  resourceDisplayName: 'Microsoft Graph',
});

function grant(world: World, { body }: SandboxRequest): SandboxResponse {
  const { appRoleId, principalId } = (body ?? {}) as { appRoleId?: unknown; principalId?: unknown };
  if (principalId !== goldbotIdentity.objectId || typeof appRoleId !== 'string' || !(appRoleId in appRoles)) {
    return graphError(400, 'Request_BadRequest', 'Not a valid reference update.');
  }
  const { list } = grants(world);
  if (list.some((held) => held.appRoleId === appRoleId)) {
    return graphError(400, 'Request_BadRequest', 'Permission being assigned already exists on the object');
  }
  const made = { id: randomUUID().replaceAll('-', ''), appRoleId };
  list.push(made);
  return { status: 201, body: appRoleAssignment(made) };
}

function revoke(world: World, params: Params): SandboxResponse {
  const { list } = grants(world);
  const at = list.findIndex(({ id }) => id === params['assignment']);
  if (at < 0) return notFound(params['assignment'] ?? '');
  list.splice(at, 1);
  return { status: 204 };
}

/** People of this tenant: somebody from another one is not in the directory. */
const home = (world: World): Person[] => entra(world).people.filter((p) => p.tenantId === tenantId);

const ok = (body: unknown): SandboxResponse => ({ status: 200, body });

function graphError(status: number, code: string, message: string): SandboxResponse {
  const id = randomUUID();
  const innerError = { date: new Date().toISOString().slice(0, 19), 'request-id': id, 'client-request-id': id };
  return {
    status,
    headers: { 'request-id': id, 'client-request-id': id },
    body: { error: { code, message, innerError } },
  };
}

const notFound = (id: string): SandboxResponse =>
  graphError(
    404,
    'Request_ResourceNotFound',
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  );

function withPerson(world: World, params: Params, then: (person: Person) => SandboxResponse): SandboxResponse {
  const id = (params['id'] ?? '').toLowerCase();
  const person = home(world).find((p) => p.id.toLowerCase() === id || p.mail.toLowerCase() === id);
  return person ? then(person) : notFound(params['id'] ?? '');
}

function withGroup(world: World, params: Params, then: (group: Group) => SandboxResponse): SandboxResponse {
  const found = entra(world).groups.find((g) => g.id.toLowerCase() === (params['id'] ?? '').toLowerCase());
  return found ? then(found) : notFound(params['id'] ?? '');
}

const user = (person: Person) => ({
  id: person.id,
  displayName: person.name,
  givenName: person.name,
  jobTitle: person.title,
  mail: person.mail,
  userPrincipalName: person.mail,
  accountEnabled: true,
});

const group = (g: Group) => ({
  id: g.id,
  displayName: g.name,
  mailNickname: g.name,
  mailEnabled: false,
  securityEnabled: true,
  groupTypes: [],
});

/** The one filter that people use here: `displayName eq '…'`. */
function list(what: string, all: readonly { displayName: string }[], request: SandboxRequest): SandboxResponse {
  const filter = request.url.searchParams.get('$filter');
  const name = /^displayName eq '((?:[^']|'')*)'$/i.exec(filter ?? '')?.[1]?.replaceAll("''", "'");
  if (filter !== null && name === undefined) {
    return graphError(
      400,
      'Request_UnsupportedQuery',
      `Unsupported or invalid query filter clause specified: ${filter}`,
    );
  }
  const value = all.filter((item) => name === undefined || item.displayName.toLowerCase() === name.toLowerCase());
  return ok({ '@odata.context': `${context}#${what}`, value });
}

/** Ids of the groups that somebody is in, directly or by others; those that a condition tells of have no more than ids. */
function groupIdsOf(world: World, person: Person): string[] {
  const listed = entra(world).groups.filter((g) => membersWithin(world, g).has(person.id));
  const others = Number(condition(world, 'people', { person: person.id })['otherGroups'] ?? 0);
  const unlisted = Array.from({ length: others }, (_, n) => `b0bb1e50-0000-4000-9000-${String(n).padStart(12, '0')}`);
  return [...listed.map(({ id }) => id), ...unlisted];
}

/** Ids of everything in the group, the members of groups in it included. */
function membersWithin(world: World, top: Group): Set<string> {
  const found = new Set<string>();
  const open = [top];
  for (let g = open.pop(); g; g = open.pop()) {
    for (const id of g.members.filter((member) => !found.has(member))) {
      found.add(id);
      const nested = entra(world).groups.find((other) => other.id === id);
      if (nested) open.push(nested);
    }
  }
  return found;
}

const mostRows = 999;
const usualRows = 100;

/** Pages of `$top` members, with a link to the next one that carries the position. */
function transitiveMembers(world: World, { url }: SandboxRequest, of: Group): SandboxResponse {
  const asked = url.searchParams.get('$top');
  const top = asked === null ? usualRows : Number(asked);
  if (!Number.isInteger(top) || top < 1 || top > mostRows) {
    return graphError(
      400,
      'Request_BadRequest',
      `Invalid page size specified: '${asked}'. Must be between 1 and 999 inclusive.`,
    );
  }
  const from = Number(url.searchParams.get('$skiptoken') ?? 0);
  const ids = [...membersWithin(world, of)];
  const chosen = url.searchParams.get('$select')?.split(',');
  const value = ids.slice(from, from + top).map((id) => selected(directoryObject(world, id), chosen));
  const next = new URL(url);
  next.searchParams.set('$skiptoken', String(from + top));
  const more = from + top < ids.length ? { '@odata.nextLink': next.href } : {};
  return ok({ '@odata.context': `${context}#directoryObjects`, ...more, value });
}

function directoryObject(world: World, id: string): Record<string, unknown> {
  const person = home(world).find((p) => p.id === id);
  if (person) return { '@odata.type': '#microsoft.graph.user', ...user(person) };
  const nested = entra(world).groups.find((g) => g.id === id);
  return nested ? { '@odata.type': '#microsoft.graph.group', ...group(nested) } : { id };
}

function selected(object: Record<string, unknown>, names: readonly string[] | undefined): Record<string, unknown> {
  if (!names) return object;
  return Object.fromEntries(Object.entries(object).filter(([name]) => name.startsWith('@') || names.includes(name)));
}

/** In the answer about one person. */
const mostGroups = 11_000;

/** The most ids that one request may have. */
const mostGroupIds = 20;

function checkMemberGroups(world: World, request: SandboxRequest, person: Person): SandboxResponse {
  const asked = (request.body as { groupIds?: unknown } | undefined)?.groupIds;
  if (!Array.isArray(asked) || asked.length === 0) {
    return graphError(400, 'Request_BadRequest', "The required parameter 'groupIds' is missing or empty.");
  }
  if (asked.length > mostGroupIds) {
    return graphError(
      400,
      'Directory_ResultSizeLimitExceeded',
      `The number of group ids must not exceed ${mostGroupIds}.`,
    );
  }
  const invalid = asked.find(
    (id) => typeof id !== 'string' || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id),
  );
  if (invalid !== undefined) return graphError(400, 'Request_BadRequest', `Invalid GUID: ${String(invalid)}`);
  const wanted = asked.map((id) => String(id).toLowerCase());
  const value = groupIdsOf(world, person).filter((id) => wanted.includes(id.toLowerCase()));
  return ok({ '@odata.context': `${context}#Collection(Edm.String)`, value });
}

function getMemberGroups(world: World, request: SandboxRequest, person: Person): SandboxResponse {
  if (typeof (request.body as { securityEnabledOnly?: unknown } | undefined)?.securityEnabledOnly !== 'boolean') {
    return graphError(400, 'Request_BadRequest', "The required parameter 'securityEnabledOnly' is missing.");
  }
  const value = groupIdsOf(world, person);
  if (value.length > mostGroups) {
    const message = `The number of groups to be returned exceeds the limit of ${mostGroups}.`;
    return graphError(400, 'Directory_ResultSizeLimitExceeded', message);
  }
  return ok({ '@odata.context': `${context}#Collection(Edm.String)`, value });
}

function members(world: World, { members: ids }: Group): SandboxResponse {
  const people = home(world).filter((p) => ids.includes(p.id));
  const value = people.map((p) => ({ '@odata.type': '#microsoft.graph.user', ...user(p) }));
  return ok({ '@odata.context': `${context}#directoryObjects`, value });
}

function addMember(world: World, request: SandboxRequest, to: Group): SandboxResponse {
  const reference = (request.body as Record<string, unknown> | undefined)?.['@odata.id'];
  const id = /\/(?:directoryObjects|users|groups)\/([^/]+)$/.exec(String(reference ?? ''))?.[1];
  if (!id) return graphError(400, 'Request_BadRequest', "The property '@odata.id' must name a directory object.");
  const candidates: readonly { readonly id: string }[] = [...home(world), ...entra(world).groups];
  const member = candidates.find((one) => one.id.toLowerCase() === id.toLowerCase());
  if (!member) return notFound(id);
  if (to.members.includes(member.id)) {
    const message =
      "One or more added object references already exist for the following modified properties: 'members'.";
    return graphError(400, 'Request_BadRequest', message);
  }
  to.members.push(member.id);
  return { status: 204 };
}

function removeMember(from: Group, params: Params): SandboxResponse {
  const id = (params['member'] ?? '').toLowerCase();
  const at = from.members.findIndex((m) => m.toLowerCase() === id);
  if (at < 0) return notFound(params['member'] ?? '');
  from.members.splice(at, 1);
  return { status: 204 };
}
