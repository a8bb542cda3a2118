import { type CommandCall, call, exampleCall, type Values } from '../../core/command-call';
import { UserError } from '../../core/errors';
import { type ImageRight, imageRoles, isExactly, makeRoleCommand } from '../../core/image-access';
import type { AccessPlan } from '../../core/runs';
import { parseWhen } from '../../core/time';
import { type Answer, type CommandContext, choice, type Deps, imageName, textArg, word } from '../conversation';
import { imageOf } from '../present';
import { joinFlag } from './joining';
import { byAdmins, startChange } from './start';

/** What `grant` and `ungrant` take. */
export const accessArgs = {
  group: word('Security group of Entra', 'group', { example: 'payments-owners' }),
  right: choice('Right', ['view', 'create', 'delete']),
  image: imageName,
  reason: textArg('Reason').optional(),
  join: joinFlag,
};

export interface AccessAsked {
  readonly verb: AccessPlan['verb'];
  readonly group: string;
  readonly right: ImageRight;
  readonly image: string;
  readonly until?: string | undefined;
  readonly reason?: string | undefined;
  readonly join: boolean;
}

/** Asks admins to give a group a right to an image, or to take it back. */
export async function changeAccess(ctx: CommandContext, asked: AccessAsked, deps: Deps): Promise<Answer> {
  const { verb, right, image, until, reason, join } = asked;
  const catalogue = deps.catalogue();
  const { ref } = imageOf(catalogue, image);
  const given: Values = {
    ...{ right, image },
    ...(until !== undefined && { until }),
    ...(reason !== undefined && { reason }),
  };
  const again = (group: string, more: Values = {}): CommandCall => call(verb, { group, ...given, ...more });
  const ends = until === undefined ? undefined : endOf({ until, again: again(asked.group) }, ctx.now);
  const [group, role] = await Promise.all([
    groupOf(asked.group, deps, (id) => again(id)),
    roleOf(right, () => deps.read.roleByName(ref, imageRoles[right].name)),
  ]);
  const plan: AccessPlan = {
    ...{ verb, target: `${right} of ${image}`, team: null, image, gallery: ref, right, group, role },
    ...(ends && { until: ends.toISOString() }),
    ...(reason !== undefined && { reason }),
    approval: byAdmins(catalogue),
  };
  return startChange(ctx, plan, deps, { join, call: again(group.id, { join: true }) });
}

/** @throws UserError `UNKNOWN_GROUP`. */
async function groupOf(
  text: string,
  { groups }: Pick<Deps, 'groups'>,
  again: (id: string) => CommandCall,
): Promise<AccessPlan['group']> {
  const found = await groups(text);
  const [first, ...others] = found;
  const shown = text.slice(0, 80);
  if (!first) {
    throw new UserError('UNKNOWN_GROUP', `Entra has no group “${shown}”.`, {
      hint: 'Write its name as Entra has it, or its object id. Rights are given to groups alone, not to people.',
    });
  }
  if (others.length > 0) {
    throw new UserError('UNKNOWN_GROUP', `Entra has ${found.length} groups called “${shown}”.`, {
      hint: 'Say which one by its object id.',
      next: found.slice(0, 3).map(({ id }) => again(id)),
    });
  }
  if (!first.security) {
    throw new UserError('UNKNOWN_GROUP', `${first.name} is not a security group: Azure gives it no role.`, {
      hint: 'Name a security group.',
    });
  }
  return { id: first.id, name: first.name };
}

/** @throws UserError `AZ_NOT_FOUND` when nobody has made the role, or somebody has changed it. */
async function roleOf(
  right: ImageRight,
  find: () => ReturnType<Deps['read']['roleByName']>,
): Promise<AccessPlan['role']> {
  const wanted = imageRoles[right];
  const { name, builtIn } = wanted;
  if (builtIn !== undefined) return { id: builtIn, name };
  const found = await find();
  if (found && isExactly(wanted, found.permissions)) return { id: found.id, name };
  const why = found
    ? `The role ${name} allows something else than deploy/roles/${name}.json says; it is given to nobody.`
    : `The role ${name} is not there yet.`;
  const command = found
    ? makeRoleCommand(wanted).replace('definition create', 'definition update')
    : makeRoleCommand(wanted);
  throw new UserError('AZ_NOT_FOUND', why, {
    hint: `Have an administrator put the subscription into its AssignableScopes and run “${command}”.`,
  });
}

/** To the whole second: the same command again must mean the same moment. */
export function endOf({ until, again }: { readonly until: string; readonly again: CommandCall }, now: Date): Date {
  const when = parseWhen(until, now);
  if (when && when > now) return new Date(Math.floor(when.getTime() / 1_000) * 1_000);
  const problem = when ? 'is in the past' : 'is not a date';
  throw new UserError('BAD_COMMAND', `"${until.slice(0, 40)}" ${problem}; nothing was asked for.`, {
    hint: 'Write a date or a duration.',
    facts: { field: 'until' },
    next: [exampleCall(again.verb, { ...again.values, until: '+3mo' })],
  });
}
