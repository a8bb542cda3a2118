import type { Person } from './access';

/**
 * Whom a message calls by name. Teams notifies people of a channel's message only where it mentions them, and of an edit
 * perhaps never: so whoever must act is mentioned in the message that is posted, once.
 */
export interface Mentions {
  /** What it is to them: `your decision`. */
  readonly to: string;
  readonly people?: readonly Person[];
  readonly groups?: readonly MentionedGroup[];
  /** Who acts in whose place (object id): called like them, as long as they are of a group that is meant. */
  readonly inPlace?: readonly { readonly of: string; readonly person: Person }[];
  /** Object ids of those who are not meant: they take part, or have decided. */
  readonly but?: readonly string[];
  /** A request: whoever is not where it is posted gets a copy of it in their own chat, if goldbot knows that. */
  readonly copies?: true;
  /** Whether it waits for them, which is what quiet hours go by (`callingAt`). */
  readonly waits: boolean;
}

/**
 * When a message calls those whom it is for. `now`: it mentions them, or makes the device of somebody in their own chat
 * tell. `later`: it is posted silently, and one more message calls them once the quiet hours are over. `silent`: whoever
 * reads it in the morning has missed nothing.
 */
export type Calling = { readonly when: 'now' } | { readonly when: 'later' | 'silent'; readonly until: Date };

/** The one rule of quiet hours, for every message and every kind of conversation. `until`: when those end that are now. */
export function callingAt({ waits }: Pick<Mentions, 'waits'>, until: Date | undefined): Calling {
  return until ? { when: waits ? 'later' : 'silent', until } : { when: 'now' };
}

/** A group of Entra, or one that the catalogue names: those who decide about an image, the owners of a team. */
export type MentionedGroup =
  | { readonly group: string; readonly name: string }
  | { readonly approversOf: string }
  | { readonly ownersOf: string };

/** The most people whom one message mentions: more read it as nobody in particular. */
export const mostMentioned = 10;

/** Whom a message has mentioned, and why others were not; kept with it, so that an edit says the same and mentions nobody anew. */
export interface Mentioned {
  readonly people: readonly Person[];
  /** How many of those who are meant were neither mentioned nor sent a copy. */
  readonly others: number;
  /** Those who were sent a copy of the request in their own chat. */
  readonly copied?: readonly Person[];
  /** The groups that are meant, as cards show them. */
  readonly groups: readonly string[];
  /**
   * Why others were not: it is quiet; they are more than a message mentions; they are not where it is posted; Entra or Teams
   * did not say who they are.
   */
  readonly why?: 'quiet' | 'many' | 'elsewhere' | 'silent';
  /** World time, ISO 8601: when quiet hours end. */
  readonly until?: string;
}

/** Of the message that calls once quiet hours are over: what it calls about, and which quiet hours they were. */
export type CallTopic = `call:${string}`;

/** `subject`: the topic of the message that called nobody; of a reminder, what it reminds of. */
export const callTopic = (subject: string, until: Date): CallTopic =>
  `call:${subject}:${until.toISOString().replaceAll(/[:.]/g, '')}`;

export const isCall = (topic: string): topic is CallTopic => topic.startsWith('call:');

/** What a message calls about: other than that it is about what its own topic says. */
export const calledAbout = (topic: CallTopic): string => topic.slice('call:'.length, topic.lastIndexOf(':'));
