import type { Json, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key } from '../arm';
import type { OnScope } from '../authorization/on-scopes';
import { scopeKind } from '../authorization/scope';
import { type JsonObject, list, object, text } from '../compute/resource';
import { PolicyRuleError, templateOf } from './expressions';
import { valuesOf } from './in-force';
import { tooLarge, tooMany } from './limits';
import { isOnScope, listed, put, refusedName } from './objects';
import { refusedDeployment } from './related';
import { ruleOf } from './rule';
import { type PolicyType, policies, policyId, policyNamed } from './section';

export function putDefinition(on: OnScope): SandboxResponse {
  const given = object(object(on.request.body)['properties']);
  const refused =
    refusedPlace(on, 'policyDefinitions') ??
    refusedName(on.name, 64) ??
    refusedRule(on.name, given) ??
    tooLarge(on) ??
    lostParameters(on, 'policyDefinitions', given) ??
    tooMany(on, 'policyDefinitions');
  if (refused) return refused;
  const version = text(given['version']) ?? '1.0.0';
  return put(on, 'policyDefinitions', {
    mode: 'Indexed',
    ...given,
    policyType: 'Custom',
    version,
    versions: [version],
  });
}

function refusedRule(name: string, given: JsonObject): SandboxResponse | undefined {
  const invalid = (why: string) =>
    armError(400, 'InvalidPolicyRule', `The policy definition '${name}' rule is invalid. ${why}`);
  const mode = text(given['mode']);
  if (mode !== undefined && !/^(?:all|indexed)$/i.test(mode)) {
    return invalid(`The mode '${mode}' is not one that this sandbox has; it knows 'All' and 'Indexed'.`);
  }
  const effect = text(object(object(given['policyRule'])['then'])['effect']);
  if (effect?.toLowerCase() === 'modify') {
    return invalid("The policy effect 'modify' is one that only the initial policies of this sandbox have.");
  }
  const unread = unreadable(() => ruleOf(given['policyRule']));
  const undeployable = unread ?? refusedDeployment(given);
  if (undeployable !== undefined) return invalid(undeployable);
  const declared = Object.keys(object(given['parameters'])).map(key);
  const unknown = parametersIn(given['policyRule'], 'template').find((p) => !declared.includes(key(p)));
  return unknown === undefined ? undefined : invalid(`The parameter '${unknown}' is not defined.`);
}

/** Why something cannot be read as a rule or as values of one. */
function unreadable(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (!(error instanceof PolicyRuleError)) throw error;
    return error.message;
  }
}

/** What a definition deploys has parameters of its own. */
function parametersIn(value: Json | undefined, except?: string): string[] {
  const written = JSON.stringify(value ?? null, (name, inner) => (name === except ? undefined : inner));
  return [...written.matchAll(/parameters\(\s*'([^']+)'\s*\)/gi)].map((found) => found[1] ?? '');
}

export function putSetDefinition(on: OnScope): SandboxResponse {
  const given = object(object(on.request.body)['properties']);
  const refused = refusedPlace(on, 'policySetDefinitions') ?? refusedName(on.name, 64);
  if (refused) return refused;
  const members = list(given['policyDefinitions']).map(object);
  if (members.length === 0) {
    const message = `The policy set definition '${on.name}' must have at least one policy definition.`;
    return armError(400, 'InvalidPolicySetDefinition', message);
  }
  const absent = members.find((m) => !policyNamed(on.world, text(m['policyDefinitionId']) ?? ''));
  if (absent) return definitionNotFound(text(absent['policyDefinitionId']) ?? '');
  const unread = unreadable(() => members.map((m) => Object.values(valuesOf(m['parameters'])).map(templateOf)));
  if (unread !== undefined) {
    const message = `The policy set definition '${on.name}' is invalid. ${unread}`;
    return armError(400, 'InvalidPolicySetDefinition', message);
  }
  const refusedSet =
    tooLarge(on) ??
    unusedParameters(on.name, given) ??
    lostParameters(on, 'policySetDefinitions', given) ??
    tooMany(on, 'policySetDefinitions');
  if (refusedSet) return refusedSet;
  const version = text(given['version']) ?? '1.0.0';
  const policyDefinitions = members.map((member, i) => referenced(on.world, member, i));
  return put(on, 'policySetDefinitions', {
    ...given,
    policyDefinitions,
    policyType: 'Custom',
    version,
    versions: [version],
  });
}

/** Existing assignments may give them: what was declared stays declared. */
function lostParameters(
  { world, scope, name }: OnScope,
  type: 'policyDefinitions' | 'policySetDefinitions',
  given: JsonObject,
): SandboxResponse | undefined {
  const before = policies(world)[type][key(policyId(scope, type, name))];
  const declared = Object.keys(object(given['parameters'])).map(key);
  const lost = Object.keys(object(before?.properties['parameters'])).filter((p) => !declared.includes(key(p)));
  if (lost.length === 0) return undefined;
  const what = type === 'policyDefinitions' ? 'policy' : 'policy set';
  const code = type === 'policyDefinitions' ? 'InvalidPolicyParameterUpdate' : 'InvalidPolicySetParameterUpdate';
  const message = `The existing ${what} '${name}' has parameter(s) '${lost.join(', ')}' which are not found in the ${what} being updated. Parameters cannot be removed, and their names cannot be changed.`;
  return armError(400, code, message);
}

function unusedParameters(name: string, given: JsonObject): SandboxResponse | undefined {
  const used = parametersIn(given['policyDefinitions']).map(key);
  const unused = Object.keys(object(given['parameters'])).filter((p) => !used.includes(key(p)));
  if (unused.length === 0) return undefined;
  const message = `The policy set definition '${name}' has defined parameters '${unused.join(', ')}' which are not used in referenced policy definitions.`;
  return armError(400, 'UnusedPolicyParameters', message);
}

/** Azure makes up names for members of a set that have none. */
function referenced(world: World, member: JsonObject, index: number): JsonObject {
  const name = policyNamed(world, text(member['policyDefinitionId']) ?? '')?.name ?? '';
  return { policyDefinitionReferenceId: `${name}_${index + 1}`, definitionVersion: '1.*.*', ...member };
}

export function definitionNotFound(id: string): SandboxResponse {
  return armError(404, 'PolicyDefinitionNotFound', `The policy definition '${id}' could not be found.`);
}

export const listDefinitions =
  (type: 'policyDefinitions' | 'policySetDefinitions') =>
  (on: OnScope): SandboxResponse =>
    listed(on, {
      type,
      known: ['policyType', 'atExactScope'],
      wanted: (found, terms) =>
        isOnScope(found, on.scope) &&
        (terms['policytype'] === undefined ||
          key(String(found.properties['policyType'])) === key(String(terms['policytype']))),
    });

function refusedPlace({ scope }: OnScope, type: PolicyType): SandboxResponse | undefined {
  if (['managementGroup', 'subscription'].includes(scopeKind(scope) ?? '')) return undefined;
  const message = `${type} can be created at management groups and subscriptions, not at '${scope}'.`;
  return armError(400, 'InvalidPolicyDefinitionScope', message);
}
