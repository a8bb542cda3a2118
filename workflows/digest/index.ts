import { call } from '../../core/command-call';
import { UserError } from '../../core/errors';
import type { DigestData, DigestPlan, DigestRun } from '../../core/runs';
import type { Workflow } from '../engine';
import { gather } from './gather';
import type { DigestDeps } from './kit';
import { post } from './post';

/** One team's week: gather → post. Nobody is asked anything, and Azure is only looked at. */
export function digestWorkflow(deps: DigestDeps): Workflow<DigestPlan, DigestData> {
  return { kind: 'digest', first: 'gather', stages: [gather(deps), post(deps)], refuse };
}

function refuse(_signal: unknown, run: DigestRun): UserError {
  const { team } = run.plan;
  if (run.outcome) {
    return new UserError('RUN_ENDED', `${run.id}, a digest of ${team}, is over.`, {
      hint: 'See what became of it.',
      next: [call('digest', { team })],
    });
  }
  return new UserError('RUN_BUSY', `${run.id} is a digest of ${team}; it goes out by itself.`, {
    hint: 'See when digests come, and change it.',
    next: [call('digest', { team })],
  });
}

export { digestSchedules } from './schedule';
export { createDigestControl, type DigestControl } from './settings';
