import type { World } from '../../kernel/world';
import { type JsonObject, object } from '../compute/resource';
import type { Remediation } from './section';

const minute = 60_000;
const countedLate = 2 * minute;

/** As recorded; the specification has `Evaluating` and `Complete` too, and no recording does. */
type Progress = 'Accepted' | 'Running' | 'Cancelling' | 'Canceled' | 'Failed' | 'Succeeded';

/** Looking for resources takes a minute; cancelling waits for what has begun. */
export function progressOf(world: World, one: Remediation): Progress {
  const now = world.clock.nowMs();
  const { cancelledMs } = one;
  const endMs = Math.max(one.createdMs + minute, ...one.deployments.map(({ doneMs }) => doneMs));
  if (cancelledMs !== undefined && cancelledMs < endMs) return now < cancelledMs + minute ? 'Cancelling' : 'Canceled';
  if (now < one.createdMs + minute) return 'Accepted';
  if (now < endMs) return 'Running';
  return failedOf(one).length > 0 && failedOf(one).length === one.deployments.length ? 'Failed' : 'Succeeded';
}

export const isActive = (world: World, one: Remediation): boolean =>
  ['Accepted', 'Running', 'Cancelling'].includes(progressOf(world, one));

const failedOf = ({ failed = {} }: Remediation): string[] => Object.keys(failed);

/** What became of one resource. */
function statusOf(world: World, one: Remediation, n: number): string {
  const doneMs = one.deployments[n]?.doneMs ?? 0;
  if (one.cancelledMs !== undefined && doneMs > one.cancelledMs) return 'Cancelled';
  if (world.clock.nowMs() < doneMs) return world.clock.nowMs() < doneMs - minute ? 'NotStarted' : 'InProgress';
  return one.failed?.[n] === undefined ? 'Succeeded' : 'Failed';
}

export function remediationView(world: World, one: Remediation): JsonObject {
  const statuses = one.deployments.map((_, n) => statusOf(world, one, n));
  // Of deployments the task ends first, and counts those that failed a little later.
  const failed = one.deployments.filter(
    ({ doneMs }, n) => statuses[n] === 'Failed' && world.clock.nowMs() >= doneMs + (one.deploys ? countedLate : 0),
  );
  const count = (status: string) => statuses.filter((s) => s === status).length;
  const progress = progressOf(world, one);
  const known = progress !== 'Accepted';
  const updatedMs = Math.min(world.clock.nowMs(), Math.max(one.createdMs, ...one.deployments.map((d) => d.doneMs)));
  return {
    id: one.id,
    name: one.id.split('/').at(-1) ?? '',
    type: 'Microsoft.PolicyInsights/remediations',
    ...(one.systemData && { systemData: one.systemData }),
    properties: {
      ...one.properties,
      provisioningState: progress,
      createdOn: new Date(one.createdMs).toISOString(),
      lastUpdatedOn: new Date(one.cancelledMs ?? updatedMs).toISOString(),
      deploymentStatus: {
        totalDeployments: known ? statuses.length : 0,
        successfulDeployments: known ? count('Succeeded') : 0,
        failedDeployments: known ? failed.length : 0,
      },
      statusMessage: known && statuses.length === 0 ? 'No resources were found that need to be remediated.' : '',
    },
  };
}

/** ARM's own deployment, in the group of the resource. */
export function deploymentIdOf({ createdMs, deployments }: Remediation, n: number): string {
  const group = deployments[n]?.target.split('/').slice(0, 5).join('/') ?? '';
  return `${group}/providers/Microsoft.Resources/deployments/PolicyDeployment_${createdMs}${n}`;
}

export function deploymentView(world: World, one: Remediation, n: number): JsonObject {
  const { target = '', location = '', doneMs = 0 } = one.deployments[n] ?? {};
  const failure = one.failed?.[n];
  const nowMs = world.clock.nowMs();
  return {
    remediatedResourceId: target,
    status: statusOf(world, one, n),
    ...(one.deploys && { deploymentId: deploymentIdOf(one, n) }),
    resourceLocation: location,
    createdOn: new Date(one.createdMs).toISOString(),
    lastUpdatedOn: new Date(Math.min(nowMs, doneMs)).toISOString(),
    ...(failure !== undefined && {
      error: object({ code: one.deploys ? 'PolicyDeploymentFailed' : 'PolicyModifyFailed', message: failure }),
    }),
  };
}
