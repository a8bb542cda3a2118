import type { World } from '../../kernel/world';
import type { RoleAssignment, RoleDefinition } from '../authorization/model';
import { allRoles, assignmentId, assignmentType, authorization, definitionType } from '../authorization/section';
import type { JsonObject, Resource } from '../compute/resource';

/** The table `authorizationresources`: who has which role where, and what the roles are. */
export function authorizationResources(world: World): Resource[] {
  return [...Object.values(authorization(world).assignments).map(assignment), ...allRoles(world).map(definition)];
}

/** The id of a role names no subscription here. */
const roleId = (name: string): string => `/providers/${definitionType}/${name}`;

function assignment({ name, scope, role, ...rest }: RoleAssignment): Resource {
  const properties: JsonObject = { roleDefinitionId: roleId(role), scope, ...rest };
  return { id: assignmentId({ scope, name }), name, type: assignmentType, location: 'global', properties };
}

function definition({ name, permissions, assignableScopes, ...rest }: RoleDefinition): Resource {
  const properties: JsonObject = {
    ...rest,
    assignableScopes: [...assignableScopes],
    permissions: permissions.map(
      (p): JsonObject => ({
        actions: [...p.actions],
        notActions: [...p.notActions],
        dataActions: [...p.dataActions],
        notDataActions: [...p.notDataActions],
      }),
    ),
  };
  return { id: roleId(name), name, type: definitionType, location: 'global', properties };
}
