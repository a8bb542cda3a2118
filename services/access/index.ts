/**
 * Who may use an image: role assignments that reach it, and with whom its gallery is shared. A room of one file, which is
 * its own index; services/index.ts makes it part of the ports.
 */
import type { AzureRead, ImageRef } from '../../core/azure';
import { definitionId } from '../../core/azure-id';
import type { Assignment, GallerySharing, Principal } from '../../core/image-access';
import { arm, armList, type Fields, fieldsOf, type ReadContext, textOf, unlessMissing } from '../azure';
import { permissionOf } from '../preflight';

const authorization = '2022-04-01';

export function accessRead(azure: ReadContext): Pick<AzureRead, 'assignmentsAt' | 'gallerySharing'> {
  return {
    /**
     * Every role assignment on an image definition and on all that is above it, management groups included. One call for
     * the assignments and one for each role; deny assignments are not among them.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_NOT_FOUND`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET {definition}/providers/Microsoft.Authorization/roleAssignments?$filter=atScope(), GET …/roleDefinitions/{name}
     */
    assignmentsAt: (image) => azure.ask(`asking who may use “${image.definition}”`, () => assignmentsAt(azure, image)),

    /**
     * With whom a gallery is shared beside its role assignments; undefined when there is none of that name.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET …/galleries/{gallery}?$select=Permissions&$expand=SharingProfile/Groups
     */
    gallerySharing: ({ subscription, resourceGroup, gallery }) =>
      azure.ask(`asking with whom the gallery “${gallery}” is shared`, async () => {
        const { galleries } = azure.compute(subscription);
        const found = await unlessMissing(
          galleries.get(resourceGroup, gallery, { select: 'Permissions', expand: 'SharingProfile/Groups' }),
        );
        if (!found) return undefined;
        const { permissions, groups } = found.sharingProfile ?? {};
        const idsOf = (type: string) => (groups ?? []).filter((g) => g.type === type).flatMap(({ ids }) => ids ?? []);
        return {
          madeFor: madeFor(permissions),
          subscriptions: idsOf('Subscriptions'),
          tenants: idsOf('AADTenants'),
        };
      }),
  };
}

/** Azure leaves it out of galleries that nobody shares. */
function madeFor(permissions: string | undefined): GallerySharing['madeFor'] {
  switch (permissions) {
    case 'Groups':
      return 'groups';
    case 'Community':
      return 'community';
    default:
      return 'private';
  }
}

async function assignmentsAt(azure: ReadContext, image: ImageRef): Promise<readonly Assignment[]> {
  const path = `${definitionId(image)}/providers/Microsoft.Authorization/roleAssignments`;
  const query = `$filter=${encodeURIComponent('atScope()')}`;
  const assigned = (await armList(azure, { path, version: authorization, query })).map((a) =>
    fieldsOf(a['properties']),
  );
  // Of the subscription, wherever they are assigned: nothing above it need be readable.
  const under = `/subscriptions/${image.subscription}/providers/Microsoft.Authorization/roleDefinitions`;
  const names = [...new Set(assigned.map(roleName))];
  const roles = new Map(
    await Promise.all(names.map(async (name) => [name, await roleOf(azure, `${under}/${name}`)] as const)),
  );
  return assigned.flatMap((one) => assignmentOf(one, roles.get(roleName(one))));
}

function roleName(assignment: Fields): string {
  return (textOf(assignment['roleDefinitionId']) ?? '').split('/').at(-1)?.toLowerCase() ?? '';
}

type Role = Pick<Assignment, 'role' | 'permissions'>;

/** Undefined for a role that has been deleted since. */
async function roleOf(azure: ReadContext, id: string): Promise<Role | undefined> {
  const found = await unlessMissing(arm(azure, { method: 'GET', path: id, version: authorization }));
  if (!found) return undefined;
  const { roleName: name, permissions } = fieldsOf(fieldsOf(found.body)['properties']);
  return {
    role: { id, name: textOf(name) ?? id },
    permissions: (Array.isArray(permissions) ? permissions : []).map((one) => permissionOf(fieldsOf(one))),
  };
}

const kinds: Readonly<Record<string, Principal['kind']>> = {
  Group: 'group',
  User: 'person',
  ServicePrincipal: 'service',
};

function assignmentOf(assignment: Fields, role: Role | undefined): readonly Assignment[] {
  const [scope, id] = [textOf(assignment['scope']), textOf(assignment['principalId'])];
  if (!role || scope === undefined || id === undefined) return [];
  const kind = kinds[textOf(assignment['principalType']) ?? ''] ?? 'other';
  const conditional = (textOf(assignment['condition']) ?? '') !== '';
  return [{ principal: { id: id.toLowerCase(), kind }, ...role, scope, conditional }];
}
