import {
  isRestricted,
  type RestrictionEffect,
  type RestrictionSettings,
  type RestrictionState,
  type RestrictionTarget,
  restrictionWords,
} from '../../core/compliance';
import { type PastEnd, pastEndBounds, pastEndSentences, readPastEnd, togetherOf } from '../../core/lifecycle';
import type { RestrictPlan } from '../../core/runs';
import { act, type ChangeContext, type ChangeDeps, type ChangeKind, type Next } from './stages';

/**
 * Holds new machines to golden images by Azure Policy, or no longer. Where people decided that it follows the ends of life,
 * which versions are past theirs is looked up each time: that rule is what they agreed to, not a list.
 */

/** The definition, then the assignment, target by target, one step each. */
export const restrict = ({ catalogue }: Pick<ChangeDeps, 'catalogue'>): ChangeKind<RestrictPlan> => ({
  async survey({ read, now }, plan) {
    const states = await Promise.all(plan.targets.map((target) => read.restriction(target)));
    const before = [...new Set(states.map(restrictionWords))].join(', ');
    const { effect, targets, dryRun } = plan;
    if (!plan.pastEnd || effect === 'off') return { before, warnings: dryRun };
    const there = togetherOf(await readPastEnd(read, catalogue(), { targets, effect }, now));
    return { before, warnings: [...dryRun, ...pastEndSentences(there, effect), ...pastEndBounds] };
  },

  async next(context, plan): Promise<Next> {
    const { read, now } = context;
    const { effect, targets, byItself } = plan;
    const pastEnd =
      plan.pastEnd && effect !== 'off' ? await readPastEnd(read, catalogue(), { targets, effect }, now) : undefined;
    const there: There[] = [];
    for (const [n, target] of targets.entries()) {
      const one = { target, state: await read.restriction(target), ended: pastEnd?.[n] };
      if (byItself && effect !== 'off' && !standsAsDecided(plan, effect, one)) continue;
      const todo = nextFor(context, plan, one);
      if (todo) return { ...todo, progress: `${todo.progress} (${n + 1} of ${targets.length})` };
      there.push(one);
    }
    return { kind: 'so', outcome: outcomeOf(plan, there) };
  },
});

/** One target of a plan, as Azure has it now. */
interface There {
  readonly target: RestrictionTarget;
  readonly state: RestrictionState;
  readonly ended: PastEnd | undefined;
}

function settingsOf(
  { galleries }: RestrictPlan,
  effect: RestrictionEffect,
  { ended }: Pick<There, 'ended'>,
): RestrictionSettings {
  return { effect, galleries, ...(ended && { pastEnd: ended.refused.map(({ id }) => id) }) };
}

/** Whether Azure has exactly what is wanted there. */
export function isInForce(plan: RestrictPlan, effect: RestrictionEffect, there: There): boolean {
  return isRestricted(there.state, there.target, settingsOf(plan, effect, there));
}

/** Whether a restriction is as it was decided, whatever of it is past its end: what somebody changed or lifted in Azure, goldbot leaves alone by itself. */
export function standsAsDecided(plan: RestrictPlan, effect: RestrictionEffect, there: There): boolean {
  const { assigned } = there.state;
  const { pastEnd = [] } = settingsOf(plan, effect, there);
  return (
    assigned !== undefined &&
    isInForce(plan, effect, { ...there, state: { defined: true, assigned: { ...assigned, pastEnd } } })
  );
}

function nextFor({ write }: ChangeContext, plan: RestrictPlan, there: There): ReturnType<typeof act> | undefined {
  const { target, state } = there;
  if (plan.effect === 'off') {
    return state.assigned && act('lifting the restriction', () => write.removeRestriction(target));
  }
  const settings = settingsOf(plan, plan.effect, there);
  if (!state.defined) return act('writing the definition', () => write.defineRestriction(target.scope));
  if (isInForce(plan, plan.effect, there)) return undefined;
  return act('writing the assignment', () => write.assignRestriction(target, settings));
}

function outcomeOf(plan: RestrictPlan, there: readonly There[]): string {
  const { target, effect, pastEnd, byItself, targets } = plan;
  const changed = byItself ? `${target} follows the ends of life, as decided in ${byItself.decided}.` : effectOf(plan);
  const ended = togetherOf(there.flatMap((one) => one.ended ?? []));
  const also = pastEnd && effect !== 'off' ? pastEndSentences(ended, effect) : [];
  const left = targets.length - there.length;
  const places = left === 1 ? '1 scope is' : `${left} scopes are`;
  const rest = left === 0 ? [] : [`${places} restricted otherwise by now, or not at all: goldbot left that alone.`];
  return [changed, ...also, ...rest].join(' ');
}

function effectOf({ target, effect }: RestrictPlan): string {
  switch (effect) {
    case 'off':
      return `${target} is no longer restricted by goldbot.`;
    case 'audit':
      return `New machines of ${target} that are not golden are reported as non-compliant; none is stopped.`;
    case 'deny':
      return `Azure refuses new machines of ${target} that are not golden; everywhere within a few minutes. Existing ones keep running, but Azure refuses changes to those that are not golden.`;
  }
}
