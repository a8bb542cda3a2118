/**
 * What no document settles about Azure and Teams, and how it is tried: on a version made for it in a definition of its
 * own, in a channel that a person names. Pure: workflows/change makes the trials, services/ sends them, the doctor's card
 * and `npm run doctor -- --answers` tell what came of them.
 */
export { answersFile, type TrialsRun } from './answers';
export {
  isTrialId,
  type TrialBody,
  type TrialExchange,
  type TrialState,
  type TrialsRead,
  type TrialsWrite,
  type TrialVersion,
  trialDefinition,
  trialImage,
  trialSpec,
  trialTag,
  trialVersionNumber,
} from './place';
export {
  answered,
  azureTrials,
  type PatchTrial,
  patchTrials,
  type TrialAnswer,
  type TrialId,
  type TrialsData,
  trialIds,
  trialOf,
  untried,
} from './trials';
