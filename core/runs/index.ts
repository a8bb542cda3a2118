/**
 * What is worked on for people: a run, its plan and hash, its approval; one file for each kind of run. Pure.
 */
export { type Approval, type ApprovalRule, type ApprovalStatus, type Decision, tally, type Verdict } from './approval';
export {
  type ChangeApproval,
  type ChangeData,
  type ChangeEnding,
  type ChangeOutcome,
  type ChangePlan,
  type ChangeRun,
  type ChangeStage,
  type ClassifyPlan,
  changeHash,
  changeSubject,
  type ExemptPlan,
  exemptionId,
  isChange,
  type RemediatePlan,
  type RescanPlan,
  type RestrictPlan,
  remediationId,
  type TattooPlan,
  tattooCommandName,
} from './change';
export {
  type DigestData,
  type DigestPlan,
  type DigestRun,
  type DigestSetting,
  type DigestSpec,
  digestKey,
  digestSpec,
  dueDigest,
  hasNews,
  isDigest,
  weekFigures,
} from './digest';
export { newRequestId, parseRequestId, type RequestId } from './ids';
export {
  type BaseDeprecation,
  type Failure,
  type FixedPlan,
  type PublishData,
  type PublishPlan,
  type PublishRequest,
  type PublishRun,
  type PublishStage,
  pastCancel,
  planHash,
  recipeHash,
  type StageTime,
  shownStages,
  statusOf,
  type TestResult,
  templateName,
  testMachineName,
  versionOf,
} from './publish';
export {
  type Actor,
  type ActorDid,
  needsALookAfter,
  type Outcome,
  type Run,
  type Signal,
  type SignalKind,
} from './run';
