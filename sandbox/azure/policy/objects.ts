import type { Json, SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key } from '../arm';
import { isRefused, type Terms, termsOf } from '../authorization/filter';
import { callerOf } from '../authorization/names';
import type { OnScope } from '../authorization/on-scopes';
import { type JsonObject, object, text } from '../compute/resource';
import { identityAnswered } from '../identity';
import { inUse } from './references';
import { type PolicyObject, type PolicyType, policies, policyId, scopeOf } from './section';

/** What the name of a Microsoft.Authorization policy object must not contain, and how long it may be. */
const badName = /[<>*%&:\\?+/]|[\s.]$/;

/** Puts an object in its place: 201, as Azure answers whether or not it was there. */
export function put(on: OnScope, type: PolicyType, properties: JsonObject): SandboxResponse {
  const { world, request, scope, name } = on;
  const id = policyId(scope, type, name);
  const all = policies(world)[type];
  const before = all[key(id)];
  const body = object(request.body);
  const location = text(body['location']);
  const made: PolicyObject = {
    id,
    name,
    type: `Microsoft.Authorization/${type}`,
    ...(location !== undefined && { location }),
    ...(body['identity'] !== undefined && { identity: identityAnswered(object(body['identity']), id) }),
    systemData: systemData(world, request, before),
    properties,
  };
  all[key(id)] = made;
  return { status: type === 'policyExemptions' && before ? 200 : 201, body: made };
}

function systemData(world: World, { headers }: SandboxRequest, before?: PolicyObject): JsonObject {
  const { client, principalType } = callerOf(headers);
  const by = principalType === 'User' ? 'User' : 'ManagedIdentity';
  const at = world.clock.now().toISOString();
  const created = { createdBy: client, createdByType: by, createdAt: at };
  const modified = { lastModifiedBy: client, lastModifiedByType: by, lastModifiedAt: at };
  return { ...created, ...before?.systemData, ...modified };
}

export function get({ world, scope, name }: OnScope, type: PolicyType): SandboxResponse {
  const found = policies(world)[type][key(policyId(scope, type, name))];
  return found ? { status: 200, body: found } : missing(type, name);
}

const singular: Readonly<Record<PolicyType, string>> = {
  policyDefinitions: 'policy definition',
  policySetDefinitions: 'policy set definition',
  policyAssignments: 'policy assignment',
  policyExemptions: 'policy exemption',
};

export function missing(type: PolicyType, name: string): SandboxResponse {
  const code = `${type.charAt(0).toUpperCase()}${type.slice(1, -1)}NotFound`;
  return armError(404, code, `The ${singular[type]} '${name}' is not found.`);
}

/** 204 when there is none. */
export function remove({ world, scope, name }: OnScope, type: PolicyType): SandboxResponse {
  const all = policies(world)[type];
  const id = key(policyId(scope, type, name));
  const found = all[id];
  if (!found) return { status: 204 };
  const held = inUse(world, type, found);
  if (held) return held;
  delete all[id];
  return { status: 200, body: found };
}

interface Listing {
  readonly type: PolicyType;
  /** Names of the terms that `$filter` may have. */
  readonly known: readonly string[];
  readonly wanted: (found: PolicyObject, terms: Terms) => boolean;
}

export function listed({ world, request }: OnScope, { type, known, wanted }: Listing): SandboxResponse {
  const terms = termsOf(request.url.searchParams.get('$filter'), known);
  if (isRefused(terms)) return terms.refused;
  const value: Json[] = Object.values(policies(world)[type])
    .filter((found) => wanted(found, terms))
    .map((found) => found as unknown as Json);
  return { status: 200, body: { value } };
}

export function refusedName(name: string, longest: number, code = 'InvalidPolicyName'): SandboxResponse | undefined {
  if (name.length <= longest && !badName.test(name)) return undefined;
  const message = `The policy name '${name}' is not valid: at most ${longest} characters, none of '<>*%&:\\?+/', and no blank or full stop at the end.`;
  return armError(400, code, message);
}

/** Definitions live on the tenant (Azure's own), management groups and subscriptions. */
export function isOnScope(found: PolicyObject, scope: string): boolean {
  return key(scopeOf(found.id)) === key(scope);
}
