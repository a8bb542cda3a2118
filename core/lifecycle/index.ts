/**
 * The later life of a version: what each act (end of life, aged, revoked, retired, restored, promoted, rolled back) does to it, who uses the
 * versions of an image, and what would become of each of them (the blast radius). Pure but for the questions that it
 * puts to the inventory; the commands of that life, workflows/change and cards call it.
 */
export { type Act, acts, keptMs, restrains } from './acts';
export { type Barred, barredAt, type RolloutWindow } from './appointments';
export {
  type Ask,
  type AskSeen,
  type AsksFound,
  type AsksTopic,
  asksOn,
  cardsAbout,
  changedTopics,
  nextAsks,
  rolled,
} from './asks';
export {
  type Consumer,
  type ConsumerKind,
  consumerWords,
  type FoundConsumer,
  type ImageUsers,
  notLookedAt,
  readUsers,
  unseenTypes,
} from './consumers';
export { withCopies } from './copies';
export {
  type AskedSet,
  againMs,
  type Deferral,
  deferralLimit,
  longestDeferralDays,
} from './deferral';
export {
  againstEnding,
  type EndingsFound,
  type EndingsTopic,
  type Estate,
  endingsTopic,
  type HeldVersion,
  heldOn,
  overdue,
  type RefusedThere,
  retention,
  retentionReason,
} from './endings';
export { familyOf, joinedRadius, type Kin, type Relatives, readRelatives } from './family';
export { insideWords, lookInside, unreadOf } from './inside';
export {
  factsOfDeleted,
  isShown,
  isShownIn,
  latestIn,
  latestOfRegions,
  type VersionFacts,
} from './latest';
export {
  type Difference,
  type DifferenceKind,
  isToldIn,
  type Parity,
  type ParityFound,
  type ParityTopic,
  parityTopic,
  readParity,
  secondImageRef,
} from './parity';
export { type PastEnd, pastEndBounds, pastEndSentences, readPastEnd, togetherOf } from './past-end';
export { offeredAbove, type Promotable, whyNotPromote } from './promotion';
export {
  type BlastRadius,
  blastRadius,
  type Effect,
  hiddenIn,
  newBreaks,
  type RadiusSeen,
  radiusLines,
  radiusOfTeams,
  seenOf,
} from './radius';
export { mayReimage, withReimaging } from './reimage';
export {
  afterCopies,
  type CopiesPlan,
  copiesWord,
  copyAdvice,
  copying,
  planCopies,
} from './replicas';
export {
  hasCopy,
  hasWork,
  isRollable,
  isWork,
  type RolloutPlanned,
  type RolloutSums,
  readRollout,
  type SetRollout,
  sumsOf,
  type TeamRollout,
  whyNotRollOut,
} from './rollout';
export {
  changedSince,
  flagsOf,
  inPlace,
  isCopyOf,
  otherWords,
  planCopy,
  type SecondCopy,
  tagsInSecond,
} from './second';
export {
  type InstanceSeen,
  nextOfAsked,
  nextOfSet,
  type RollingUpgrade,
  type RolloutRead,
  type RolloutWrite,
  readSet,
  reimagedWords,
  reimaging,
  type SetModel,
  type SetProgress,
  type SetSeen,
  type SetStep,
  stopping,
  tallyOf,
  type UpgradeQuestion,
} from './sets';
export {
  appointed,
  appointmentOf,
  furthestAppointmentDays,
  handOver,
  nextTrackMs,
  readSingles,
  reminded,
  type Single,
  seeSingles,
  singleKey,
  singlesBy,
  stateOf,
  type Tracked,
  takeOver,
  trackEnd,
} from './singles';
