import type { Json, Params, Route, SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError } from '../arm';
import { scopeError } from '../compute/groups';
import { object, text } from '../compute/resource';
import { evaluatePolicies, type PolicyVerdict } from './in-force';

/** What policies would say against a resource that somebody is about to make: the rules that would refuse it. */
export function restrictionRoutes(world: World): Route[] {
  const last = 'providers/Microsoft.PolicyInsights/checkPolicyRestrictions';
  return ['/subscriptions/{subscriptionId}', '/subscriptions/{subscriptionId}/resourceGroups/{group}'].map((scope) => ({
    method: 'POST',
    path: `${scope}/${last}`,
    handle: (request, params) => check(world, request, params),
  }));
}

function check(world: World, { body }: SandboxRequest, params: Params): SandboxResponse {
  const { subscriptionId = '', group } = params;
  const refused = scopeError(world, subscriptionId, group);
  if (refused) return refused;
  const details = object(object(body)['resourceDetails']);
  const content = object(details['resourceContent']);
  const type = text(content['type']);
  if (type === undefined) {
    return armError(400, 'InvalidCheckRestrictionsRequest', 'The resource content must have a type.');
  }
  const audits = object(body)['includeAuditEffect'] === true;
  const id = idOf(params, type, text(content['name']) ?? 'unnamed');
  const against = evaluatePolicies(world, { id, type, body: content }).filter(
    ({ state, enforced, effect }) =>
      state === 'NonCompliant' && enforced && (effect.toLowerCase() === 'deny' || (audits && /^audit$/i.test(effect))),
  );
  return {
    status: 200,
    body: { fieldRestrictions: [], contentEvaluationResult: { policyEvaluations: against.map(evaluationOf) } },
  };
}

function idOf({ subscriptionId, group }: Params, type: string, name: string): string {
  if (/^microsoft\.resources\/subscriptions\/resourcegroups$/i.test(type)) {
    return `/subscriptions/${subscriptionId}/resourceGroups/${name}`;
  }
  const [namespace, ...types] = type.split('/');
  const scope = `/subscriptions/${subscriptionId}/resourceGroups/${group ?? 'not-made-yet'}`;
  return `${scope}/providers/${namespace}/${types.map((part) => `${part}/${name}`).join('/')}`;
}

function evaluationOf({ definition, assignment, set, reference, effect, expressions }: PolicyVerdict): Json {
  return {
    policyInfo: {
      policyDefinitionId: definition.id,
      policyAssignmentId: assignment.id,
      ...(set && { policySetDefinitionId: set.id, policyDefinitionReferenceId: reference ?? '' }),
    },
    evaluationResult: 'NonCompliant',
    evaluationDetails: { evaluatedExpressions: expressions.map((e) => ({ ...e })) },
    effectDetails: { policyEffect: effect },
  };
}
