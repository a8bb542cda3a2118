import type { ChangePlan } from '../../core/runs';
import { classify } from './classify';
import { exempt } from './exempt';
import type { ChangeDeps, Doing } from './kit';
import { readTattoo } from './read-tattoo';
import { remediate } from './remediate';
import { rescan } from './rescan';
import { restrict } from './restrict';

type All = { readonly [Verb in ChangePlan['verb']]: Doing<Extract<ChangePlan, { verb: Verb }>> };

/** How a plan is done. */
export type Doings = (plan: ChangePlan) => Doing<ChangePlan>;

export function doings(deps: ChangeDeps): Doings {
  const all: All = { classify, exempt, remediate, rescan, restrict, tattoo: readTattoo(deps) };
  return (plan) => all[plan.verb] as Doing<ChangePlan>;
}
