import type { ApprovalRule } from './approval';
import type { ServiceModel } from './estate';
import { hashOf } from './hash';
import type { Run } from './run';

/** The stages of a change in their order; `approve` only where somebody must. */
export const changeStages = ['plan', 'approve', 'apply', 'verify'] as const;
export type ChangeStage = (typeof changeStages)[number];

/** Who is asked before anything is changed. */
export interface ChangeApproval {
  readonly rule: ApprovalRule;
  /** Milliseconds of world time that the asking stays open. */
  readonly ttlMs: number;
  /** Of the catalogue's conversations: where it is asked. */
  readonly channel: string;
}

interface Asked {
  /** What it is done to, for people: `vm-payments-api-001`, `payments`. */
  readonly target: string;
  /** Null: no one team's. */
  readonly team: string | null;
  readonly reason?: string;
  readonly approval?: ChangeApproval;
}

/** Says of a machine what it is, by a tag. */
export interface ClassifyPlan extends Asked {
  readonly verb: 'classify';
  /** Resource id of a VM, a scale set or an Arc machine. */
  readonly machineId: string;
  readonly model: ServiceModel;
}

export type ChangePlan = ClassifyPlan;
export type ChangeVerb = ChangePlan['verb'];

export type ChangeOutcome = 'done' | 'failed' | 'cancelled' | 'expired';
/** How a change ended, as people say it; an asking that was refused or withdrawn cancels its run. */
export type ChangeEnding = ChangeOutcome | 'refused' | 'withdrawn';

export interface ChangeData {
  /** How it was before, as a clause: `undecided`. */
  readonly before?: string;
  /** What deciders should know, each a sentence. */
  readonly warnings?: readonly string[];
  /** One line about what is being done. */
  readonly progress?: string;
  /** How often Azure was asked to change something. */
  readonly effects?: number;
  /** World time (ISO) since when nothing but Azure is waited for. */
  readonly waitingSince?: string;
  readonly ending?: { readonly how: ChangeEnding; readonly why: string; readonly by?: string };
}

export type ChangeRun = Run<ChangePlan, ChangeData>;

/** One open run per subject: the same change of the same thing is asked for once. */
export function changeSubject(plan: ChangePlan): string {
  return `${plan.verb}:${plan.machineId.toLowerCase()}`;
}

/** What an approval of the change is bound to: all of what was asked for. */
export function changeHash(plan: ChangePlan): string {
  return hashOf(plan);
}

export function isChange(run: Run): run is ChangeRun {
  return run.kind === 'change';
}
