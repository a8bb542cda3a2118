import type { Route } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { attestationRoutes } from './attestations';
import { eventRoutes } from './events';
import { queryRoutes } from './query-routes';
import { remediationRoutes } from './remediations';
import { triggerRoutes } from './trigger';

export { noteChange } from './evaluation';
export { registerRemediations } from './remediate';

/** Microsoft.PolicyInsights: states and events of policies, evaluations on demand, remediations, attestations. */
export function policyInsightsRoutes(world: World): Route[] {
  return [
    ...triggerRoutes(world),
    ...queryRoutes(world),
    ...eventRoutes(world),
    ...remediationRoutes(world),
    ...attestationRoutes(world),
  ];
}
