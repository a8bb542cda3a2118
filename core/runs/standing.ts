import type { Deferral } from '../lifecycle';
import { type AgreedEnd, type ChangeRun, isVersionPlan } from './change';
import type { RequestId } from './run';

/** Something that was agreed to about a version that a team has to do with, and is not over. */
interface Standing {
  readonly id: RequestId;
  /** `retire ubuntu-22 1.3.0`. */
  readonly what: string;
  /** World time. */
  readonly at: Date;
}

export interface TeamStanding {
  /** Glass that was broken, since when nobody has reviewed it; longest first. */
  readonly reviews: readonly Standing[];
  /** What is done on a day that people agreed to, and when; soonest first. */
  readonly coming: readonly Standing[];
  /** Rights and shares that goldbot takes back; soonest first. */
  readonly ends: readonly AgreedEnd[];
  /** What the team has put off; soonest over first. */
  readonly deferrals: readonly Deferral[];
}

/** What of these runs a team must not lose sight of: those that hit something of its own. `ends`: that concern it. */
export function standingOf(
  team: string | null,
  runs: readonly ChangeRun[],
  ends: readonly AgreedEnd[] = [],
): TeamStanding {
  const own = runs.filter(({ data }) => team !== null && data.affected?.[team] !== undefined);
  const of = (stage: ChangeRun['stage'], when: (run: ChangeRun) => Date | undefined): readonly Standing[] =>
    own
      .flatMap((run) => {
        const at = run.stage === stage ? when(run) : undefined;
        return at ? [{ id: run.id, what: `${run.plan.verb} ${run.plan.target}`, at }] : [];
      })
      .sort((a, b) => a.at.getTime() - b.at.getTime());
  return {
    ends,
    deferrals: deferralsOf(runs).filter((one) => one.team === team),
    reviews: of('review', (run) => run.inStage?.since ?? run.createdAt),
    coming: of('wait', ({ plan }) => (isVersionPlan(plan) && plan.at !== undefined ? new Date(plan.at) : undefined)),
  };
}

/** What is put off now; soonest over first. `runs`: those that wait for a moment, among others. */
export function deferralsOf(runs: readonly ChangeRun[]): readonly Deferral[] {
  return runs
    .flatMap(({ id, plan, stage, actors }): readonly Deferral[] => {
      if (plan.verb !== 'defer' || stage !== 'wait') return [];
      const { team, image, until, reason } = plan;
      return [{ id, team, image, reason, by: actors[0]?.name ?? 'somebody', until: new Date(until) }];
    })
    .sort((a, b) => a.until.getTime() - b.until.getTime());
}
