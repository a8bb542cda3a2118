import type { AzureRead } from '../azure';
import { parseAzureId, resourceGroupId } from '../azure-id';
import { type AzureRole, assignCommand, azureRoles, createCommand, rolesFor, updateCommand } from '../azure-roles';
import type { Catalogue } from '../catalogue';
import { grouped } from '../collections';
import { machinesByTeam } from '../compliance';
import { isUserError } from '../errors';
import { galleryRef } from '../images';
import { allows, type Finding, inWords, itself, type Permission, stops, warns } from '../preflight';
import { houseLook, so } from './house';

/** What goldbot's identity holds where its roles belong: by action and scope. */

/** Where a role belongs, and what is held there. */
interface Held {
  readonly role: AzureRole;
  readonly scope: string;
  /** Undefined: goldbot may not ask. */
  readonly permissions: readonly Permission[] | undefined;
}

/** Without the first goldbot sees nothing, without the others it publishes nothing; the rest is for whoever wants it. */
const forPublishing = ['goldbot-planner', 'goldbot-builder', 'goldbot-publisher'];
const forTeams = ['goldbot-observer', 'goldbot-classifier', 'goldbot-policy', 'goldbot-runner'];

/** Roles, beside what Azure tells of them. */
interface Roles {
  readonly held: readonly Held[];
  /** The gallery was made for direct sharing. */
  readonly isShareable: boolean;
}

export const roles = houseLook<Roles>({
  at: 'the roles of goldbot’s own identity',
  read: async ({ azure }, { catalogue }) => {
    const places = [...whereImagesAre(catalogue), ...(await whereTeamsAre(azure, catalogue))];
    const held = await Promise.all(
      places.map(async ({ role, scope, isOfTeam = false }) => {
        const permissions = await unlessShut(azure.ownPermissions(scope), isOfTeam);
        return permissions === 'nowhere' ? [] : [{ role, scope, permissions }];
      }),
    );
    const sharing = await unlessShut(azure.gallerySharing(galleryRef(catalogue.azure)), true);
    const isShareable = typeof sharing === 'object' && sharing.madeFor === 'groups';
    return { held: held.flat(), isShareable };
  },
  judge: ({ held, isShareable }, { promised = new Set() }) => {
    const wanted = new Map<string, string>([
      ...(isShareable ? [['goldbot-sharer', 'The gallery was made for direct sharing'] as const] : []),
      ...(promised.has('share')
        ? [['goldbot-sharer', 'goldbot keeps ends of shares, and takes none back'] as const]
        : []),
      ...(promised.has('right')
        ? [['goldbot-access', 'goldbot keeps ends of rights, and takes none back'] as const]
        : []),
    ]);
    return [...grouped(held, ({ role }) => role.name).values()].flatMap((own) => roleFindings(own, wanted));
  },
});

interface Place {
  readonly role: AzureRole;
  readonly scope: string;
  readonly isOfTeam?: true;
}

const roleCalled = (name: string): AzureRole | undefined => azureRoles.find((role) => role.name === name);

/** Azure tells what may be done in groups and resources: what holds in a subscription shows in its group. */
function whereImagesAre(catalogue: Catalogue): readonly Place[] {
  const { subscription, buildResourceGroup: resourceGroup } = catalogue.azure;
  const builds = resourceGroupId({ subscription, resourceGroup });
  return rolesFor(catalogue, { teams: [] }).flatMap(({ role: name, scope }) => {
    const role = roleCalled(name);
    const isSubscription = parseAzureId(scope)?.resourceGroup === '';
    if (!role || role.actions.length === 0 || (isSubscription && !scope.endsWith(subscription))) return [];
    return [{ role, scope: isSubscription ? builds : scope }];
  });
}

/** One group for each subscription in which teams have machines: roles for teams are given for no less. */
async function whereTeamsAre(azure: AzureRead, catalogue: Catalogue): Promise<readonly Place[]> {
  const { rows } = await machinesByTeam(azure, catalogue);
  const ofTeams = rows.filter(({ team }) => team !== null).map(({ count }) => count);
  const groups = [...grouped(ofTeams, ({ subscription }) => subscription.toLowerCase()).values()].flatMap((own) => {
    const [most] = own.toSorted((a, b) => b.machines - a.machines);
    return most ? [resourceGroupId(most)] : [];
  });
  return forTeams.flatMap((name) => {
    const role = roleCalled(name);
    return role ? groups.map((scope) => ({ role, scope, isOfTeam: true as const })) : [];
  });
}

