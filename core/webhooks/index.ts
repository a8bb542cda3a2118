/**
 * What goldbot tells other programs by itself: the kinds of events, the CloudEvent that is sent, its signature, and where
 * it may be sent. Pure; workflows keep and send them.
 */
export { isPublicAddress, receiverProblem } from './address';
export {
  type Happening,
  happenings,
  type NewWebhook,
  secretProblem,
  signatureOf,
  type WebhookKind,
  webhookKinds,
  webhooksOf,
} from './events';
