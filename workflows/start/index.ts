/**
 * The one door through which dialogs change anything: start or join a run, send it a signal, decide, withdraw, override a
 * freeze, lock an image, follow a channel of versions, say which channel of Teams is meant.
 */

export { createDigestControl, type DigestControl } from '../digest';
export { createScheduleControl, type ScheduleControl } from '../schedule';
export { createSubscriptionControl, type SubscriptionControl } from '../subscriptions';
export { createWebhookControl, type WebhookControl } from '../webhooks';
export {
  type CardPlace,
  type ChannelControl,
  createChannelControl,
  createRunControl,
  type DecideRequest,
  type RunControl,
  type SignalRequest,
  type StartRequest,
} from './control';
export { createDelegationControl, type DelegationControl } from './delegations';
export { createFollowControl, type FollowControl } from './follows';
export {
  createLockControl,
  type LockControl,
  lockedAlready,
} from './locks';
export { mayStart } from './may-start';
export type { OverrideRequest } from './override';