/** Where teams work, the role that lets goldbot ask is told like any other gap; elsewhere what is refused stops the look. */
async function unlessShut<T>(asked: Promise<T>, isOfTeam: boolean): Promise<T | 'nowhere' | undefined> {
  try {
    return await asked;
  } catch (error) {
    const code = isUserError(error) ? error.code : undefined;
    if (code === 'AZ_NOT_FOUND') return 'nowhere';
    if (isOfTeam && code === 'AZ_FORBIDDEN') return undefined;
    throw error;
  }
}

/** Given for single resources, wherever they are: their groups need not have them. */
const byThemselves = /\/(?:userAssignedIdentities\/assign|virtualNetworks\/subnets\/join)\/action$/i;

/** Of any resource: rights to it are given at it. */
const anywhere = /^Microsoft\.Authorization\/roleAssignments\/(?:write|delete)$/i;

/** The role's actions that mean something at a scope: in a group all, at a resource those of its type. */
function actionsAt({ role, scope }: Place): readonly string[] {
  const id = parseAzureId(scope);
  const isGroup = id?.isA('Microsoft.Resources/resourceGroups') === true;
  return role.actions
    .map(({ action }) => action)
    .filter((action) =>
      isGroup
        ? !byThemselves.test(action)
        : anywhere.test(action) || action.toLowerCase().startsWith(`${id?.type.toLowerCase()}/`),
    );
}

/** `wanted`: why a role is needed that is otherwise for whoever wants it. */
function roleFindings(held: readonly Held[], wanted: ReadonlyMap<string, string>): readonly Finding[] {
  const [first] = held;
  if (!first) return [];
  const { role } = first;
  const isHeld = (action: string) => held.some(({ permissions }) => permissions && allows(permissions, action));
  const changing = held.flatMap(actionsAt).filter((action) => !action.endsWith('/read'));
  const why = wanted.get(role.name);
  const needed = changing.length === 0 || forPublishing.includes(role.name) || why !== undefined;
  // Nobody need want what a role is for: one that was never given is no gap.
  if (!needed && !changing.some(isHeld)) return [];
  return held.flatMap((one) => gapFinding(one, why));
}

function gapFinding({ role, scope, permissions }: Held, needed: string | undefined): readonly Finding[] {
  if (!permissions) return role.name === 'goldbot-observer' ? [shutFinding({ role, scope })] : [];
  const wanted = actionsAt({ role, scope });
  const missing = wanted.filter((action) => !allows(permissions, action));
  if (missing.length === 0) return [];
  const few = missing.length <= 4 ? missing : [...missing.slice(0, 3), `${missing.length - 3} more`];
  const why = `goldbot’s identity lacks ${inWords(few.map((action) => (action.includes('/') ? `“${action}”` : action)))} on ${scope}.`;
  const { mend, commands } = missing.length === wanted.length ? making({ role, scope }) : mending({ role, scope });
  const isBroken = forPublishing.includes(role.name) || role.name === 'goldbot-observer';
  const finding = (isBroken ? stops : warns)(why, mend, ...commands);
  const consequence = needed === undefined ? capital(role.without) : `${needed}: ${role.gives} need it`;
  return [{ ...so(`${consequence}.`, finding), lacks: missing }];
}

/** As with the role of an earlier version. */
function shutFinding(at: Place): Finding {
  const why = `goldbot’s identity lacks “Microsoft.Authorization/permissions/read” on ${at.scope}.`;
  const { mend, commands } = mending(at);
  return so('Nobody can tell what goldbot may do for the teams there.', warns(why, mend, ...commands));
}

function mending({ role, scope }: Place): Pick<Finding, 'mend' | 'commands'> {
  return {
    mend: `Have an administrator bring the role ${role.name} up to date, and assign it there if it is not:`,
    commands: [updateCommand(role), assignCommand(role, { objectId: itself, scope })],
  };
}

/** Nothing of it is held there, as before anybody has made it. */
function making({ role, scope }: Place): Pick<Finding, 'mend' | 'commands'> {
  return {
    mend: `Have an administrator make the role ${role.name} (with your scopes in its file) where there is none yet, and assign it:`,
    commands: [createCommand(role), assignCommand(role, { objectId: itself, scope })],
  };
}

const capital = (text: string): string => text.replace(/^[a-z]/, (letter) => letter.toUpperCase());
