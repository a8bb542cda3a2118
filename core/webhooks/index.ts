/**
 * What goldbot tells by itself: the kinds of events, for programs the CloudEvent that is sent, its signature and where it
 * may be sent, for people what a subscription is. Pure; workflows keep and send them.
 */
export { isPublicAddress, receiverProblem } from './address';
export {
  eventIdOf,
  type Happening,
  happenings,
  type ImageEvent,
  imageEvents,
  isOfImage,
  type NewWebhook,
  type Subscription,
  secretProblem,
  signatureOf,
  type Told,
  toldOf,
  type WebhookKind,
  webhookKinds,
} from './events';
