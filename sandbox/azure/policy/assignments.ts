import type { SandboxResponse } from '../../kernel/types';
import { armError, key } from '../arm';
import type { OnScope } from '../authorization/on-scopes';
import { isWithin, scopeKind } from '../authorization/scope';
import { type JsonObject, list, object, text } from '../compute/resource';
import { identityAnswered } from '../identity';
import { definitionNotFound } from './definitions';
import { valuesOf } from './in-force';
import { tooLarge, tooMany } from './limits';
import { listed, missing, put, refusedName } from './objects';
import { changesResources } from './references';
import { type PolicyObject, policies, policyId, policyNamed, scopeOf } from './section';

export function putAssignment(on: OnScope): SandboxResponse {
  const given = object(object(on.request.body)['properties']);
  const longest = scopeKind(on.scope) === 'managementGroup' ? 24 : 64;
  const refused =
    refusedName(on.name, longest, 'InvalidPolicyAssignmentName') ??
    refusedAssignment(on, given) ??
    tooLarge(on) ??
    tooMany(on, 'policyAssignments');
  if (refused) return refused;
  return put(on, 'policyAssignments', {
    definitionVersion: '1.*.*',
    notScopes: [],
    enforcementMode: 'Default',
    assignmentType: 'Custom',
    ...given,
    scope: on.scope === '/' ? '' : on.scope,
  });
}

/** A PATCH of an assignment changes identity, location, resource selectors and overrides, and nothing else. */
export function patchAssignment({ world, request, scope, name }: OnScope): SandboxResponse {
  const all = policies(world).policyAssignments;
  const id = key(policyId(scope, 'policyAssignments', name));
  const found = all[id];
  if (!found) return missing('policyAssignments', name);
  const body = object(request.body);
  const unknown = unsupported(object(body['properties']));
  if (unknown) return unknown;
  const location = text(body['location']);
  all[id] = {
    ...found,
    ...(location !== undefined && { location }),
    ...(body['identity'] !== undefined && { identity: identityAnswered(object(body['identity']), found.id) }),
  };
  return { status: 200, body: all[id] };
}

export function listAssignments(on: OnScope): SandboxResponse {
  return listed(on, {
    type: 'policyAssignments',
    known: ['atScope', 'atExactScope', 'policyDefinitionId'],
    wanted: (found, terms) => {
      const definition = terms['policydefinitionid'];
      if (definition !== undefined && key(String(found.properties['policyDefinitionId'])) !== key(String(definition))) {
        return false;
      }
      const own = scopeOf(found.id);
      if (terms['atexactscope']) return key(own) === key(on.scope);
      return isWithin(on.scope, own) || (!terms['atscope'] && isWithin(own, on.scope));
    },
  });
}

const mostNotScopes = 400;

/** What may change resources needs somebody to do it as, whatever effect was chosen. */
function noIdentity({ world, request, name }: OnScope, definition: PolicyObject): SandboxResponse | undefined {
  const identity = text(object(object(request.body)['identity'])['type']) ?? 'None';
  if (key(identity) !== 'none' || !changesResources(world, definition)) return undefined;
  const message = `The policy assignment '${name}' create request is invalid. Policy assignments must include a 'managed identity' when assigning 'DeployIfNotExists' policy definitions or 'Modify' policy definitions. Please see https://aka.ms/azurepolicyremediation for usage details.`;
  return armError(400, 'ResourceIdentityRequired', message);
}

function refusedAssignment(on: OnScope, given: JsonObject): SandboxResponse | undefined {
  const { world, scope, name } = on;
  const id = text(given['policyDefinitionId']) ?? '';
  const definition = policyNamed(world, id);
  if (!definition || /\/policyassignments\//i.test(id)) return definitionNotFound(id);
  if (!isWithin(scope, scopeOf(definition.id))) {
    const message = `The policy assignment '${name}' is not at or below the scope of its policy definition '${id}'.`;
    return armError(400, 'InvalidCreatePolicyAssignmentRequest', message);
  }
  const mode = given['enforcementMode'];
  if (mode !== undefined && mode !== 'Default' && mode !== 'DoNotEnforce') {
    const message = `The enforcement mode '${String(mode)}' is not valid. The allowed values are 'Default, DoNotEnforce'.`;
    return armError(400, 'InvalidPolicyAssignmentEnforcementMode', message);
  }
  if (list(given['notScopes']).length > mostNotScopes) {
    const message = `The policy assignment '${name}' has more than ${mostNotScopes} excluded scopes.`;
    return armError(400, 'InvalidPolicyAssignment', message);
  }
  return (
    unsupported(given) ??
    noIdentity(on, definition) ??
    refusedParameters(name, definition, valuesOf(given['parameters']))
  );
}

/** Anything that would change which resources an assignment covers is refused rather than ignored. */
function unsupported(given: JsonObject): SandboxResponse | undefined {
  const name = ['resourceSelectors', 'overrides'].find((n) => list(given[n]).length > 0);
  if (name === undefined) return undefined;
  return armError(400, 'InvalidPolicyAssignment', `This sandbox does not have '${name}' of policy assignments.`);
}

function refusedParameters(name: string, definition: PolicyObject, given: JsonObject): SandboxResponse | undefined {
  const declared = Object.entries(object(definition.properties['parameters']));
  const names = declared.map(([n]) => key(n));
  const undefinedOnes = Object.keys(given).filter((n) => !names.includes(key(n)));
  if (undefinedOnes.length > 0) {
    const message = `The policy assignment '${name}' has the parameter(s) '${undefinedOnes.join(', ')}' which are not defined in the policy definition '${definition.name}'.`;
    return armError(400, 'UndefinedPolicyParameter', message);
  }
  const givenFor = (n: string) => given[Object.keys(given).find((k) => key(k) === key(n)) ?? ''];
  const absent = declared.filter(([n, d]) => givenFor(n) === undefined && object(d)['defaultValue'] === undefined);
  if (absent.length > 0) {
    const message = `The policy assignment '${name}' is missing the parameter(s) '${absent.map(([n]) => n).join(', ')}' as defined in the policy definition '${definition.name}'.`;
    return armError(400, 'MissingPolicyParameter', message);
  }
  for (const [n, d] of declared) {
    const allowed = list(object(d)['allowedValues']);
    const value = givenFor(n);
    if (value === undefined || allowed.length === 0) continue;
    if (allowed.some((a) => key(String(a)) === key(String(value)))) continue;
    const message = `The value '${String(value)}' is not allowed for policy parameter '${n}' in policy definition '${definition.name}'. The allowed values are '${allowed.join(', ')}'.`;
    return armError(400, 'PolicyParameterValueNotAllowed', message);
  }
  return undefined;
}
