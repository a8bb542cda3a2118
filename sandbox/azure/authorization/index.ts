import type { Route } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { deleteAssignment, getAssignment, listAssignments, putAssignment } from './assignments';
import { deleteDefinition, getDefinition, listDefinitions, putDefinition } from './definitions';
import { onScopes } from './on-scopes';
import { permissionRoutes } from './permissions';
import { scheduleRoutes } from './schedules';

export { may, unauthorized } from './access';
export type { Access } from './action';
export { narrowedToReadable, onlyVisibleSubscriptions } from './graph-scope';
export { registerSchedules } from './schedules';
export { rbacRoutes, tokenRefusal } from './tokens';

/** Microsoft.Authorization at every scope: role definitions, role assignments, and those that begin and end by a schedule. */
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
    ...scheduleRoutes(world),
  ];
}
