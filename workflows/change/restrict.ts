import { isRestricted, type RestrictionState, type RestrictionTarget } from '../../core/compliance';
import type { RestrictPlan } from '../../core/runs';
import type { ChangeContext, Doing, Next } from './kit';

/** Definition, then assignment, target after target; each is one step. */
export const restrict: Doing<RestrictPlan> = {
  async survey({ read }, plan) {
    const now = await Promise.all(plan.targets.map((target) => read.restriction(target)));
    const write = [...new Set(now.map(({ assigned }) => assigned?.effect ?? 'not restricted'))];
    return { before: write.join(', '), warnings: plan.dryRun };
  },

  async next(context, plan): Promise<Next> {
    for (const [n, target] of plan.targets.entries()) {
      const todo = nextFor(context, plan, target, await context.read.restriction(target));
      if (todo) return { ...todo, progress: `${todo.progress} (${n + 1} of ${plan.targets.length})` };
    }
    return { kind: 'so', outcome: outcomeOf(plan) };
  },
};

type Todo = Next & { readonly kind: 'do' };

function nextFor(
  { write }: ChangeContext,
  { effect, galleries }: RestrictPlan,
  target: RestrictionTarget,
  state: RestrictionState,
): Todo | undefined {
  const todo = (progress: string, act: () => Promise<void>): Todo => ({
    kind: 'do',
    progress,
    effect: async () => {
      await act();
      return undefined;
    },
  });
  if (effect === 'off') {
    return state.assigned && todo('lifting the restriction', () => write.removeRestriction(target));
  }
  const settings = { effect, galleries };
  if (!state.defined) return todo('writing the definition', () => write.defineRestriction(target.scope));
  if (isRestricted(state, target, settings)) return undefined;
  return todo('writing the assignment', () => write.assignRestriction(target, settings));
}

function outcomeOf({ target, effect }: RestrictPlan): string {
  switch (effect) {
    case 'off':
      return `${target} is not restricted by goldbot any more.`;
    case 'audit':
      return `New machines of ${target} that are not golden are reported as not compliant; none is stopped.`;
    case 'deny':
      return `Azure refuses new machines of ${target} that are not golden; within some minutes everywhere. Existing ones run on, but Azure refuses changes to those that are not golden.`;
  }
}
