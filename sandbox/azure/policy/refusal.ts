import type { Json, SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { key } from '../arm';
import { decoded } from '../authorization/action';
import { type JsonObject, list, object, type Resource, text } from '../compute/resource';
import { compute } from '../compute/section';
import { findVm } from '../compute/vm-shared';
import { templates } from '../image-builder/section';
import { view } from '../image-builder/view';
import type { PolicyResource } from './fields';
import { evaluatePolicies, type PolicyVerdict } from './in-force';
import { displayNameOf, scopeOf } from './section';

/**
 * ARM's 403 for a resource that a policy with effect deny does not let through; undefined when all do. Resources are
 * looked at when they are written: with PUT as the body has them, with PATCH as they would be afterwards.
 */
export function disallowed(world: World, request: SandboxRequest): SandboxResponse | undefined {
  const resource = resourceOf(world, request);
  const error = resource && denialOf(world, resource);
  return error && { status: 403, headers: { 'x-ms-failure-cause': 'gateway' }, body: { error } };
}

export type Denial = JsonObject & { readonly code: string; readonly target: string; readonly message: string };

/** The error for a resource that somebody would make; whoever deploys it has it among the details of their own. */
export function denialOf(world: World, resource: PolicyResource): Denial | undefined {
  const denied = evaluatePolicies(world, resource).filter(
    ({ state, enforced, effect }) => state === 'NonCompliant' && enforced && effect.toLowerCase() === 'deny',
  );
  if (denied.length === 0) return undefined;
  const target = resource.id.split('/').at(-1) ?? '';
  return {
    code: 'RequestDisallowedByPolicy',
    target,
    message: messageOf(target, denied),
    additionalInfo: denied.map((verdict) => ({ type: 'PolicyViolation', info: infoOf(verdict) })),
  };
}

function resourceOf(world: World, { method, url, body }: SandboxRequest): PolicyResource | undefined {
  if (method !== 'PUT' && method !== 'PATCH') return undefined;
  const id = decoded(url.pathname).replace(/\/+$/, '');
  const type = typeOf(id);
  if (type === undefined) return undefined;
  const given = object(body);
  return { id, type, body: method === 'PUT' ? given : merged(object(current(world, id)), given) };
}

function typeOf(id: string): string | undefined {
  const [namespace, ...rest] = id.slice(id.toLowerCase().lastIndexOf('/providers/') + '/providers/'.length).split('/');
  if (/\/providers\//i.test(id)) {
    if (rest.length % 2 !== 0) return undefined;
    return [namespace, ...rest.filter((_, i) => i % 2 === 0)].join('/');
  }
  return /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+$/i.test(id)
    ? 'Microsoft.Resources/subscriptions/resourceGroups'
    : undefined;
}

function current(world: World, id: string): Resource | undefined {
  const template = templates(world)[key(id)];
  if (template) return view(template, world.clock.nowMs()) as unknown as Resource;
  return compute(world).resources[key(id)] ?? findVm(world, id);
}

/** A PATCH replaces what it names; tags as a whole, properties one by one. */
function merged(before: JsonObject, patch: JsonObject): JsonObject {
  const properties = { ...object(before['properties']), ...object(patch['properties']) };
  return { ...before, ...patch, ...(Object.keys(properties).length > 0 && { properties }) };
}

/** An assignment may give a reason of its own; who forbids it is then only in the details. */
function messageOf(target: string, denied: readonly PolicyVerdict[]): string {
  const reasons = denied.flatMap((verdict) => reasonOf(verdict) ?? []);
  if (reasons.length > 0) {
    const all = reasons.map((reason) => `'${reason}'`).join(', ');
    return `Resource '${target}' was disallowed by policy. Reasons: ${all}. See error details for policy resource IDs.`;
  }
  const named = (o: PolicyVerdict['assignment']) => ({ name: displayNameOf(o), id: o.id });
  const identifiers = denied.map(({ assignment, definition, set }) => ({
    policyAssignment: named(assignment),
    policyDefinition: named(definition),
    ...(set && { policySetDefinition: named(set) }),
  }));
  return `Resource '${target}' was disallowed by policy. Policy identifiers: '${JSON.stringify(identifiers)}'.`;
}

function reasonOf({ assignment, reference }: PolicyVerdict): string | undefined {
  const messages = list(assignment.properties['nonComplianceMessages']).map(object);
  const own = messages.find((m) => reference !== undefined && m['policyDefinitionReferenceId'] === reference);
  return text((own ?? messages.find((m) => m['policyDefinitionReferenceId'] === undefined))?.['message']);
}

function infoOf(verdict: PolicyVerdict): Json {
  const { definition, assignment, set, reference, assigned, exemptions, effect, expressions } = verdict;
  const reason = reasonOf(verdict);
  return {
    evaluationDetails: { evaluatedExpressions: expressions.map((e) => ({ ...e })), ...(reason && { reason }) },
    policyDefinitionId: definition.id,
    policyDefinitionName: definition.name,
    policyDefinitionDisplayName: displayNameOf(definition),
    policyDefinitionEffect: effect,
    ...(set && {
      policySetDefinitionId: set.id,
      policySetDefinitionName: set.name,
      policySetDefinitionDisplayName: displayNameOf(set),
      policyDefinitionReferenceId: reference ?? '',
    }),
    policyAssignmentId: assignment.id,
    policyAssignmentName: assignment.name,
    policyAssignmentDisplayName: displayNameOf(assignment),
    policyAssignmentScope: scopeOf(assignment.id),
    policyAssignmentParameters: assigned,
    policyExemptionIds: [...exemptions],
  };
}
