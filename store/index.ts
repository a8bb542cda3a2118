/**
 * PostgreSQL: every SQL statement of goldbot. Repositories for runs, cards, approvals and the audit, each a few
 * functions over a `Queryable`; the caller holds the transaction. Locks are taken in one order: run → approval →
 * signal, card → audit head.
 */
export {
  type Closing,
  closePending,
  dropDecision,
  findApproval,
  insertApproval,
  lockApproval,
  newestApproval,
  pendingApprovals,
  setAskingChannel,
  setChangeNumber,
  setExpiry,
  voidNewest,
  writeDecision,
} from './approvals';
export {
  type AuditVerdict,
  appendAudit,
  auditAlone,
  auditPage,
  auditRange,
  checkAudit,
  goldbot,
  noteLooked,
  stoodBy,
  verifyAudit,
} from './audit';
export { claimBase, knownBases, type LeasedBase, noteBases, writeBase } from './bases';
export {
  adoptMessage,
  bumpTopics,
  type Card,
  type CardAddress,
  type CardInConversation,
  cardCreating,
  cardDeleted,
  cardFailed,
  cardNotPosted,
  cardShown,
  cardStoodIn,
  cardsOfTopic,
  cardUnclear,
  claimCard,
  copyKind,
  dropUnposted,
  findCard,
  isBeingPosted,
  joinCard,
  leaseOfCard,
  makeSecondPost,
  promiseSecondPost,
  redrawCalls,
  redrawDigests,
  redrawRun,
  shownAt,
  topicOfCopy,
  topicOfMessage,
  wantBeside,
  wantCard,
  wantCopies,
} from './cards';
export {
  claimCertificate,
  keepCertificate,
  type LeasedCertificate,
  type NewCertificate,
  signingKeys,
  writeSigned,
  writeUnsigned,
} from './certificates';
export { type AuditRow, broken, Chain } from './chain';
export { accountsBy, auditHead, checkpointsAfter, keepAccount, keepCheckpoint } from './checkpoints';
export { keepContents, type NewContents } from './contents';
export {
  bindChannels,
  type Conversation,
  channelStates,
  chooseChannel,
  type Destination,
  destinationOf,
  findConversation,
  nameOfConversation,
  parkConversation,
  saveConversation,
} from './conversations';
export {
  createDatabaseIfMissing,
  type Database,
  openDatabase,
  pingDatabase,
  type Queryable,
  storable,
} from './database';
export { delegationsAt, deleteDelegation, redrawAsking, writeDelegation } from './delegations';
export {
  admit,
  answer,
  answerAll,
  answerForNow,
  claimOrphan,
  firstToken,
  giveBack,
  isBehind,
  type Memory,
  messageWindowMs,
  type Noted,
  note,
  type Orphan,
  rememberIntent,
  reopenAct,
  type Standing,
  standingOf,
  takeIntent,
} from './deliveries';
export {
  digestSettingOf,
  digestSettings,
  dropUnsent,
  endCounting,
  figuresBefore,
  figuresOfRun,
  freshCount,
  hasNewerDigest,
  keepFigures,
  lockDigestSetting,
  takeCounting,
  writeCounts,
  writeDigestSetting,
} from './digests';
export { allFollows, deleteFollow, writeFollow } from './follows';
export { databaseHealth } from './health';
export {
  type Claimed,
  checkFence,
  type Held,
  type HeldFence,
  type Instant,
  instant,
  type LeaseSettings,
  leaseSettings,
  type MachineTime,
  machineTime,
  type Work,
  whileHeld,
} from './holding';
export { backOffMs, interrupted, interruptedOften, type Lease, type LeaseTerms } from './leases';
export {
  claimLeftover,
  keepLeftovers,
  type LeasedLeftover,
  type LeftoverLook,
  type NewLeftover,
  writeLook,
} from './leftovers';
export { deleteLock, insertLock, lockOf } from './locks';
export { migrate } from './migrations/index';
export { entriesWithName, forgetNames } from './names';
export {
  alterationFound,
  type CheckpointsFound,
  claimOwnLook,
  holdOwnLook,
  type OutsideFound,
  ownLookFound,
  ownLookWork,
  ownRuns,
  restrictionsMade,
  writeOwnLook,
} from './own-looks';
export {
  type Bucket,
  beginHold,
  drainBucket,
  giveTokensBack,
  holdSlots,
  isHeld,
  takePart,
  takeSlot,
  takeTokens,
  type Windows,
} from './pace';
export { meet, type OwnChat, ownChats } from './people';
export { queueLengths } from './queues';
export { beginAsking, beginSilence, endSilence, lowerBuckets, silenceMs, takePortion } from './quotas';
export { noteRestored } from './restored';
export {
  addActor,
  changesBeside,
  claimRun,
  consumeSignals,
  dropRequestId,
  enterStage,
  findOpenRun,
  findRun,
  insertRun,
  insertSignal,
  isRunDue,
  type LeasedRun,
  lockLeased,
  lockOpenRun,
  lockRun,
  type NewActor,
  openChanges,
  openSignals,
  type RunClaim,
  requestKind,
  restartStep,
  type StepResult,
  type StoredSignal,
  standingChanges,
  takeRequestId,
  traceOf,
  wakeOpenRun,
  wakeRun,
  writeFailure,
  writeStep,
} from './runs';
export {
  type AfterQuiet,
  agreedEnds,
  callAfterQuiet,
  dropSchedule,
  dueKinds,
  findSchedule,
  firedKeys,
  lockDue,
  lockSchedule,
  missedRuns,
  moveSchedule,
  pastRuns,
  pauseSchedule,
  putSchedule,
  quietKind,
  type Schedule,
  scheduledRuns,
  scheduleFailed,
  scheduleSettingOf,
  scheduleSettings,
  schedulesOf,
  writeScheduleSetting,
} from './schedules';
export { type DatabaseAddress, noToken, type Password, passwordIn, problemOfUrl } from './server-url';
export { deleteSnooze, lockSnooze, snoozesOf, writeSnooze } from './snoozes';
export {
  claimNotice,
  deleteSubscriptions,
  keepNotices,
  type LeasedNotice,
  lockSubscription,
  subscriptionsOf,
  writeNoticeDelayed,
  writeNoticed,
  writePassedOver,
  writeSubscription,
} from './subscriptions';
export { sweepOld, sweepOver } from './sweep';
export { databaseTroubles } from './trouble';
export { leaveTurn, takeTurn } from './turns';
export {
  claimWebhook,
  keepWebhooks,
  type LeasedWebhook,
  sendLostAgain,
  webhookStates,
  writeDelayed,
  writeLost,
  writeSent,
} from './webhooks';
