import type { Grant, Permission, PreflightRead } from '../../core/preflight';
import { arm, armList, type Fields, fieldsOf, type ReadContext, textOf, unlessMissing } from '../azure';

const authorization = '2022-04-01';

export function rightsRead(azure: ReadContext): Pick<PreflightRead, 'builderIdentity' | 'grants' | 'ownPermissions'> {
  return {
    /**
     * A user-assigned identity by its id; undefined when there is none.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET …/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}
     */
    builderIdentity: (id) =>
      azure.ask('asking about the identity of the builds', async () => {
        const found = await unlessMissing(arm(azure, { method: 'GET', path: id, version: '2023-01-31' }));
        const principalId = textOf(fieldsOf(fieldsOf(found?.body)['properties'])['principalId']);
        return principalId === undefined ? undefined : { principalId };
      }),

    /**
     * Roles assigned to a principal in a subscription, above it and in all below; those of the groups that it is in as
     * well. One call for the assignments and one for each role.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET …/roleAssignments?$filter=assignedTo('{principal}'), GET …/roleDefinitions/{name}
     */
    grants: (subscription, principalId) =>
      azure.ask('asking for the roles of the identity of the builds', () => grantsOf(azure, subscription, principalId)),

    /**
     * What goldbot's own identity may do at a resource or a resource group: one entry for each role.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_NOT_FOUND`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET {scope}/providers/Microsoft.Authorization/permissions
     */
    ownPermissions: (scope) =>
      azure.ask('asking what goldbot may do', async () => {
        const path = `${scope}/providers/Microsoft.Authorization/permissions`;
        return (await armList(azure, { path, version: authorization })).map(permissionOf);
      }),
  };
}

async function grantsOf(azure: ReadContext, subscription: string, principalId: string): Promise<Grant[]> {
  const authorizationOf = `/subscriptions/${subscription}/providers/Microsoft.Authorization`;
  const query = `$filter=${encodeURIComponent(`assignedTo('${principalId}')`)}`;
  const path = `${authorizationOf}/roleAssignments`;
  const assigned = (await armList(azure, { path, version: authorization, query })).map((a) =>
    fieldsOf(a['properties']),
  );
  // Of the subscription, wherever they are assigned: nothing above it need be readable.
  const under = `${authorizationOf}/roleDefinitions`;
  const names = [...new Set(assigned.map(roleName))];
  const known = await Promise.all(names.map(async (name) => [name, await roleOf(azure, `${under}/${name}`)] as const));
  return assigned.flatMap((a) => grantOf(a, known));
}

function roleName(assignment: Fields): string {
  return (textOf(assignment['roleDefinitionId']) ?? '').split('/').at(-1)?.toLowerCase() ?? '';
}

async function roleOf(azure: ReadContext, id: string): Promise<readonly Permission[]> {
  const found = await unlessMissing(arm(azure, { method: 'GET', path: id, version: authorization }));
  const { permissions } = fieldsOf(fieldsOf(found?.body)['properties']);
  return (Array.isArray(permissions) ? permissions : []).map((one) => permissionOf(fieldsOf(one)));
}

/** What a role allows, as Azure's own definition of it says. */
export function permissionOf({ actions, notActions }: Fields): Permission {
  return { actions: texts(actions), notActions: texts(notActions) };
}

function grantOf(assignment: Fields, known: readonly (readonly [string, readonly Permission[]])[]): Grant[] {
  const scope = textOf(assignment['scope']);
  const permissions = known.find(([name]) => name === roleName(assignment))?.[1];
  return scope === undefined || permissions === undefined ? [] : [{ scope, permissions }];
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
