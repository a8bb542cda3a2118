import { armRefusals } from './arm';
import { blobRefusals, buildRefusals } from './builds';
import { fitRefusals } from './fits';
import { galleryRefusals, sourceRefusals } from './galleries';
import { commandRefusals, deploymentRefusals, machineRefusals } from './machines';
import { insightsRefusals, policyRefusals, roleRefusals } from './policies';
import { graphRefusals, queryRefusals } from './queries';
import type { Refusal } from './row';
import { runRefusals } from './runs';
import { setRefusals } from './sets';
import { templateRefusals } from './templates';
import { triggerRefusals } from './triggers';

/** Every way in which the sandbox is held to refuse as Azure does; one file a service, one entry a row. */
export const refusals: readonly Refusal[] = [
  ...galleryRefusals,
  ...sourceRefusals,
  ...deploymentRefusals,
  ...machineRefusals,
  ...commandRefusals,
  ...setRefusals,
  ...armRefusals,
  ...fitRefusals,
  ...policyRefusals,
  ...insightsRefusals,
  ...roleRefusals,
  ...queryRefusals,
  ...graphRefusals,
  ...buildRefusals,
  ...templateRefusals,
  ...runRefusals,
  ...triggerRefusals,
  ...blobRefusals,
];
