import type { ChangePlan } from '../../core/change';
import { classify } from './classify';
import type { Doing } from './kit';

const doings: { readonly [Verb in ChangePlan['verb']]: Doing<Extract<ChangePlan, { verb: Verb }>> } = { classify };

/** How this plan is done. */
export function doingOf(plan: ChangePlan): Doing<ChangePlan> {
  return doings[plan.verb] as Doing<ChangePlan>;
}
