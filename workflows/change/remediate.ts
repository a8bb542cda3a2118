import type { Remediation } from '../../core/azure';
import { sameId } from '../../core/azure-id';
import { type RemediatePlan, remediationId } from '../../core/runs';
import { minutes } from '../../core/time';
import type { Doing, Next } from './kit';

/** Azure deploys what the policy says, which takes minutes and may take an hour. */
const patienceMs = minutes(90);

/** The policy's own deployment on one machine, as a remediation task of one resource. */
export const remediate: Doing<RemediatePlan> = {
  async survey({ read }, plan) {
    const { policies } = await read.machineCompliance(plan.machineId);
    const now = policies.find((p) => sameId(p.assignment, plan.assignment));
    return { before: now?.state ?? 'not evaluated' };
  },

  async next({ read, write, run }, plan): Promise<Next> {
    const id = remediationId(plan, run.id);
    const task = await read.remediation(id);
    if (task) return stateOf(task, plan);
    return {
      kind: 'do',
      progress: 'starting the remediation',
      effect: async () => {
        const { assignment, reference } = plan;
        await write.startRemediation(id, { assignment, ...(reference !== undefined && { reference }) });
        return undefined;
      },
    };
  },
};

function stateOf({ state, total, succeeded, failed, message }: Remediation, plan: RemediatePlan): Next {
  const said = message === undefined ? '' : ` Azure says: ${message}`;
  const counted = `${succeeded} of ${total} ${total === 1 ? 'deployment' : 'deployments'}`;
  switch (state) {
    case 'running':
      return { kind: 'wait', progress: `${counted} done`, patienceMs };
    case 'succeeded':
      // Azure calls a task without anything to do succeeded too.
      if (total === 0) {
        const why = `${plan.policy} found nothing to mend on ${plan.target}; it may have been mended since it was last evaluated.`;
        return { kind: 'so', outcome: `${why} See with \`rescan\`.` };
      }
      return {
        kind: 'so',
        outcome: `${plan.target} was mended by ${plan.policy}: ${counted}. Its state follows with the next evaluation.`,
      };
    case 'failed':
      return { kind: 'failed', why: `${counted} worked out, ${failed} failed.${said}` };
    case 'cancelled':
      return { kind: 'failed', why: `somebody cancelled the remediation in Azure.${said}` };
  }
}
