import type { Route } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { deleteAssignment, getAssignment, listAssignments, putAssignment } from './assignments';
import { deleteDefinition, getDefinition, listDefinitions, putDefinition } from './definitions';
import { onScopes } from './on-scopes';
import { permissionRoutes } from './permissions';

export { may, unauthorized } from './access';
export type { Access } from './action';
export { narrowedToReadable, onlyVisibleSubscriptions } from './graph-scope';
export { rbacRoutes, tokenRefusal } from './tokens';

/** Microsoft.Authorization: role definitions and role assignments at every scope, api-version 2022-04-01. */
export function authorizationRoutes(world: World): Route[] {
  return [
    ...permissionRoutes(world),
    ...onScopes(world, 'roleAssignments', {
      list: listAssignments,
      GET: getAssignment,
      PUT: putAssignment,
      DELETE: deleteAssignment,
    }),
    ...onScopes(world, 'roleDefinitions', {
      list: listDefinitions,
      GET: getDefinition,
      PUT: putDefinition,
      DELETE: deleteDefinition,
    }),
  ];
}
