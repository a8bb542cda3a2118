/**
 * Azure Policy: exemptions, remediations, evaluations, Azure's own policies that bring agents, and the restriction to golden images.
 */

export { baselineRead, baselineWrite } from './baselines';
export { policyChangeRead, policyChangeWrite } from './changes';
export { denialRead } from './denials';
export { restrictionRead, restrictionWrite } from './restrictions';
