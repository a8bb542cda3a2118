import type { Route } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { type OnScope, onScopes } from '../authorization/on-scopes';
import { listAssignments, patchAssignment, putAssignment } from './assignments';
import { builtInPolicy } from './built-in';
import { listDefinitions, putDefinition, putSetDefinition } from './definitions';
import { listExemptions, putExemption } from './exemptions';
import { get, missing, remove } from './objects';
import { restrictionRoutes } from './restrictions';
import { type PolicyType, policyId } from './section';

export { disallowed } from './refusal';

/** Azure Policy: definitions, sets, assignments and exemptions on management groups, subscriptions and groups. */
export function policyRoutes(world: World): Route[] {
  const of = (type: PolicyType) => ({
    GET: (on: OnScope) => get(on, type),
    DELETE: (on: OnScope) => remove(on, type),
  });
  return [
    ...(['policyDefinitions', 'policySetDefinitions'] as const).map(ofAzure),
    ...restrictionRoutes(world),
    ...onScopes(world, 'policyDefinitions', {
      ...of('policyDefinitions'),
      list: listDefinitions('policyDefinitions'),
      PUT: putDefinition,
    }),
    ...onScopes(world, 'policySetDefinitions', {
      ...of('policySetDefinitions'),
      list: listDefinitions('policySetDefinitions'),
      PUT: putSetDefinition,
    }),
    ...onScopes(world, 'policyAssignments', {
      ...of('policyAssignments'),
      list: listAssignments,
      PUT: putAssignment,
      PATCH: patchAssignment,
    }),
    ...onScopes(world, 'policyExemptions', { ...of('policyExemptions'), list: listExemptions, PUT: putExemption }),
  ];
}

/** What stands on the tenant is Azure's own: it can be read, and nothing else. */
function ofAzure(type: 'policyDefinitions' | 'policySetDefinitions'): Route {
  return {
    ...{ method: 'GET', path: `/providers/Microsoft.Authorization/${type}/{name}` },
    handle: (_, { name = '' }) => {
      const found = builtInPolicy(policyId('/', type, name));
      return found ? { status: 200, body: found } : missing(type, name);
    },
  };
}
