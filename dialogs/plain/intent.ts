import type { Values, Verb } from '../../core/command-call';

/**
 * How people say what a command does, in two ways that are weighed against each other. Both know `a|b` as either, `a+b` as
 * words in a row and `<image>` as something that was found (`slots.ts`).
 */
export interface Intent {
  readonly verb: Verb;
  /** What the wording says besides what is named in the sentence. */
  readonly values?: Values;
  /** Words in a row, after small words were dropped (`small`); `…` is any words between. The longer, the surer. */
  readonly says: readonly string[];
  /**
   * Words in any order, with what each of them speaks for: `2 overdue|late, 1 approv*`, where `approv*` is any word that
   * begins so. The first of a list has to be there, and those with `!` before them; the others add to it.
   */
  readonly keys?: readonly string[];
  /** Said by denying its opposite: `I do not want to be told any more`. Weighed in sentences that deny, and in no others. */
  readonly denies?: true;
  /** Words that point to it, but not enough to act on alone. */
  readonly hints?: readonly string[];
}
