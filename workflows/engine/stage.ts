import type { AuditDetail } from '../../core/audit';
import type { AzureRead, AzureWrite } from '../../core/azure';
import type { Fingerprint } from '../../core/images';
import type {
  Approval,
  ApprovalRule,
  Outcome,
  Reminded,
  RunKind,
  RunOf,
  SharedTopic,
  Signal,
  SignalKind,
  VoidReason,
} from '../../core/runs';
import type { Told } from '../../core/webhooks';
import type { CardAddress, NewCertificate, NewContents, NewLeftover } from '../../store';

/** Merged into the run's data; a key set to undefined is removed. */
export type Patch<Data> = { readonly [K in keyof Data]?: Data[K] | undefined };

/**
 * What a stage answers. The engine commits it together with the audit entry and the cards in one transaction.
 */
export type Step<Plan, Data> = Moving<Plan, Data> & {
  /** What Azure would not delete in time: the reaper tries on once its run is over. */
  readonly leftovers?: readonly NewLeftover[];
  /** What is inside the version that the run is about. */
  readonly contents?: NewContents;
  /** What goldbot states about the version that the run is about to publish; it is signed afterwards. */
  readonly certificate?: NewCertificate;
  /** Are to exist from now on. */
  readonly cards?: readonly CardAddress[];
};

type Moving<Plan, Data> =
  /** Look again after `ms` of world time, and not before `machineMs` of machine time. */
  | {
      readonly kind: 'again';
      readonly ms: number;
      readonly machineMs?: number;
      readonly data?: Patch<Data>;
      /** Tells those who decide about the run's open request that it still waits. */
      readonly remind?: Reminded;
    }
  /**
   * `plan`: a new plan with its hash; pending approvals of an older hash become void. `attempt` may only rise. `voids`:
   * why the newest request, open or approved, does not stand any more.
   */
  | {
      readonly kind: 'to';
      readonly stage: string;
      readonly data?: Patch<Data>;
      readonly plan?: { readonly value: Plan; readonly hash: string };
      readonly attempt?: number;
      readonly voids?: VoidReason;
      /** For the audit, when it is not the usual way. */
      readonly why?: string;
    }
  /**
   * Opens an approval bound to the run's plan hash and to what it is about, and stays in the stage until it is decided,
   * withdrawn or expired. `voids`: why the one before is asked anew.
   */
  | {
      readonly kind: 'ask';
      readonly rule: ApprovalRule;
      readonly ttlMs: number;
      readonly channel: string;
      /** The card on which it is listed with other requests; one of its own if absent. */
      readonly sharedCard?: SharedTopic | undefined;
      /** Look again after that much world time, if nothing happens earlier; when it expires if absent. */
      readonly lookMs?: number;
      /** Of the change under which it is to be approved; that of the run's request before, if it had one, goes first. */
      readonly changeNumber?: string | undefined;
      readonly fingerprint?: Fingerprint;
      readonly voids?: VoidReason;
      readonly data?: Patch<Data>;
    }
  /** `audit`: what came of it. */
  | {
      readonly kind: 'end';
      readonly outcome: Outcome;
      readonly data?: Patch<Data>;
      readonly audit?: Omit<AuditDetail<'end'>, 'outcome'> | undefined;
    };

export interface StageContext<Plan, Data> {
  readonly run: RunOf<Plan, Data>;
  /** Signals that came since the last commit, oldest first. Those of a committed step are consumed. */
  readonly inbox: readonly Signal[];
  /** The run's newest approval, whatever its status; expiry by world time is already applied. */
  readonly approval: Approval | undefined;
  /** World time. */
  readonly now: Date;
  readonly read: AzureRead;
  /** At most one write a step; throws UserError `FENCED` once the lease is over. */
  readonly write: AzureWrite;
}

/** Something that is waited for, and for how long. Data: the docs list all of them. */
export interface Wait {
  /** Who or what: `Image Builder`. */
  readonly waitsFor: string;
  /** World time. */
  readonly ms: number;
  /** What happens when it is over, as a sentence. */
  readonly afterwards: string;
}

