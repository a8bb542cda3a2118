import type { RestrictionEffect, RestrictionTarget, ServiceModel } from '../compliance';
import { hashOf } from '../hash';
import type { Judgement } from '../images';
import type { ApprovalRule, RequestId, RunOf } from './run';

/** The stages of a change in their order; `approve` and `close`, which tells what came of it, only where somebody must approve. */
export const changeStages = ['plan', 'approve', 'apply', 'verify', 'close'] as const;
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

/** Sets a failing policy aside for one machine until a day; the same again renews it. */
export interface ExemptPlan extends Asked {
  readonly verb: 'exempt';
  readonly machineId: string;
  /** Id of the assignment, and what people call it. */
  readonly assignment: string;
  readonly policy: string;
  /** Name of one definition in an initiative; absent when the whole assignment is set aside. */
  readonly reference?: string;
  /** ISO 8601. */
  readonly until: string;
}

/** Lets the policy mend one machine by its own deployment. */
export interface RemediatePlan extends Asked {
  readonly verb: 'remediate';
  readonly machineId: string;
  readonly assignment: string;
  readonly policy: string;
  /** Name of the definition in its initiative; absent when a single definition is assigned. */
  readonly reference?: string;
}

/** Asks Azure Policy to evaluate now. */
export interface RescanPlan extends Asked {
  readonly verb: 'rescan';
  /** Ids of subscriptions and resource groups. */
  readonly scopes: readonly string[];
}

/** Holds new machines to golden images, or lets them go. */
export interface RestrictPlan extends Asked {
  readonly verb: 'restrict';
  readonly effect: RestrictionEffect | 'off';
  readonly galleries: readonly string[];
  readonly targets: readonly RestrictionTarget[];
  /** Sentences for deciders, from the dry run of the moment of asking. */
  readonly dryRun: readonly string[];
}

/** Reads the tattoo inside of a machine. Changes nothing that lasts, but runs something on a team's machine. */
export interface TattooPlan extends Asked {
  readonly verb: 'tattoo';
  readonly machineId: string;
  readonly os: 'Linux' | 'Windows';
  readonly location: string;
}

export type ChangePlan = ClassifyPlan | ExemptPlan | RemediatePlan | RescanPlan | RestrictPlan | TattooPlan;

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
  /** Of a rescan: by scope the URL that tells when it is over; empty once it is. */
  readonly evaluations?: Readonly<Record<string, string>>;
  /** Of a tattoo: what stood in the machine. */
  readonly guest?: { readonly exitCode: number; readonly output: string; readonly error: string };
  /** Of a tattoo: the machine was silent for too long, and the command is being taken away. */
  readonly gaveUp?: boolean;
  readonly judgement?: Judgement;
  /** How often the same effect was needed again. */
  readonly repeats?: number;
  /** World time (ISO) since when nothing but Azure is waited for. */
  readonly waitingSince?: string;
  readonly ending?: { readonly how: ChangeEnding; readonly why: string; readonly by?: string };
}

export interface ChangeRun extends RunOf<ChangePlan, ChangeData> {
  readonly kind: 'change';
  readonly outcome: ChangeOutcome | null;
}

/** One open run per subject: the same change of the same thing is asked for once. */
export function changeSubject(plan: ChangePlan): string {
  switch (plan.verb) {
    case 'classify':
    case 'tattoo':
      return `${plan.verb}:${plan.machineId.toLowerCase()}`;
    case 'exempt':
    case 'remediate':
      return `${plan.verb}:${plan.machineId.toLowerCase()}:${hashOf(policyKey(plan)).slice(0, 8)}`;
    case 'rescan':
    case 'restrict':
      return `${plan.verb}:${plan.target}`;
  }
}

/** The same machine and assignment have the same exemption, so that asking again renews it. */
export function exemptionId(plan: ExemptPlan): string {
  return `${plan.machineId}/providers/Microsoft.Authorization/policyExemptions/goldbot-${hashOf(policyKey(plan)).slice(0, 8)}`;
}

/** Each run has its own task: one that has ended is not started again by accident. */
export function remediationId(plan: RemediatePlan, run: RequestId): string {
  return `${plan.machineId}/providers/Microsoft.PolicyInsights/remediations/goldbot-${run.toLowerCase()}`;
}

/** Name of the run command that reads the tattoo: one a run, so that a crash never reads twice. */
export function tattooCommandName(run: RequestId): string {
  return `goldbot-tattoo-${run.toLowerCase()}`;
}

function policyKey(plan: ExemptPlan | RemediatePlan): string {
  return `${plan.assignment.toLowerCase()} ${(plan.reference ?? '').toLowerCase()}`.trim();
}

/** What an approval of the change is bound to: all of what was asked for. */
export function changeHash(plan: ChangePlan): string {
  return hashOf(plan);
}
