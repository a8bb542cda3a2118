import type { Reply } from '../../cards';
import { isChange } from '../../core/change';
import type { Run } from '../../core/run';
import { presentChange } from './change';
import { asPublish, presentRun } from './run';
import type { Shown } from './stages';

/** The live card of a run, whatever kind of run it is. */
export function presentAnyRun(run: Run, shown: Shown): Reply {
  return isChange(run) ? presentChange(run, shown) : presentRun(asPublish(run), shown);
}
