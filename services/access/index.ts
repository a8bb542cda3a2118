/**
 * Who may use an image: role assignments that reach it, and with whom its gallery is shared. A room of one file, which is
 * its own index; services/index.ts makes it part of the ports.
 */
import type { Gallery, SharingStatus, SharingUpdate } from '@azure/arm-compute';
import type { AzureRead, AzureWrite, ImageRef } from '../../core/azure';
import { definitionId, nameOfId } from '../../core/azure-id';
import type { Assignment, GallerySharing, Principal, Sharee, SharingChange } from '../../core/image-access';
import {
  arm,
  armList,
  type Fields,
  fieldsOf,
  type ReadContext,
  textOf,
  unlessMissing,
  type WriteContext,
} from '../azure';
import { permissionOf } from '../preflight';

const authorization = '2022-04-01';

export function accessRead(azure: ReadContext): Pick<AzureRead, 'assignmentsAt' | 'gallerySharing' | 'roleByName'> {
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
        return found && sharingOf(found);
      }),

    /**
     * The role of this name that can be assigned at an image; undefined when there is none.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET {subscription}/providers/Microsoft.Authorization/roleDefinitions?$filter=roleName eq '…'
     */
    roleByName: ({ subscription }, name) =>
      azure.ask(`looking for the role “${name}”`, async () => {
        const path = `/subscriptions/${subscription}/providers/Microsoft.Authorization/roleDefinitions`;
        const query = `$filter=${encodeURIComponent(`roleName eq '${name.replaceAll("'", "''")}'`)}`;
        const [found] = await armList(azure, { path, version: authorization, query });
        const id = textOf(found?.['name']);
        return id === undefined ? undefined : { id: id.toLowerCase(), permissions: permissionsOf(found) };
      }),
  };
}

function sharingOf({ sharingProfile, identifier, sharingStatus }: Gallery): GallerySharing {
  const { permissions, groups = [] } = sharingProfile ?? {};
  const idsOf = (type: string) => groups.filter((g) => g.type === type).flatMap(({ ids }) => ids ?? []);
  const { uniqueName } = identifier ?? {};
  const unsettled = unsettledIn(sharingStatus);
  return {
    madeFor: madeFor(permissions),
    subscriptions: idsOf(groupTypes.subscription),
    tenants: idsOf(groupTypes.tenant),
    ...(uniqueName !== undefined && { uniqueName }),
    ...(unsettled.length > 0 && { unsettled }),
  };
}

export function accessWrite(
  azure: WriteContext,
): Pick<AzureWrite, 'assignImageRole' | 'removeAssignment' | 'shareGallery'> {
  return {
    /**
     * Shares a gallery with somebody, takes that back, or takes it from everybody; returns when Azure has accepted it (it
     * takes a minute, and longer where there are many regions). Safe to repeat: whoever has it keeps it, and whoever does
     * not is passed over. Azure looks up neither subscriptions nor tenants.
     *
     * @throws UserError `AZ_BAD_REQUEST`, `AZ_CONFLICT` (not made for it, too many, or a version is encrypted),
     * `AZ_FORBIDDEN`, `AZ_NOT_FOUND`, `AZ_THROTTLED` (nine times in three minutes), `AZ_SILENT`, `FENCED`.
     * @see POST …/galleries/{gallery}/share
     */
    shareGallery: ({ subscription, resourceGroup, gallery }, change) =>
      azure.change(`changing with whom the gallery “${gallery}” is shared`, async () => {
        const { gallerySharingProfile } = azure.compute(subscription);
        await gallerySharingProfile.update(resourceGroup, gallery, updateOf(change)).submitted();
      }),

    /**
     * Gives a group a role on an image's definition. Safe to repeat: the same name is the same assignment. Azure takes up
     * to ten minutes to let the group in.
     *
     * @throws UserError `AZ_BAD_REQUEST` (no such role there; too many assignments), `AZ_CONFLICT` (the group has the role
     * by an assignment of another name), `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_SILENT`, `FENCED`.
     * @see PUT {definition}/providers/Microsoft.Authorization/roleAssignments/{name}
     */
    assignImageRole: (image, name, assignment) =>
      azure.change(`giving a group a role on “${image.definition}”`, async () => {
        const properties = propertiesOf(image, assignment);
        const path = `${definitionId(image)}/providers/Microsoft.Authorization/roleAssignments/${name}`;
        await arm(azure, { method: 'PUT', path, version: authorization, body: { properties } });
      }),

    /**
     * Takes a role assignment away. Safe to repeat: Azure answers 204 when there is none.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_CONFLICT` (a lock), `AZ_THROTTLED`, `AZ_SILENT`, `FENCED`.
     * @see DELETE {scope}/providers/Microsoft.Authorization/roleAssignments/{name}
     */
    removeAssignment: (id) =>
      azure.change(`taking the role assignment “${nameOfId(id)}” away`, async () => {
        await unlessMissing(arm(azure, { method: 'DELETE', path: id, version: authorization }));
      }),
  };
}

