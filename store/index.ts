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
export { type Bucket, sweepBuckets, takeToken } from './buckets';
export {
  bumpNews,
  bumpTopics,
  type Card,
  type CardAddress,
  cardCreating,
  cardFailed,
  cardGap,
  cardShown,
  cardsOfTopic,
  claimCard,
  wantCard,
} from './cards';
export {
  type Conversation,
  conversationsCalled,
  findConversation,
  parkConversation,
  saveConversation,
} from './conversations';
export { createDatabaseIfMissing, type Database, openDatabase, type Queryable } from './database';
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
export { rememberAnswer, sweepInbound } from './inbound';
export { rememberIntent, sweepIntents, takeIntent } from './intents';
export {
  type Claim,
  claimRun,
  interrupted,
  lockLeased,
  renewLease,
  restartStep,
  type StepResult,
  writeFailure,
  writeStep,
} from './leases';
export { migrate } from './migrations/index';
export { dropRequestId, takeRequestId } from './requests';
export { addActor, findRun, insertRun, type LeasedRun, lockOpenRun, lockRun, type NewActor } from './runs';
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
export { consumeSignals, insertSignal, openSignals, type StoredSignal } from './signals';
