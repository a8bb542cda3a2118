import type { Reply } from '../../cards';
import type { Approval, DigestRun, Run } from '../../core/runs';
import { presentChange, presentChangeAsking, presentChangeNews } from './change';
import { presentNews } from './news';
import { presentOutcome } from './outcome';
import { presentRun } from './run';
import type { Shown } from './stages';

type Asking = Exclude<Run, DigestRun>;

/** The live card of a run, whatever kind of run it is. */
export function presentAnyRun(run: Asking, shown: Shown): Reply {
  return run.kind === 'change' ? presentChange(run, shown) : presentRun(run, shown);
}

/** A message beside the card of a run, whatever kind of run it is. */
export function presentAnyNews(run: Run, word: string): Reply {
  const asking = asks(run);
  return asking.kind === 'change' ? presentChangeNews(asking) : presentNews(asking, word);
}

/** The card of an approval request, whatever kind of run asks. */
export function presentAsking(approval: Approval, run: Run, now: Date): Reply {
  const asking = asks(run);
  return asking.kind === 'change' ? presentChangeAsking(approval, asking, now) : presentOutcome(approval, asking, now);
}

/** @throws Error of a digest, which asks nobody and has no news but its own card. */
function asks(run: Run): Asking {
  if (run.kind === 'digest') throw new Error(`${run.id} is a digest: nobody is asked about it`);
  return run;
}