type RoleGiven = Parameters<AzureWrite['assignImageRole']>[2];

function propertiesOf({ subscription }: ImageRef, { role, group, why }: RoleGiven) {
  return {
    roleDefinitionId: `/subscriptions/${subscription}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
    principalId: group,
    // Azure looks the group up otherwise, and refuses one that was made a moment ago.
    principalType: 'Group',
    description: why.slice(0, longestDescription),
  };
}

/** The most that Azure takes. */
const longestDescription = 1_024;

const groupTypes: Readonly<Record<Sharee['kind'], string>> = { subscription: 'Subscriptions', tenant: 'AADTenants' };

function updateOf(change: SharingChange): SharingUpdate {
  if (change === 'reset') return { operationType: 'Reset' };
  const [operationType, { kind, id }] = 'add' in change ? ['Add', change.add] : ['Remove', change.remove];
  return { operationType, groups: [{ type: groupTypes[kind], ids: [id] }] };
}

/** Azure's sum may say nothing although it says something of each region, and the other way round. */
function unsettledIn({ aggregatedState, summary = [] }: SharingStatus = {}): NonNullable<GallerySharing['unsettled']> {
  const open = summary.flatMap(({ region = 'a region', state, details = '' }) => {
    if (state !== 'InProgress' && state !== 'Failed') return [];
    return [{ region, failed: state === 'Failed', ...(details !== '' && { said: details }) }];
  });
  if (open.length > 0 || (aggregatedState !== 'InProgress' && aggregatedState !== 'Failed')) return open;
  return [{ region: 'a region', failed: aggregatedState === 'Failed' }];
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
  const assigned = (await armList(azure, { path, version: authorization, query })).map((a) => ({
    id: textOf(a['id']),
    ...fieldsOf(a['properties']),
  }));
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
  const body = fieldsOf(found.body);
  const name = textOf(fieldsOf(body['properties'])['roleName']) ?? id;
  return { role: { id: nameOfId(id), name }, permissions: permissionsOf(body) };
}

function permissionsOf(role: Fields | undefined): Assignment['permissions'] {
  const { permissions } = fieldsOf(role?.['properties']);
  return (Array.isArray(permissions) ? permissions : []).map((one) => permissionOf(fieldsOf(one)));
}

const kinds: Readonly<Record<string, Principal['kind']>> = {
  Group: 'group',
  User: 'person',
  ServicePrincipal: 'service',
};

function assignmentOf(assignment: Fields, role: Role | undefined): readonly Assignment[] {
  const [scope, holder] = [textOf(assignment['scope']), textOf(assignment['principalId'])];
  if (!role || scope === undefined || holder === undefined) return [];
  const kind = kinds[textOf(assignment['principalType']) ?? ''] ?? 'other';
  const conditional = (textOf(assignment['condition']) ?? '') !== '';
  const id = textOf(assignment['id']) ?? '';
  return [{ id, principal: { id: holder.toLowerCase(), kind }, ...role, scope, conditional }];
}
