/**
 * What commands share that act on a run or change something for a team: which machine, policy or scope is meant, who
 * has to approve, and handing the start, cancellation or decision to workflows/start. Answers are cards.
 */
export { accessArgs, changeAccess } from './access';
export { appointMachine, withdrawAppointment } from './appoint';
export { deferRollouts, deferring, oneTeamDefers } from './defer';
export { familyArgs } from './family';
export { readInside } from './inside';
export { askFirst, joinFlag } from './joining';
export { type DryRun, dryRun, dryRunSentences, endedIn, type Restricted, restricted } from './restrict';
export { changeByRollout, rolloutArgs } from './rollout';
export { shareArgs, shareGallery, unshareGallery } from './sharing';
export { byAdmins, byOwners, cardPlace, startChange } from './start';
export { isAnswer, meantPolicies, type Target, targetOf } from './target';
export { decide, mayNotDecide, tellRun } from './tell';
export { approveTogether } from './together';
export { endWithin } from './until';
export {
  changeVersion,
  laterArgs,
  type Prepared,
  planArgs,
  planOrStart,
  refuse,
  startVersionChange,
  type VersionNamed,
  versionNamed,
} from './versions';
