import type { Reply } from '../../cards';
import { type Approval, isChange, type Run } from '../../core/runs';
import { presentChange, presentChangeAsking, presentChangeNews } from './change';
import { presentNews } from './news';
import { presentOutcome } from './outcome';
import { asPublish, presentRun } from './run';
import type { Shown } from './stages';

/** The live card of a run, whatever kind of run it is. */
export function presentAnyRun(run: Run, shown: Shown): Reply {
  return isChange(run) ? presentChange(run, shown) : presentRun(asPublish(run), shown);
}

/** A message beside the card of a run, whatever kind of run it is. */
export function presentAnyNews(run: Run, word: string): Reply {
  return isChange(run) ? presentChangeNews(run) : presentNews(asPublish(run), word);
}

/** The card of an asking, whatever kind of run asks. */
export function presentAsking(approval: Approval, run: Run, now: Date): Reply {
  return isChange(run) ? presentChangeAsking(approval, run, now) : presentOutcome(approval, asPublish(run), now);
}
