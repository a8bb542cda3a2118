import type { ImageEvent } from './events';

/** What a conversation hears of an image: one message an event. A conversation has at most one for each image. */
export interface Subscription {
  /** Of Teams: a channel, a group, or somebody's chat with goldbot. */
  readonly conversationId: string;
  readonly image: string;
  /** In the order of the table of events; never empty. */
  readonly events: readonly ImageEvent[];
  /**
   * Object id of the person whose own chat it is: each event is told as long as they may look at the image. Null: the
   * conversation's, whoever comes and goes there.
   */
  readonly person: string | null;
  /** Who asked for it. */
  readonly by: { readonly oid: string; readonly name: string };
  /** World time. */
  readonly since: Date;
}
