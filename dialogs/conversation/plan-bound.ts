import { UserError } from '../../core/errors';
import type { Run } from '../../core/runs';
import type { Command, CommandContext } from './define';

/**
 * Why a click on a button that acts on a plan does not count: it names no plan, or another one than the run has now.
 * Undefined when it may go on; the door asks again under the run's lock.
 */
export function otherPlan(command: Command, ctx: CommandContext, run: Run | undefined): UserError | undefined {
  if (ctx.via === 'text' || command.hash === undefined) return undefined;
  if (command.hash === 'always') return ctx.hash === undefined ? noPlan(command, run) : undefined;
  if (!run) return noPlan(command, run);
  if ((ctx.hash ?? null) === run.planHash) return undefined;
  return new UserError('CARD_STALE', `That card is old: ${run.id} has gone on since; nothing was done.`, {
    hint: `See the present state with \`status ${run.id}\`.`,
  });
}

function noPlan(command: Command, run: Run | undefined): UserError {
  const nothing = command.hash === 'always' ? 'nothing was decided' : 'nothing was done';
  return new UserError(
    'CARD_STALE',
    `The click on \`${command.verb}\` does not say which plan its card shows; ${nothing}.`,
    {
      hint: run ? `See the present state with \`status ${run.id}\`.` : 'See what waits for you with `approvals`.',
    },
  );
}