/**
 * How long a run may be in a stage, and what becomes of it then: no wait is without an end. The engine keeps the time
 * (`run.inStage`) and calls `past` when a step that began after the limit would only wait, or failed.
 */
export interface StageLimit<Plan, Data> extends Wait {
  /** Added to it: what the run's own plan allows, and what that is called. */
  readonly plus?: { readonly what: string; ms(run: RunOf<Plan, Data>): number };
  /** Counts from here instead, for a wait that spans several stages. */
  since?(run: RunOf<Plan, Data>): Date | undefined;
  /**
   * The step past the limit: it must be possible without Azure. Undefined: what is waited for has a limit of its own,
   * and that is not over.
   */
  past(context: StageContext<Plan, Data>, late: Late): Promise<Step<Plan, Data> | undefined>;
}

/**
 * Whether the run has been in its stage for longer than it may be. What a stage begins then, the step past the limit takes
 * down at once: nothing is begun any more.
 */
export const isPast = ({ run, now }: Pick<StageContext<unknown, unknown>, 'run' | 'now'>): boolean => {
  const limit = run.inStage?.limit;
  return limit !== undefined && now > limit.until;
};

/** A run that has been in its stage for too long. */
export interface Late {
  readonly since: Date;
  /** Why the step that has just been tried failed; absent when it would only have waited. */
  readonly error?: string;
}

/** Where a run stands, the way it takes, and what it was asked to do. */
type InStages = Pick<RunOf<unknown, unknown>, 'stage' | 'stages' | 'plan'>;

/** A stage of one step: it waits for nothing, and to answer `again` is an error. */
export const atOnce = 'at once';

export interface Stage<Plan, Data> {
  readonly name: string;
  readonly limit: StageLimit<Plan, Data> | typeof atOnce;
  /**
   * Signals that people may send while the run is here; others are refused under the run's lock with `RUN_BUSY` or
   * `RUN_PAST_CANCEL`.
   */
  readonly takes: readonly SignalKind[] | ((run: InStages) => readonly SignalKind[]);
  /** Waiting for a person: shown as "waiting". */
  readonly waits?: boolean;
  run(context: StageContext<Plan, Data>): Promise<Step<Plan, Data>>;
}

/** One kind of run. New stage lists are added; a stage's code stays until no open run lists it. */
export interface Workflow<Plan, Data> {
  readonly kind: RunKind;
  readonly stages: readonly Stage<Plan, Data>[];
  readonly first: string;
  /**
   * What else a replica must know to advance a run that begins now, listed with its stages: one of an earlier version
   * that has code for them all, and would go another way, leaves such a run alone.
   */
  readonly needs?: readonly string[];
  /**
   * What to tell the run's people in a separate message where its card shows, because an edited card notifies nobody:
   * what moving to `stage` means, as a word of the topic `news:<run>:<word>`; undefined for nothing.
   */
  news?(run: RunOf<Plan, Data>, stage: string): string | undefined;
  /** What subscribers and programs are told, once this step is committed; nothing when absent. `run`: as it was before. */
  tells?(run: RunOf<Plan, Data>, step: Step<Plan, Data>, now: Date): Told;
  /** Why this signal cannot be taken in this stage, for the person. */
  refuse(signal: SignalKind, run: RunOf<Plan, Data>): Error;
}

/** What people may send a run in this stage. */
export function takenBy<P, D>({ takes }: Stage<P, D>, run: InStages): readonly SignalKind[] {
  return typeof takes === 'function' ? takes(run) : takes;
}

/** What stands in the row of a run that begins now; a replica claims the runs of which it knows all of it. */
export function listedBy({
  stages,
  needs = [],
}: Pick<Workflow<unknown, unknown>, 'stages' | 'needs'>): readonly string[] {
  return [...stages.map(({ name }) => name), ...needs];
}

export const again = <P, D>(ms: number, data?: Patch<D>, machineMs?: number): Step<P, D> => ({
  kind: 'again',
  ms,
  ...(machineMs !== undefined && { machineMs }),
  ...(data && { data }),
});
export const to = <P, D>(stage: string, data?: Patch<D>): Step<P, D> => ({
  kind: 'to',
  stage,
  ...(data && { data }),
});
