import type { Mentions } from '../core/mentions';

/** An element of a card. Its shape is the template's business; nothing outside `cards/` takes one apart. */
export type CardElement = Readonly<Record<string, unknown>>;

/** An Adaptive Card as Teams accepts it: version 1.5, with `Action.Execute` for commands. */
export interface AdaptiveCard {
  readonly type: 'AdaptiveCard';
  readonly version: '1.5';
  readonly body: readonly CardElement[];
  readonly actions: readonly CardElement[];
  readonly fallbackText: string;
  readonly [property: string]: unknown;
}

/** What goldbot answers: the same content twice, as a card and as words. */
export interface Reply {
  /**
   * Plain text, to be sent with `textFormat: 'plain'`: everything the card says, in the card's order, and on the last
   * line the command of every button.
   */
  readonly text: string;
  /** Absent when a sentence says it all. At most 25 KB of JSON. */
  readonly card?: AdaptiveCard;
  /**
   * The card is everybody's, and asks for the viewer's own by itself (its `refresh`): these people have one, by object
   * id. Absent beside such a card: nobody knows who has.
   */
  readonly owners?: readonly string[];
  /** Says what is known so far: goldbot completes it by an edit. */
  readonly pending?: true;
  /** Whom it calls by name where it is posted as a message of its own. */
  readonly mentions?: Mentions;
  /** What it is about stands elsewhere in Teams too: a button leads there, where that has an address (bot/there.ts). */
  readonly leadsTo?: { readonly topic: string; readonly title: string };
  /** In somebody's own chat: their devices tell them of it. */
  readonly alert?: true;
}
