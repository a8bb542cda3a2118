/**
 * What is in the database or in Azure, as views for cards to show: runs, approvals, changes, versions, digests.
 * Commands answer with it, and the delivery of cards re-renders topics with it.
 */
export { decisionViews } from './approval';
export { blockedWords } from './asked';
export { auditRow } from './audited';
export { envelopeText, machineVerified, signatureOf, verified } from './certificate';
export { cancelledChange, presentChange } from './change';
export { presentChangeNews } from './change-news';
export { givenWords, whatOf } from './change-words';
export { channelTrouble, channelWords, unaskedShort, unaskedWords } from './channels';
export { asMessage, foundInside, nothingInside, whyNothingInside } from './contents';
export { costWords, pricesOf, savingWords, trafficWords } from './costs';
export { offenderWords } from './digest';
export { digestList, digestSettings } from './digest-settings';
export { entryRow } from './forecast-entry';
export { portalOf, presentTattoo } from './machine-tattoo';
export { outputViews } from './outputs';
export { noSecondGallery, presentParity } from './parity';
export { argsOf, planAnswer, previewPlan } from './plan';
export { promotable } from './promotable';
export { remarksOf, risksFor } from './requests';
export { askerOf, canCancel, cardStatus, presentRun, publishAnyway, requesterOf } from './run';
export { mostRuns, presentRuns, runRow } from './runs';
export { scheduleAnswer, scheduleList } from './schedule';
export { whoSeconds } from './seconds';
export {
  isDecider,
  mayReview,
  type Places,
  placeFor,
  placesOf,
  type Second,
  type Standing,
  standingOf,
  standOf,
} from './standing';
export { renderTopic, topicRenderer } from './topic';
export { tryFacts } from './trials';
export {
  countMachines,
  forgedParts,
  ifKnown,
  imageOf,
  needVersion,
  pickVersion,
  publishedAt,
  publishedBefore,
  regionView,
  tattooFields,
  versionRow,
  versionState,
  versionsOf,
} from './versions';
