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
  /** Object ids of those who are not meant: they take part, or have decided. */
  readonly but?: readonly string[];
  /** It waits for them: whoever is not mentioned because it is quiet is once the quiet hours are over. */
  readonly waits?: true;
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
  /** How many of those who are meant were not mentioned. */
  readonly others: number;
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
