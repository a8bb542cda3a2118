import type { Catalogue } from '../../core/catalogue';
import { UserError } from '../../core/errors';
import type { ChangeRun, Run } from '../../core/runs';
import type { Command, CommandContext } from './define';
import { forbidden } from './rights';

/** Whether the person may look at the run: changes and digests are their team's, a publish is everybody's who may look at the image. */
export function seesRun({ rights, person }: Pick<CommandContext, 'rights' | 'person'>, run: Run): boolean {
  if (run.kind === 'digest') return rights.sees(run.plan.team);
  if (run.kind === 'publish') return rights.has('viewer', run.subject);
  return rights.sees(run.plan.team) || run.actors.some(({ oid }) => oid === person.oid);
}

/**
 * Why the person may not do this to a change; undefined when they may. Who decides and who withdraws is checked where it
 * is written down, against the group that was asked and the people of the run: roles do not say it.
 */
export function forbiddenForChange(
  command: Command,
  ctx: CommandContext,
  run: ChangeRun,
  catalogue: Catalogue,
): UserError | undefined {
  if (command.hash === 'always' || command.verb === 'withdraw') return undefined;
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
  return new UserError(
    'WRONG_ROLE',
    `${run.id} is about machines of ${run.plan.team ?? 'no team'}; you may not look at it.`,
    {
      hint: 'See with `whoami` what you may.',
    },
  );
}
