/**
 * Azure Policy: exemptions, remediations, evaluations, and the restriction to golden images.
 */

export { policyChangeRead, policyChangeWrite } from './changes';
export { denialRead } from './denials';
export { restrictionRead, restrictionWrite } from './restrictions';
