/**
 * PostgreSQL: every SQL statement of goldbot. Repositories for runs, cards, approvals and the audit, each a few functions
 * over a `Queryable`; whoever calls holds the transaction. Locks are taken in one order: run → approval → signal, card → audit head.
 */
export {
  closePending,
  dropDecision,
  findApproval,
  insertApproval,
  lockApproval,
  newestApproval,
  writeDecision,
} from './approvals';
export { type AuditRecord, appendAudit, auditAlone, goldbot } from './audit';
export {
  adoptMessage,
  bumpNews,
  bumpTopics,
  type Card,
  type CardAddress,
  type CardInConversation,
  type Conversation,
  cardCreating,
  cardFailed,
  cardShown,
  cardsOfTopic,
  cardUnclear,
  claimCard,
  conversationsFor,
  findCard,
  findConversation,
  leaseOfCard,
  makeSecondPost,
  parkConversation,
  promiseSecondPost,
  saveConversation,
  topicOfMessage,
  wantBeside,
  wantCard,
} from './cards';
export { createDatabaseIfMissing, type Database, openDatabase, pingDatabase, type Queryable } from './database';
export {
  answer,
  answerOf,
  type Memory,
  messageWindowMs,
  type Noted,
  note,
  rememberIntent,
  reopenAct,
  sweepOld,
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
  takeCounting,
  writeCounts,
  writeDigestSetting,
} from './digests';
export {
  backOffMs,
  type Claimed,
  type HeldFence,
  interrupted,
  type Lease,
  type LeaseTerms,
  renewLease,
  type Work,
} from './leases';
export { migrate } from './migrations/index';
export { type Bucket, drainBucket, giveTokensBack, holdSlots, isHeld, takeSlot, takeToken } from './pace';
export {
  addActor,
  claimRun,
  consumeSignals,
  dropRequestId,
  findRun,
  insertRun,
  insertSignal,
  type LeasedRun,
  lockLeased,
  lockOpenRun,
  lockRun,
  type NewActor,
  openSignals,
  type RunClaim,
  restartStep,
  type StepResult,
  type StoredSignal,
  takeRequestId,
  writeFailure,
  writeStep,
} from './runs';
export {
  firedKeys,
  lockDue,
  lockSchedule,
  moveSchedule,
  pauseSchedule,
  putSchedule,
  type Schedule,
  schedulesOf,
} from './schedules';
