import type { World } from '../../kernel/world';
import { key } from '../arm';
import { may } from '../authorization/access';
import type { Caller } from '../authorization/names';
import { resourceGroups } from '../compute/groups';
import { type JsonObject, list, object, type Resource, text } from '../compute/resource';
import { compute } from '../compute/section';
import { keepVm } from '../compute/vm-shared';
import { identityAnswered } from '../identity';
import { deploymentFor } from '../policy/related';
import { expectEvaluation } from './evaluation';
import { type Member, memberKey, membersOf } from './members';
import { deploymentIdOf } from './remediation-view';
import { policyInsights } from './section';

interface Payload {
  [key: string]: string | number;
  id: string;
  n: number;
  createdMs: number;
}

/** What a remediation does to a resource when its turn comes; once per world, before its first `settle`. */
export function registerRemediations(world: World): void {
  world.on<Payload>('policyInsights.remediate', ({ id, n, createdMs }, atMs) => {
    const one = policyInsights(world).remediations[id];
    if (!one || one.createdMs !== createdMs || (one.cancelledMs !== undefined && one.cancelledMs < atMs)) return;
    const target = one.deployments[n]?.target ?? '';
    const { policyAssignmentId, policyDefinitionReferenceId } = one.properties;
    const wanted = memberKey(String(policyAssignmentId), String(policyDefinitionReferenceId ?? ''));
    const member = membersOf(world).find((m) => m.key === wanted);
    expectEvaluation(world, target, atMs, atMs);
    const failure = member
      ? deploys(member)
        ? deploy(world, { target, member, name: deploymentIdOf(one, n).split('/').at(-1) ?? '' })
        : (forbidden(world, target, member) ?? modify(world, target, member))
      : 'The policy assignment is not there any more.';
    if (failure !== undefined) one.failed = { ...one.failed, [n]: failure };
  });
}

export const deploys = ({ effect }: Member): boolean => key(effect) === 'deployifnotexists';

interface Deployment {
  readonly target: string;
  readonly member: Member;
  readonly name: string;
}

/** Deploys what the policy looks for, as the identity of its assignment. @returns why it could not, if so. */
function deploy(world: World, { target, member, name }: Deployment): string | undefined {
  const { resources } = compute(world);
  const found = resources[target] ?? keepVm(world, target);
  if (!found) return 'The resource is not there any more.';
  const { assignment, rule, parameters } = member;
  const resource = { id: found.id, type: found.type, body: object(found) };
  const made = deploymentFor(rule, resource, parameters);
  const caller = identityOf(member);
  if (!may(world, caller, { action: 'Microsoft.Resources/deployments/write', scope: made.group })) {
    return `The policy assignment '${assignment.id}' identity does not have the permissions that are needed to create deployment '${name}'. Please see https://aka.ms/arm-policy-identity for usage details.`;
  }
  const denied = made.resources.find(({ id, type }) => !may(world, caller, { action: `${type}/write`, scope: id }));
  if (denied) {
    return `Authorization failed for template resource '${denied.name}' of type '${denied.type}'. The client '${caller.client}' with object id '${caller.objectId}' does not have permission to perform action '${denied.type}/write' at scope '${denied.id}'.`;
  }
  for (const one of made.resources) resources[key(one.id)] = one;
  return undefined;
}

const writeTags = 'Microsoft.Resources/tags/write';

/** A policy writes as the identity of its assignment, with the roles that somebody gave it. */
function identityOf({ assignment }: Member): Caller {
  const objectId = text(object(assignment.identity)['principalId']) ?? '';
  return { client: objectId, objectId, principalType: 'ServicePrincipal' };
}

const operationsOf = ({ rule }: Member): readonly JsonObject[] => list(rule.details['operations']).map(object);

/** What of a resource, beside its tags, a policy of this sandbox can write. */
const identityType = 'identity.type';

function forbidden(world: World, target: string, member: Member): string | undefined {
  const caller = identityOf(member);
  const { objectId } = caller;
  const writesMachine = operationsOf(member).some(({ field }) => field === identityType);
  const action = writesMachine ? 'Microsoft.Compute/virtualMachines/write' : writeTags;
  if (may(world, caller, { action, scope: target })) return undefined;
  return `The operation 'PATCH' on '${target}' failed with status 'Forbidden'. The client '${objectId}' with object id '${objectId}' does not have authorization to perform action '${action}' over scope '${target}' or the scope is invalid.`;
}

/** Writes what the policy wants written. @returns why it could not, if so. */
function modify(world: World, target: string, member: Member): string | undefined {
  const resource = compute(world).resources[target] ?? keepVm(world, target);
  if (!resource) return 'The resource is not there any more.';
  for (const operation of operationsOf(member)) {
    const tag = /^tags\[\s*'?([^\]']+)'?\s*\]$/i.exec(String(operation['field']))?.[1];
    const value = valueWritten(world, resource, member, operation);
    if (operation['field'] === identityType && value !== undefined) {
      resource.identity = identityAnswered({ ...resource.identity, type: value }, resource.id);
      continue;
    }
    if (tag === undefined || value === undefined) return `There is no value for '${String(operation['field'])}'.`;
    if (operation['operation'] === 'add' && resource.tags?.[tag] !== undefined) continue;
    resource.tags = { ...resource.tags, [tag]: value };
  }
  return undefined;
}

function valueWritten(
  world: World,
  { id }: Resource,
  { parameters }: Member,
  { value }: JsonObject,
): string | undefined {
  const written = String(value);
  const parameter = /^\[parameters\('([^']+)'\)\]$/.exec(written)?.[1];
  if (parameter !== undefined) return parameters[parameter] === undefined ? undefined : String(parameters[parameter]);
  const tag = /^\[resourceGroup\(\)\.tags\['([^']+)'\]\]$/.exec(written)?.[1];
  if (tag === undefined) return written;
  return resourceGroups(world)[key(id.split('/').slice(0, 5).join('/'))]?.tags[tag];
}
