import type { Person } from '../access';
import type { ChangeRun } from './change';
import type { DigestRun } from './digest';
import type { RequestId } from './ids';
import type { PublishRun } from './publish';

/** How a person came to share responsibility for a run: actors cannot decide about it. */
export type ActorDid = 'requested' | 'joined' | 'rebuilt' | 'overrode';

export interface Actor extends Person {
  readonly did: ActorDid;
}

export type PublishOutcome = 'published' | 'cancelled' | 'expired' | 'failed';
/** `done`: what a digest or a change was for, as `published` is of a publish run. */
export type Outcome = PublishOutcome | 'done';
export type RunStatus = 'running' | 'waiting' | 'cancelling' | PublishOutcome;

/** What people tell a run. `decided` comes from an approval; the others from a command or button of the same name. */
export type SignalKind = 'cancel' | 'rebuild' | 'withdraw' | 'decided';

export interface Signal {
  readonly kind: SignalKind;
  readonly by: Person;
  readonly body: { readonly reason?: string; readonly note?: string; readonly approval?: RequestId };
  /** World time. */
  readonly at: Date;
}

/** `digest`: one team's week. `change`: one change for a team: classify, exempt, remediate, rescan, restrict. */
export type RunKind = 'publish' | 'digest' | 'change';

/** Any run there is; its kind says what its plan and data are. */
export type Run = PublishRun | ChangeRun | DigestRun;

export type RunOfKind<Kind extends RunKind> = Extract<Run, { readonly kind: Kind }>;

export function isOfKind<Kind extends RunKind>(run: Run, kind: Kind): run is RunOfKind<Kind> {
  return run.kind === kind;
}

/** What all runs have, for the engine, which knows of no kind. `Plan` and `Data` belong to the kind. */
export interface RunOf<Plan, Data> {
  readonly id: RequestId;
  readonly kind: RunKind;
  /** The image; `<team>:<ISO week>` of digests. One open run per kind and subject. */
  readonly subject: string;
  readonly plan: Plan;
  /** Null until the plan stage has committed. */
  readonly planHash: string | null;
  readonly stages: readonly string[];
  readonly stage: string;
  /** From 1; each rebuild adds one. */
  readonly attempt: number;
  readonly data: Data;
  /** World time of the next look. */
  readonly dueAt: Date;
  /** Steps since the last one that worked out; from five on people are told. */
  readonly tries: number;
  readonly lastError: string | null;
  readonly version: number;
  /** World time. */
  readonly createdAt: Date;
  readonly endedAt: Date | null;
  readonly outcome: Outcome | null;
  readonly actors: readonly Actor[];
}

/** From how many tries on a run says that it needs a look. */
export const needsALookAfter = 5;
