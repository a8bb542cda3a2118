import type { DecisionView } from './approval-card';
import type { Instant } from './format';

export type ChangeVerb = 'classify' | 'exempt' | 'remediate' | 'rescan' | 'restrict';

export type ChangeStatus =
  | 'waiting-for-approval'
  | 'running'
  | 'done'
  | 'refused'
  | 'withdrawn'
  | 'expired'
  | 'cancelled'
  | 'failed';

/** One change for a team, from the asking to its end; the same card is edited. */
export interface ChangeView {
  /** Id of the run. */
  readonly id: string;
  readonly verb: ChangeVerb;
  /** What it is done to: `vm-pay-ledger`, `payments`. */
  readonly subject: string;
  /** One clause that follows the verb: `as pet`, `from disk-encryption until 1 Mar 2027`. */
  readonly what: string;
  readonly status: ChangeStatus;
  readonly askedBy: string;
  readonly reason?: string;
  /** Facts of the change in the order to show. */
  readonly facts: readonly { readonly title: string; readonly value: string }[];
  /** Where somebody decides about it. */
  readonly approval?: {
    readonly id: string;
    readonly hash: string;
    readonly group: string;
    readonly until: Instant;
    readonly quorum: number;
    readonly decisions: readonly DecisionView[];
  };
  /** One sentence: what came of it, why it was refused, what Azure said. */
  readonly outcome?: string;
  /** `3 of 7 resources mended`, while it runs. */
  readonly progress?: string;
  /** What would be affected or is to be known by deciders, each a sentence. */
  readonly warnings?: readonly string[];
  /** What to type next. */
  readonly commands?: readonly string[];
  readonly at: Instant;
  readonly canCancel: boolean;
}
