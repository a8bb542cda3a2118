/**
 * What the commands share that change something for a team: which machine and policy is meant, who decides, the start of the run.
 */
export { byAdmins, byOwners } from './approval';
export { decide, mayNotDecide } from './decide';
export { type MachinePolicy, meantPolicies, policyName } from './policy';
export { type DryRun, dryRun, dryRunSentences } from './restrict-dry-run';
export { type Restricted, restricted } from './restrict-scope';
export { startChange } from './start';
export { isAnswer, type Target, targetOf } from './target';
export { tellRun } from './tell-run';
export { writtenDown } from './written-down';
