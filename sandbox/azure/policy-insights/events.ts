import { tenantId } from '../../entra/people';
import type { Params, Route, SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError } from '../arm';
import { owner } from '../authorization/names';
import type { JsonObject } from '../compute/resource';
import { compute } from '../compute/section';
import { catchUp } from './evaluation';
import { membersOf } from './members';
import { optionsOf, refusedQuery, selected } from './query';
import { contextOf, limits } from './query-routes';
import { recordOf } from './records';
import { isRefusal, type Scope, scopeNamed } from './scope';
import { policyInsights, rawStates } from './section';

/** POST policyEvents/default/queryResults: when evaluations found a resource non-compliant that had been compliant. */
export function eventRoutes(world: World): Route[] {
  return [
    {
      method: 'POST',
      path: '/{scope+}/providers/Microsoft.PolicyInsights/policyEvents/{resource}/queryResults',
      handle: (request: SandboxRequest, params: Params) => {
        if (params['resource']?.toLowerCase() !== 'default') {
          const message = `The virtual resource '${params['resource']}' is not valid. The allowed value is 'default'.`;
          return armError(400, 'InvalidPolicyEventsResource', message);
        }
        const scope = scopeNamed(world, params['scope'] ?? '');
        return isRefusal(scope) ? scope : events(world, request, scope);
      },
    },
  ];
}

function events(world: World, request: SandboxRequest, scope: Scope): SandboxResponse {
  try {
    const { filter, apply, sort, select, top = 1_000, fromMs, toMs } = optionsOf(world, request);
    const found = recordsIn(world, scope, fromMs, toMs).filter(filter);
    const records = apply ? [...apply.run(found)] : found;
    if (sort) records.sort(sort);
    const context = contextOf(scope, 'policyEvents', 'default');
    const value = records.slice(0, top).map((record) => ({
      '@odata.id': null,
      '@odata.context': `${context}/$entity`,
      ...selected(record, select),
    }));
    const body = { '@odata.context': context, '@odata.count': value.length, value };
    return { status: 200, headers: limits, body };
  } catch (error) {
    return refusedQuery(error);
  }
}

function recordsIn(world: World, scope: Scope, fromMs: number, toMs: number): JsonObject[] {
  catchUp(world);
  const members = new Map(membersOf(world).map((member) => [member.key, member]));
  const { resources } = compute(world);
  return policyInsights(world).events.flatMap(({ resource: id, member: name, state, atMs }): JsonObject[] => {
    const [resource, member] = [resources[id], members.get(name)];
    if (!resource || !member || atMs < fromMs || atMs > toMs) return [];
    if (scope.head !== '' && id !== scope.head && !id.startsWith(`${scope.head}/`)) return [];
    if (!scope.wanted({ resource, member })) return [];
    const { complianceReasonCode: _, ...record } = recordOf({
      resource,
      member,
      state: rawStates[state] ?? 'NonCompliant',
      atMs,
    });
    return [{ ...record, tenantId, principalOid: owner.objectId }];
  });
}
