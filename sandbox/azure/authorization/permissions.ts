import type { Route } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { permissionsAt } from './access';
import { onScopes } from './on-scopes';

/** What the caller may do at a scope, by the roles assigned there and above; blind to locks, policies and denials. */
export function permissionRoutes(world: World): Route[] {
  const list = onScopes(world, 'permissions', {
    list: ({ request, scope }) => ({ status: 200, body: { value: permissionsAt(world, request.headers, scope) } }),
    GET: () => ({ status: 404 }),
    PUT: () => ({ status: 404 }),
    DELETE: () => ({ status: 404 }),
  });
  return list.filter(({ path }) => path.endsWith('/permissions'));
}
