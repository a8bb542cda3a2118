import type { Json } from '../kernel/types';
import type { Mentioned } from './mentions';

export type Card = { [key: string]: Json };

/** A button that reaches the bot. */
export interface ExecuteAction {
  readonly type: string;
  readonly title?: string;
  readonly verb?: string;
  readonly id?: string;
  readonly data?: Json;
  readonly associatedInputs?: string;
}

/** A place where people and the bot talk. */
export interface Conversation {
  /** `19:…@thread.tacv2` for a channel, `a:…` for a personal chat, `19:…@thread.v2` for a group or meeting chat. */
  readonly id: string;
  /** `Image Factory / General`, or `Ada and goldbot`. */
  readonly name: string;
  /** As activities call it. */
  readonly kind: 'channel' | 'personal' | 'groupChat';
  readonly team?: { readonly id: string; readonly name: string };
  /** Name of the channel alone. */
  readonly channel?: string;
  /** Whose chat with the bot it is: an Entra object id. */
  readonly personId?: string;
  /** Who is in a group or meeting chat: Entra object ids. */
  readonly memberIds?: readonly string[];
}

/** A conversation, and the thread in it that is meant. */
export interface Place {
  readonly conversation: Conversation;
  /** Id of the first message of the thread; absent: a new thread, or a personal chat. */
  readonly rootId?: string;
}

export interface Message {
  readonly id: string;
  readonly conversationId: string;
  /** The thread's first message; absent on that message itself and in personal chats. */
  readonly rootId?: string;
  readonly replyToId?: string;
  /** Entra object id, or `bot`. */
  readonly fromId: string;
  readonly from: string;
  text: string;
  summary?: string;
  card?: Card;
  /** What the bot answered to a click or a refresh: seen only by that person, until the card is edited. */
  views?: Record<string, Card>;
  /** Buttons of what the card was before, newest first: somebody whose screen is behind can still press them. */
  past?: ExecuteAction[];
  /** Whom it mentions by name. */
  mentions?: readonly Mentioned[];
  /** In a personal chat: the bot asked for a notification, of which `summary` is the text. */
  alert?: true;
  /** World time. */
  readonly at: string;
  updatedAt?: string;
  deleted?: boolean;
  /** The bot says that it will complete it by an edit. */
  pending?: true;
  /** A targeted message: between this person (an Entra object id) and the bot, in sight of nobody else. */
  readonly onlyFor?: string;
  /** Why the bot never got it. */
  undelivered?: string;
  /** Why the bot got it and would not have it. Teams hides this from people; here they see how the bot guards itself. */
  refused?: string;
}

/** An activity as it travels; only what is read by name is typed. */
export interface Activity {
  type: string;
  id?: string;
  text?: string;
  replyToId?: string;
  summary?: string;
  attachments?: { contentType?: string; content?: Card }[];
  [key: string]: unknown;
}

/** The address of a thread: Teams writes the root into the conversation's id. */
export function placeId({ conversation, rootId }: Place): string {
  return rootId ? `${conversation.id};messageid=${rootId}` : conversation.id;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
