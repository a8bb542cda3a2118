/**
 * What people ask the database: runs, approvals, the audit, digests. Reads only; dialogs may import nothing else from
 * store/.
 */

export type { Noticed } from '../subscriptions';
export type { WebhookState } from '../webhooks';
export type { OpenRuns, Sight } from './open';
export {
  type AllReads,
  type AuditEntry,
  type AuditFilter,
  type AuditVerdict,
  type Certificate,
  type ChannelState,
  createReads,
  type DigestState,
  type Failing,
  type Holder,
  type KeptFigures,
  type KnownLeftover,
  type LastDigest,
  type Reads,
  type RecordedVersion,
  type ScheduleState,
} from './reads';
