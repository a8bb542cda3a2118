import { type Rights, rightsOf, roleGroups } from '../../core/access';
import type { Directory } from '../../core/azure';
import type { Catalogue, Role } from '../../core/catalogue';
import { isUserError, UserError } from '../../core/errors';
import type { Command, CommandContext } from './define';

/**
 * What the person may do at this moment. When the directory is silent it is nothing, and `unknown` says why.
 */
export async function askRights(
  directory: Directory,
  catalogue: Catalogue,
  oid: string,
): Promise<{ readonly rights: Rights; readonly unknown: boolean }> {
  try {
    const groups = await directory.memberOf(oid, roleGroups(catalogue));
    return { rights: rightsOf(catalogue, groups), unknown: false };
  } catch (error) {
    if (!isUserError(error)) throw error;
    return { rights: rightsOf(catalogue, []), unknown: true };
  }
}

/** Why the person may not run this command (about this image); undefined when they may. Fails closed. */
export function forbidden(
  command: Command,
  ctx: CommandContext,
  catalogue: Catalogue,
  image?: string,
): UserError | undefined {
  const { role, verb } = command;
  if (role === 'all') return undefined;
  if (ctx.rightsUnknown) {
    return new UserError('DIRECTORY_SILENT', 'Microsoft Graph did not say which groups you are in; nothing was done.', {
      hint: `Send \`${verb}\` again in a minute.`,
    });
  }
  if (ctx.rights.has(role, image)) return undefined;
  const what = image ? `\`${verb}\` of ${image}` : `\`${verb}\``;
  const groups = grantingGroups(catalogue, role, image);
  const join = groups.length > 0 ? `Ask for membership of ${groups.join(' or ')}, or see` : 'See';
  return new UserError('WRONG_ROLE', `${what} needs the role ${role}, and ${rolesInWords(ctx.rights)}.`, {
    hint: `${join} with \`help\` what you can do.`,
  });
}

export function rolesInWords(rights: Rights): string {
  const roles = [...rights.roles];
  return roles.length === 0 ? 'you have no role' : `you are ${roles.join(' and ')}`;
}

function grantingGroups(catalogue: Catalogue, role: Role, image: string | undefined): readonly string[] {
  const granting = catalogue.roles.filter((r) => r.role === role && (!image || !r.images || r.images.includes(image)));
  return [...new Set(granting.map((r) => r.name))].slice(0, 3);
}
