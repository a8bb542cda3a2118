import type { Params, Route, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError } from '../arm';
import { resourceGroups, scopeError, subscriptionIds } from './groups';

/** Subscriptions and resource groups, read-only. */
export function groupRoutes(world: World): Route[] {
  const all = '/subscriptions/{subscriptionId}/resourcegroups';
  const subscription = (id: string) => ({
    id: `/subscriptions/${id}`,
    subscriptionId: id,
    displayName: `contoso-${id.slice(-4)}`,
    state: 'Enabled',
  });
  return [
    { method: 'GET', path: all, handle: (_, params) => list(world, params) },
    { method: 'GET', path: `${all}/{group}`, handle: (_, params) => get(world, params) },
    {
      method: 'GET',
      path: '/subscriptions',
      handle: () => ({ status: 200, body: { value: subscriptionIds(world).map(subscription) } }),
    },
    {
      method: 'GET',
      path: '/subscriptions/{subscriptionId}',
      handle: (_, params) =>
        scopeError(world, params['subscriptionId'] ?? '') ?? {
          status: 200,
          body: subscription((params['subscriptionId'] ?? '').toLowerCase()),
        },
    },
  ];
}

function get(world: World, params: Params): SandboxResponse {
  const id = `/subscriptions/${params['subscriptionId']}/resourceGroups/${params['group']}`.toLowerCase();
  const found = resourceGroups(world)[id];
  if (found) return { status: 200, body: found };
  const message = `Resource group '${params['group']}' could not be found.`;
  return scopeError(world, params['subscriptionId'] ?? '') ?? armError(404, 'ResourceGroupNotFound', message);
}

function list(world: World, params: Params): SandboxResponse {
  const scope = `/subscriptions/${params['subscriptionId']}/`.toLowerCase();
  const value = Object.entries(resourceGroups(world))
    .filter(([id]) => id.startsWith(scope))
    .map(([, g]) => g);
  return scopeError(world, params['subscriptionId'] ?? '') ?? { status: 200, body: { value } };
}
