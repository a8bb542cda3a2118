import { randomUUID } from 'node:crypto';
import type { Params, Route, SandboxRequest, SandboxResponse } from '../kernel/types';
import type { World } from '../kernel/world';
import { entra, type Group, type Person, tenantId } from './people';

const host = 'graph.microsoft.com';
const context = 'https://graph.microsoft.com/v1.0/$metadata';

/** Microsoft Graph v1.0 as far as people and groups go: who is in which group, and changing that. */
export function entraRoutes(world: World): Route[] {
  const route = (method: string, path: string, handle: Route['handle']): Route => ({
    method,
    host,
    path: `/v1.0${path}`,
    handle,
  });
  return [
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
    route('GET', '/groups', (request) => list('groups', entra(world).groups.map(group), request)),
    route('GET', '/groups/{id}', (_, params) =>
      withGroup(world, params, (g) => ok({ '@odata.context': `${context}#groups/$entity`, ...group(g) })),
    ),
    route('GET', '/groups/{id}/members', (_, params) => withGroup(world, params, (g) => members(world, g))),
    route('POST', '/groups/{id}/members/$ref', (request, params) =>
      withGroup(world, params, (g) => addMember(world, request, g)),
    ),
    route('DELETE', '/groups/{id}/members/{member}/$ref', (_, params) =>
      withGroup(world, params, (g) => removeMember(g, params)),
    ),
  ];
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

const groupsOf = (world: World, person: Person): Group[] =>
  entra(world).groups.filter((g) => g.members.includes(person.id));

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
  const value = groupsOf(world, person)
    .map((g) => g.id)
    .filter((id) => wanted.includes(id.toLowerCase()));
  return ok({ '@odata.context': `${context}#Collection(Edm.String)`, value });
}

function getMemberGroups(world: World, request: SandboxRequest, person: Person): SandboxResponse {
  if (typeof (request.body as { securityEnabledOnly?: unknown } | undefined)?.securityEnabledOnly !== 'boolean') {
    return graphError(400, 'Request_BadRequest', "The required parameter 'securityEnabledOnly' is missing.");
  }
  return ok({ '@odata.context': `${context}#Collection(Edm.String)`, value: groupsOf(world, person).map((g) => g.id) });
}

function members(world: World, { members: ids }: Group): SandboxResponse {
  const people = home(world).filter((p) => ids.includes(p.id));
  const value = people.map((p) => ({ '@odata.type': '#microsoft.graph.user', ...user(p) }));
  return ok({ '@odata.context': `${context}#directoryObjects`, value });
}

function addMember(world: World, request: SandboxRequest, to: Group): SandboxResponse {
  const reference = (request.body as Record<string, unknown> | undefined)?.['@odata.id'];
  const id = /\/(?:directoryObjects|users)\/([^/]+)$/.exec(String(reference ?? ''))?.[1];
  if (!id) return graphError(400, 'Request_BadRequest', "The property '@odata.id' must name a directory object.");
  const person = home(world).find((p) => p.id.toLowerCase() === id.toLowerCase());
  if (!person) return notFound(id);
  if (to.members.includes(person.id)) {
    const message =
      "One or more added object references already exist for the following modified properties: 'members'.";
    return graphError(400, 'Request_BadRequest', message);
  }
  to.members.push(person.id);
  return { status: 204 };
}

function removeMember(from: Group, params: Params): SandboxResponse {
  const id = (params['member'] ?? '').toLowerCase();
  const at = from.members.findIndex((m) => m.toLowerCase() === id);
  if (at < 0) return notFound(params['member'] ?? '');
  from.members.splice(at, 1);
  return { status: 204 };
}
