import type { SandboxResponse } from '../../../sandbox/kernel/types';
import type { Azure } from './azure';

/**
 * One way in which Azure refuses, under the id that the public evidence was collected under (`azure-refusals.tsv`).
 * The test plays each row twice: with its condition it is refused as `refused` says, without it the request is
 * accepted, so that no row holds by accident.
 */
export interface Refusal {
  readonly id: string;
  /** Plants the condition as state, by Azure's own verbs or `/_sandbox/conditions`; never by a fault. */
  readonly given?: (azure: Azure) => Promise<unknown>;
  readonly request: (azure: Azure) => Promise<SandboxResponse>;
  /** The same without the condition, where that is more than leaving out `given`: the condition is in the request. */
  readonly fine?: (azure: Azure) => Promise<SandboxResponse>;
  readonly refused: Refused;
  /** What the message must name: ids and variable parts, never prose. */
  readonly names?: readonly string[];
  /** What is so beside the refusal. */
  readonly also?: (azure: Azure) => Promise<void>;
}

/**
 * `code` stands where it was seen on the wire; without one the refusal's code is nobody's business.
 * - at once: the status of the answer
 * - `Failed`: the request is accepted and its operation fails
 * - `run`: the request is accepted and the build fails; codes stand in the words of its status or in its log
 * - hangs: the request is accepted and its operation never ends
 * - silent: Azure does not refuse; `shows` asserts what there is to notice afterwards
 */
export type Refused =
  | { readonly status: number; readonly code?: string; readonly target?: string; readonly nested?: string }
  | {
      readonly operation: 'Failed';
      readonly code?: string;
      readonly nested?: string;
      readonly provisioningErrorCode?: string;
    }
  | { readonly run: 'Failed'; readonly code?: string; readonly nested?: string }
  | { readonly hangs: true }
  | { readonly silent: (azure: Azure, answer: SandboxResponse) => Promise<void> };
