/**
 * What commands share that act on a run or change something for a team: which machine, policy or scope is meant, who
 * has to approve, and handing the start, cancellation or decision to workflows/start. Answers are cards.
 */
export { accessArgs, changeAccess } from './access';
export { appointMachine, clockOf, timeFor, withdrawAppointment } from './appoint';
export { proposeAssignment } from './assign';
export { deferRollouts, deferring, oneTeamDefers } from './defer';
export { familyArgs } from './family';
export { readInside } from './inside';
export { askFirst, joinFlag } from './joining';
export { refuse } from './refuse';
export { type DryRun, dryRun, dryRunSentences, endedIn, type Restricted, restricted } from './restrict';
export { changeByRollout, rolloutArgs } from './rollout';
export { secondArgs } from './second';
export { shareArgs, shareGallery, unshareGallery } from './sharing';
export { byAdmins, byOwners, cardPlace, startChange } from './start';
export { isAnswer, type Meant, meantPolicies, type Target, targetOf } from './target';
export { askForNumber, decide, mayNotDecide, tellRun } from './tell';
export { approveTogether } from './together';
export { endWithin } from './until';
export {
  changeVersion,
  laterArgs,
  type Prepared,
  planArgs,
  planOrStart,
  startVersionChange,
  type VersionNamed,
  versionNamed,
} from './versions';
