/** An element of a card. Its shape is the template's business; nothing outside `cards/` takes one apart. */
export type CardElement = Readonly<Record<string, unknown>>;

/** An Adaptive Card as Teams takes it: version 1.5, `Action.Execute` alone. */
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
   * Plain text, to be sent with `textFormat: 'plain'`: whatever the card says, in the order of the card, and in the
   * last line the command of every button.
   */
  readonly text: string;
  /** Absent when a sentence says it all. At most 25 KB of JSON. */
  readonly card?: AdaptiveCard;
}
