import type { DigestData, DigestPlan } from '../../core/digest';
import { UserError } from '../../core/errors';
import type { Run } from '../../core/run';
import type { Workflow } from '../stage';
import { gather } from './gather';
import type { DigestDeps } from './kit';
import { post } from './post';

/** One team's week: gather → post. Nobody is asked anything, and Azure is only looked at. */
export function digestWorkflow(deps: DigestDeps): Workflow<DigestPlan, DigestData> {
  return { kind: 'digest', first: 'gather', stages: [gather(deps), post(deps)], refuse };
}

function refuse(_signal: unknown, run: Run<DigestPlan, DigestData>): UserError {
  return new UserError('RUN_BUSY', `${run.id} is the digest of ${run.plan.team}; it goes out by itself.`, {
    hint: `Change when it comes with \`digest ${run.plan.team}\`.`,
  });
}
