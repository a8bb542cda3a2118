import { type Rights, rightsOf, roleGroups } from '../../core/access';
import type { Directory } from '../../core/azure';
import type { Catalogue, Role } from '../../core/catalogue';
import { call, optionName, type Values } from '../../core/command-call';
import { isUserError, UserError } from '../../core/errors';
import type { ChangeRun, Run } from '../../core/runs';
import type { Sight } from '../../store/reads';
import { type Command, type CommandContext, nothingOf } from './command';

/**
 * What the person may do at this moment. When the directory is silent, that is nothing, and `unknown` says why.
 */
export async function askRights(
  directory: Pick<Directory, 'memberOf'>,
  catalogue: Catalogue,
  oid: string,
  atMostMs?: number,
): Promise<{ readonly rights: Rights; readonly unknown: boolean }> {
  try {
    const groups = await directory.memberOf(oid, roleGroups(catalogue), atMostMs);
    return { rights: rightsOf(catalogue, groups), unknown: false };
  } catch (error) {
    if (!isUserError(error)) throw error;
    return { rights: rightsOf(catalogue, []), unknown: true };
  }
}

/**
 * Why a program may not ask for this; undefined for people. The one rule, in the data of commands: a program may ask for
 * whatever changes nothing, and for changes that say so, which people then decide about.
 */
export function notForPrograms(command: Command, { person }: CommandContext, values: Values): UserError | undefined {
  if (person.application === undefined) return undefined;
  const { verb, effect, programs = effect === 'read', args } = command;
  const own = args.find(({ name, people }) => people && values[name] !== undefined);
  if (programs && !own) return undefined;
  const what = own ? `${optionName(own.name)} of “${verb}”` : `“${verb}”`;
  return new UserError(
    'PEOPLE_ONLY',
    `${what} is for people, and ${person.name} is a program; ${nothingOf(command)}.`,
    {
      hint: 'Ask somebody to do it in Teams.',
      next: [call('help')],
    },
  );
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
  if (ctx.rightsUnknown) return groupsUnknown();
  if (ctx.rights.has(role, image)) return undefined;
  const what = image ? `“${verb}” of ${image}` : `“${verb}”`;
  const groups = grantingGroups(catalogue, role, image);
  const join = groups.length > 0 ? `Ask to join ${groups.join(' or ')}, or see` : 'See';
  return new UserError('WRONG_ROLE', `${what} needs the role ${role}, and ${rolesInWords(ctx.rights)}.`, {
    hint: `${join} what you can do.`,
    next: [call('help')],
  });
}

/** Roles come from groups: without them nobody may anything, which is not their fault. */
export function groupsUnknown(): UserError {
  return new UserError('DIRECTORY_SILENT', 'Microsoft Graph did not say which groups you are in; nothing was done.', {
    hint: 'Send it again in a minute.',
  });
}

function rolesInWords(rights: Rights): string {
  const roles = [...rights.roles];
  return roles.length === 0 ? 'you have no role' : `you are ${roles.join(' and ')}`;
}

function grantingGroups(catalogue: Catalogue, role: Role, image: string | undefined): readonly string[] {
  const granting = catalogue.roles.filter((r) => r.role === role && (!image || !r.images || r.images.includes(image)));
  return [...new Set(granting.map((r) => r.name))].slice(0, 3);
}

/** Whether the person may look at the run: at a change or digest as their team's, at a publish as at its image. */
export function seesRun({ rights, person }: Pick<CommandContext, 'rights' | 'person'>, run: Run): boolean {
  if (run.kind === 'digest') return rights.sees(run.plan.team);
  if (run.kind === 'publish') return rights.has('viewer', run.subject);
  return rights.sees(run.plan.team) || run.actors.some(({ oid }) => oid === person.oid);
}

/** Of runs that were read as theirs those that they may look at: each is asked for, so that it is known of whom they saw one. */
export function seenOf(ctx: Pick<CommandContext, 'rights' | 'person'>, runs: readonly Run[]): readonly Run[] {
  return runs.filter((run) => seesRun(ctx, run));
}

/** The same of runs that are not read yet. */
export function sightOf({ rights, person }: Pick<CommandContext, 'rights' | 'person'>): Sight {
  return { images: rights.images, teams: rights.seesAll ? 'all' : [...rights.teams], person: person.oid };
}

/**
 * Why the person may not do this to a change; undefined when they may. Who decides or withdraws is checked where it is
 * recorded, against the group that was asked and the people on the run: roles do not tell.
 */
export function forbiddenForChange(
  command: Command,
  ctx: CommandContext,
  run: ChangeRun,
  catalogue: Catalogue,
): UserError | undefined {
  if (command.hash === 'always' || command.verb === 'withdraw' || command.verb === 'review') return undefined;
  if (command.effect === 'read') return forbidden(command, ctx, catalogue) ?? unseen(ctx, run);
  const own = run.actors.some(({ oid }) => oid === ctx.person.oid);
  if (own || (!ctx.rightsUnknown && ctx.rights.actsFor(run.plan.team))) return undefined;
  if (ctx.rightsUnknown) return forbidden(command, ctx, catalogue);
  const team = run.plan.team === null ? 'admins' : `the owners of ${run.plan.team} and admins`;
  return new UserError('WRONG_ROLE', `${run.id} is for those who asked for it, ${team}. Nothing was done.`, {
    hint: `Ask ${run.actors[0]?.name ?? 'one of them'}.`,
  });
}

function unseen(ctx: CommandContext, run: ChangeRun): UserError | undefined {
  if (seesRun(ctx, run)) return undefined;
  const whose = `${run.id} is about machines of ${run.plan.team ?? 'no team'}`;
  return new UserError('WRONG_ROLE', `${whose}; you may not look at it.`, youMay);
}

/** Somebody asked about an image or a run that is not for them. */
export function mayNotSee(what: string): UserError {
  return new UserError('WRONG_ROLE', `You may not look at ${what}.`, youMay);
}

/** Where a person reads what they may do. */
const youMay = { hint: 'See what you may do.', next: [call('whoami')] };

/**
 * Why a click on a button that acts on a plan does not count: it names no plan, or not the one that the run has now.
 * Undefined when it may go on; workflows/start checks again under the run's lock.
 */
export function otherPlan(command: Command, ctx: CommandContext, run: Run | undefined): UserError | undefined {
  if (ctx.via === 'text' || command.hash === undefined) return undefined;
  if (command.hash === 'always') return ctx.hash === undefined ? noPlan(command, run) : undefined;
  if (!run) return noPlan(command, run);
  if ((ctx.hash ?? null) === run.planHash) return undefined;
  return new UserError('CARD_STALE', `That card is old: ${run.id} has gone on since; nothing was done.`, {
    hint: 'See the current state.',
    next: [call('status', { request: run.id })],
  });
}

function noPlan(command: Command, run: Run | undefined): UserError {
  const message = `The click on “${command.verb}” does not say which plan its card shows; ${nothingOf(command)}.`;
  return new UserError('CARD_STALE', message, {
    hint: run ? 'See the current state.' : 'See what is waiting for you.',
    next: [run ? call('status', { request: run.id }) : call('approvals')],
  });
}
