import type { Person } from '../access';
import type { BuildPlace, Deciders, GalleryRef, ImageRef } from '../azure';
import { resourceId } from '../azure-id';
import type { ImageConfig } from '../catalogue';
import type { BaselineName, BaselineReach, RestrictionEffect, RestrictionTarget, ServiceModel } from '../compliance';
import { hashOf } from '../hash';
import type { ImageRight, Sharee } from '../image-access';
import type { Fingerprint, Judgement, RecordedJudgement, VersionChannel } from '../images';
import type { RemainToDelete } from '../leftovers';
import type {
  Act,
  CopiesPlan,
  RadiusSeen,
  RolloutWindow,
  SecondCopy,
  SetProgress,
  SetRollout,
  Single,
  Tracked,
} from '../lifecycle';
import type { Verification } from '../provenance';
import type { TrialsData } from '../trials';
import type { Held, Override } from './holds';
import { approvalRule, type Reminded, timeToLive } from './rule';
import type { ApprovalRule, RequestId, RunOf } from './run';

/**
 * The stages of a change, in order; `approve` and `close` (which reports the outcome) only where somebody must approve,
 * `hold` only when a freeze begins to hold it back, `wait` only until a moment that was named, `track` only where owners have machines
 * to replace, `review` only where glass was broken.
 */
export const changeStages = ['plan', 'approve', 'wait', 'hold', 'apply', 'verify', 'track', 'review', 'close'] as const;
export type ChangeStage = (typeof changeStages)[number];

/** Who is asked before anything is changed. */
export interface ChangeApproval {
  readonly rule: ApprovalRule;
  /** Milliseconds of world time that the approval request stays open. */
  readonly ttlMs: number;
  /** Which of the catalogue's conversations it is asked in. */
  readonly channel: string;
}

/** Who decided about a version's birth decides about the rest of its life, where they were asked then. `least`: how many people must agree at least. */
export function byApprovers(image: ImageConfig, now: Date, least = 1): ChangeApproval {
  const { channel } = image.approval;
  return { rule: approvalRule(image, least), ttlMs: timeToLive(image, now), channel };
}

interface Asked {
  /** What it changes, as people call it: `vm-payments-api-001`, `payments`. */
  readonly target: string;
  /** Null when it belongs to no single team. */
  readonly team: string | null;
  readonly reason?: string;
  readonly approval?: ChangeApproval;
}

/** Tags a machine as pet or cattle. */
export interface ClassifyPlan extends Asked {
  readonly verb: 'classify';
  /** Resource id of a VM, a scale set or an Arc machine. */
  readonly machineId: string;
  readonly model: ServiceModel;
}

/** Exempts one machine from a failing policy until a day; asking again renews it. */
export interface ExemptPlan extends Asked {
  readonly verb: 'exempt';
  readonly machineId: string;
  /** Id of the assignment. `policy` is what people call it. */
  readonly assignment: string;
  readonly policy: string;
  /** Name of one definition in an initiative; absent when the whole assignment is exempted. */
  readonly reference?: string;
  /** ISO 8601. */
  readonly until: string;
}

/** Lets the policy remediate one machine by its own deployment. */
export interface RemediatePlan extends Asked {
  readonly verb: 'remediate';
  readonly machineId: string;
  readonly assignment: string;
  readonly policy: string;
  /** Name of the definition in its initiative; absent when a single definition is assigned. */
  readonly reference?: string;
  /** Not before then (ISO 8601), however early people agree: when its owners let it be changed. */
  readonly at?: string;
}

/** Assigns one of Azure's own policies to a resource group, which bring machines what they lack. */
export interface AssignPlan extends Asked {
  readonly verb: 'assign';
  readonly baseline: BaselineName;
  /** Id of the resource group. */
  readonly scope: string;
  /** Region in which the identity of the assignment lives. */
  readonly location: string;
  /** What those who decide are shown: the run looks first; absent until it has. */
  readonly reach?: BaselineReach;
}

/** Asks Azure Policy to evaluate now. */
export interface RescanPlan extends Asked {
  readonly verb: 'rescan';
  /** Ids of subscriptions and resource groups. */
  readonly scopes: readonly string[];
}

/** Restricts new machines to golden images, or lifts the restriction. */
export interface RestrictPlan extends Asked {
  readonly verb: 'restrict';
  readonly effect: RestrictionEffect | 'off';
  readonly galleries: readonly string[];
  readonly targets: readonly RestrictionTarget[];
  /** Sentences for deciders, from the dry run at the time of the command. */
  readonly dryRun: readonly string[];
  /** What is past its end of life and out of latest is held to it as well: goldbot looks each day which versions those are. */
  readonly pastEnd?: true;
  /** Nobody asked: goldbot does what was decided by this request, for the versions of the day. */
  readonly byItself?: {
    readonly decided: string;
    /** Where that was decided, and is told. */
    readonly channel?: string;
  };
}

/** Reads the tattoo inside a machine. Changes nothing permanently, but runs a script on a team's machine. */
export interface TattooPlan extends Asked {
  readonly verb: 'tattoo';
  readonly machineId: string;
  readonly os: 'Linux' | 'Windows';
  readonly location: string;
  /** What is read is held against the certificate of the version that the machine was made from. */
  readonly verify?: true;
}

/** Deletes what builds have left: exactly these things, as long as they are what they were. */
export interface LeftoversPlan extends Asked {
  readonly verb: 'leftovers';
  readonly place: BuildPlace;
  readonly things: readonly RemainToDelete[];
}

/** What is done to versions that have been published; each is a verb of people. */
export const versionVerbs = [
  'eol',
  'age',
  'revoke',
  'retire',
  'restore',
  'promote',
  'rollback',
  'channel',
  'replicate',
  'copy',
] as const satisfies readonly Act[];
export type VersionVerb = (typeof versionVerbs)[number];

/** Why goldbot asks by itself. `ended`: when the life of the version ended (ISO 8601); `period`: `2026-12`. */
type ByItself =
  | { readonly why: 'end of life'; readonly ended: string }
  | { readonly why: 'retention'; readonly period: string };

/** A version that was built from another one, perhaps of another image, or its copy in the second gallery. */
export interface Descendant {
  /** Name in the catalogue. */
  readonly image: string;
  readonly gallery: ImageRef;
  readonly version: string;
  /** As for the plan. */
  readonly lifts?: string;
  /** Where its own gallery differs in that from the plan’s. */
  readonly keeps?: boolean;
}

/** Does something to versions of an image. */
export interface VersionPlan extends Asked {
  readonly verb: VersionVerb;
  /** Name in the catalogue. */
  readonly image: string;
  readonly gallery: ImageRef;
  /** The one that was named, then others that go with it. */
  readonly versions: readonly string[];
  /**
   * What those who decide are shown. The run looks for itself first, and once more before each write; absent until it has.
   */
  readonly radius?: RadiusSeen;
  /** What would break is broken on purpose: by two people beside the one who asks, and reviewed afterwards. */
  readonly breakGlass?: true;
  /** `revoke`, `retire`: what was built from it, and its copy in the second gallery, under the same approval; changed first, in this order. */
  readonly descendants?: readonly Descendant[];
  /** Not before then (ISO 8601), however early people agree. */
  readonly at?: string;
  /** Nobody asked: goldbot itself does, and two people decide. */
  readonly byItself?: ByItself;
  /** `retire`: as long as no machine runs them; one that has come since people agreed ends the run. */
  readonly unused?: true;
  /** `eol`: the end of its life (ISO 8601); null: it has none. */
  readonly until?: string | null;
  /** `age`: the number of its successor. */
  readonly replacedBy?: string;
  /** `retire`: the gallery keeps what is deleted, so that it can be restored. */
  readonly keeps?: boolean;
  /** `retire`: until when (ISO 8601) the version itself blocks its deletion, which is lifted. */
  readonly lifts?: string;
  /** `restore`: it was deleted, and the gallery keeps it. */
  readonly deleted?: true;
  /** `promote`: where it becomes latest; everywhere when absent. */
  readonly regions?: readonly string[];
  /** `rollback`: the number that is to be latest again; `versions` are those above it. */
  readonly to?: string;
  /** `rollback`: the number under which `to` comes back afterwards, as a copy. */
  readonly forward?: string;
  /** `channel`: whose version the first of `versions` becomes; the others leave it. */
  readonly channel?: VersionChannel;
  /** `replicate`: where it gets and loses copies. */
  readonly copies?: CopiesPlan;
  /** `copy`: what the copy in the second gallery is to be; `gallery` is that one. */
  readonly second?: SecondCopy;
}

/** Tries what no document settles, on a copy of a golden version that is made for it and deleted again. */
export interface TryPlan extends Asked {
  readonly verb: 'try';
  readonly gallery: GalleryRef;
  /** What is copied: a golden version of that gallery. */
  readonly source: { readonly definition: string; readonly version: string };
  /** What it costs while it is there, as a sentence. */
  readonly cost: string;
  /** Where a message is edited to mention a person, who is asked what Teams did; nobody is when absent. */
  readonly mention?: { readonly channel: string; readonly oid: string; readonly name: string };
}

/** Gives a group a right to an image in Azure, or takes it back. */
export interface AccessPlan extends Asked {
  readonly verb: 'grant' | 'ungrant';
  /** Name in the catalogue. */
  readonly image: string;
  readonly gallery: ImageRef;
  readonly right: ImageRight;
  /** By its object id; the name is for people. */
  readonly group: { readonly id: string; readonly name: string };
  /** Of Azure: a GUID, and what it is called. */
  readonly role: { readonly id: string; readonly name: string };
  /** When it ends, ISO 8601; absent: when somebody takes it back. */
  readonly until?: string;
  /** Nobody asked: the end that was agreed to has come. */
  readonly atEnd?: true;
}

/** Somebody with whom a gallery is shared, as far as goldbot knows them. */
export interface NamedSharee extends Sharee {
  readonly name?: string;
  /** Whether it belongs to a tenant that goldbot serves; absent: goldbot cannot see it. */
  readonly ours?: boolean;
}

/** Shares the gallery of an image directly, or takes that back. Azure shares a gallery with all that is in it. */
export interface SharePlan extends Asked {
  readonly verb: 'share' | 'unshare';
  /** Name in the catalogue, and of its definition in the gallery. */
  readonly image: string;
  readonly definition: string;
  readonly gallery: GalleryRef;
  /** `everybody`, of `unshare`: Azure's reset, by which exactly these lose it, for good. */
  readonly to: NamedSharee | { readonly kind: 'everybody'; readonly losing: readonly Sharee[] };
  /** When it ends, ISO 8601; absent: when somebody takes it back. */
  readonly until?: string;
  /** Nobody asked: the end that was agreed to has come. */
  readonly atEnd?: true;
}

/** What goldbot gives with an end and takes back. */
export type EndingPlan = AccessPlan | SharePlan;

/** Brings scale sets of a team to a version: one after the other, each batch by batch. */
export interface RolloutPlan extends Asked {
  readonly verb: 'rollout';
  /** Name in the catalogue. */
  readonly image: string;
  readonly gallery: ImageRef;
  readonly version: string;
  /** In the order in which they are taken. */
  readonly sets: readonly Pick<SetRollout, 'id' | 'name' | 'location' | 'way' | 'asks' | 'reimages'>[];
  /** Machines that stand alone and were behind when it was asked for: their owners replace them. */
  readonly singles?: readonly Single[];
  /** How many more of them there were than a run keeps by name. */
  readonly moreSingles?: number;
  /** goldbot begins nothing before and after it, and owners appoint nothing outside it; absent: as soon as people agree. */
  readonly window?: RolloutWindow;
}

/** Holds back what would move scale sets of a team to another version, until a day; cancelling it takes it back. */
export interface DeferPlan extends Asked {
  readonly verb: 'defer';
  readonly team: string;
  readonly reason: string;
  /** Name in the catalogue. */
  readonly image: string;
  /** Those whose owner Azure asks: what it asks is put off as far as it lets. */
  readonly sets: readonly Pick<SetRollout, 'id' | 'name' | 'asks'>[];
  /** ISO 8601. */
  readonly until: string;
}

/** Of the schedules that take back. */
export const accessEndKind = 'access-end';

/** An end that goldbot keeps, until what was given is taken back. */
export interface AgreedEnd {
  /** Of the role assignment, or as `shareName` has it. */
  readonly name: string;
  /** What is done then. */
  readonly plan: EndingPlan;
  /** World time. */
  readonly at: Date;
}

/** Whether an end is about a team's own: its owners' group. A share is about everybody who runs images of the gallery. */
export function concernsTeam(
  { plan }: AgreedEnd,
  team: { readonly group: string; readonly images: readonly string[] },
): boolean {
  return isAccessPlan(plan) ? plan.group.id === team.group.toLowerCase() : team.images.length > 0;
}

export type ChangePlan =
  | RolloutPlan
  | DeferPlan
  | VersionPlan
  | AccessPlan
  | SharePlan
  | ClassifyPlan
  | ExemptPlan
  | RemediatePlan
  | AssignPlan
  | RescanPlan
  | RestrictPlan
  | TattooPlan
  | LeftoversPlan
  | TryPlan;

/** The plan of each image and version that it is about, in the order in which they are changed: its own last. */
export function partsOf(plan: VersionPlan): readonly VersionPlan[] {
  const { descendants = [], lifts: _, ...rest } = plan;
  const parts = descendants.map(({ image, gallery, version, lifts, keeps }) => ({
    ...{ ...rest, image, gallery, versions: [version], target: `${image} ${version}` },
    ...(lifts !== undefined && { lifts }),
    ...(keeps !== undefined && { keeps }),
  }));
  return [...parts, plan];
}

/** The moment that it waits for; undefined: it is done as soon as people agree. */
export function momentOfPlan(plan: ChangePlan): Date | undefined {
  if (plan.verb === 'rollout') return plan.window && new Date(plan.window.from);
  if (plan.verb === 'defer') return new Date(plan.until);
  return (isVersionPlan(plan) || plan.verb === 'remediate') && plan.at !== undefined ? new Date(plan.at) : undefined;
}

export function isAccessPlan(plan: ChangePlan): plan is AccessPlan {
  return plan.verb === 'grant' || plan.verb === 'ungrant';
}

export function isSharePlan(plan: ChangePlan): plan is SharePlan {
  return plan.verb === 'share' || plan.verb === 'unshare';
}

export function isVersionPlan(plan: ChangePlan): plan is VersionPlan {
  return (versionVerbs as readonly string[]).includes(plan.verb);
}

/** What became of holding a machine against a certificate, as its card tells it. */
export interface VerifiedMachine extends Verification {
  /** The version that it was made from; absent when it is not golden. */
  readonly image?: { readonly image: string; readonly version: string };
  /** What follows from it, in a sentence or two. */
  readonly because: string;
  readonly certificate?: {
    readonly digest: string;
    readonly runId: string;
    readonly signed?: { readonly by: string; readonly at: Date | string };
    readonly said?: string;
    readonly nextAt?: Date | string;
  };
  readonly gaps?: readonly string[];
}

export type ChangeOutcome = 'done' | 'failed' | 'cancelled' | 'expired';
/**
 * How a change ended, in people's words. A refused or withdrawn approval request cancels its run; of one that was superseded
 * all is done that was goldbot's to do.
 */
export type ChangeEnding = ChangeOutcome | 'refused' | 'withdrawn' | 'superseded';

export interface ChangeData {
  /** How things were before, as a clause: `undecided`. */
  readonly before?: string;
  /** What deciders should know, each a sentence. */
  readonly warnings?: readonly string[];
  /** Who could decide about the open request when Graph was last asked. */
  readonly deciders?: Deciders;
  /** The last reminder of an open request. */
  readonly reminded?: Reminded;
  /** One line about what is being done. */
  readonly progress?: string;
  /** For leftovers: what was left alone, by id: its name and why. */
  readonly spared?: Readonly<Record<string, string>>;
  /** For leftovers: since when (ISO, world time) Azure has been asked to delete a thing, by id. */
  readonly asked?: Readonly<Record<string, string>>;
  readonly trials?: TrialsData;
  /** For a rollout: how far each scale set is, by its id. */
  readonly rollout?: Readonly<Record<string, SetProgress>>;
  /** For a rollout: what came of its scale sets, a sentence, once it only looks on. */
  readonly moved?: string;
  /** For a rollout: the machines that their owners replace. */
  readonly tracked?: Tracked;
  /** For a rescan: the URL to ask whether it is over, by scope; empty once it is. */
  readonly evaluations?: Readonly<Record<string, string>>;
  /** For an assignment of Azure's own policies: object id of the identity of each, by its name. */
  readonly identities?: Readonly<Record<string, string>>;
  /** For a tattoo: what the machine answered. */
  readonly guest?: { readonly exitCode: number; readonly output: string; readonly error: string };
  /** For a tattoo: the machine was silent for too long, and the command is being deleted. */
  readonly gaveUp?: boolean;
  /** For a tattoo: the role of goldbot's identity without which Azure lets it run nothing on the machine. */
  readonly lacks?: string;
  /** World time (ISO) since which Azure has been asked to delete the command. */
  readonly removingSince?: string;
  /** Name of the command that Azure did not delete in time. */
  readonly commandLeft?: string;
  readonly judgement?: Judgement | RecordedJudgement;
  /** For a tattoo that was read to verify the machine. */
  readonly verified?: VerifiedMachine;
  /** For versions: what it does to whom, by team, and where the team is told of it once it is done. */
  readonly affected?: Readonly<Record<string, { readonly channel: string; readonly lines: readonly string[] }>>;
  /** Of glass that was broken: how often somebody was asked to review it, and who did. */
  readonly review?: {
    readonly asks: number;
    readonly by?: Person;
    readonly said?: string;
    /** ISO 8601, world time. */
    readonly at?: string;
  };
  /** `rollback`: the copy as it was once Azure had made it, before anybody could take it for the latest. */
  readonly copied?: Fingerprint;
  /** `promote`: digest of what was stated about the candidate, once that is kept. */
  readonly certificate?: string;
  /** World time (ISO) of the first step that might write. */
  readonly begunAt?: string;
  /** How often the same write was needed again. */
  readonly repeats?: number;
  /** World time (ISO) since which the run has been waiting for Azure alone. */
  readonly waitingSince?: string;
  /** Who wants no more of it, and why: it ends once nothing is half done. */
  readonly stopping?: { readonly by: string; readonly why: string };
  readonly ending?: {
    readonly how: ChangeEnding;
    readonly why: string;
    readonly by?: string;
    /** The newer run that has taken over. */
    readonly supersededBy?: RequestId;
  };
  /** What the run waits for in `hold`. */
  readonly held?: Held;
  readonly override?: Override;
}

export interface ChangeRun extends RunOf<ChangePlan, ChangeData> {
  readonly kind: 'change';
  readonly outcome: ChangeOutcome | null;
}

/** One run per subject until it only looks on or is reviewed: the same change to the same thing is never made twice at once. */
export function changeSubject(plan: ChangePlan): string {
  switch (plan.verb) {
    case 'classify':
      return `${plan.verb}:${plan.machineId.toLowerCase()}`;
    case 'tattoo':
      return tattooSubjects(plan.machineId)[plan.verify ? 1 : 0];
    case 'exempt':
    case 'remediate':
      return `${plan.verb}:${plan.machineId.toLowerCase()}:${hashOf(policyKey(plan)).slice(0, 8)}`;
    case 'assign':
      return `${plan.verb}:${plan.baseline}:${plan.scope.toLowerCase()}`;
    case 'leftovers':
    case 'rescan':
    case 'restrict':
    case 'try':
      return `${plan.verb}:${plan.target}`;
    case 'age':
    case 'copy':
    case 'eol':
    case 'promote':
    case 'replicate':
    case 'restore':
    case 'retire':
    case 'revoke':
      return `${plan.verb}:${plan.image}@${plan.versions[0]}`;
    case 'channel':
      return `${plan.verb}:${plan.image}:${plan.channel}`;
    case 'rollback':
      return `${plan.verb}:${plan.image}`;
    case 'defer':
    case 'rollout':
      return `${plan.verb}:${plan.image}:${plan.team ?? ''}`;
    case 'grant':
    case 'ungrant':
      // One at a time, whichever way it goes; but no open request keeps a right from ending.
      return `${plan.atEnd ? 'access-end' : 'access'}:${plan.right}:${plan.group.id}:${plan.image}`;
    case 'share':
    case 'unshare':
      // The same.
      return `${plan.atEnd ? 'access-end' : 'access'}:${shareName(plan.gallery, plan.to.kind === 'everybody' ? plan.to.kind : plan.to)}`;
  }
}

/** Of runs that read the tattoo inside a machine: for its own sake, and to verify the machine. */
export function tattooSubjects(machine: string): readonly [string, string] {
  return [`tattoo:${machine.toLowerCase()}`, `verify:${machine.toLowerCase()}`];
}

/** The same share has the same name, whoever asks for it and whichever image of the gallery is named. */
export function shareName(gallery: GalleryRef, to: Sharee | 'everybody'): string {
  const whom = to === 'everybody' ? to : `${to.kind}:${to.id}`;
  return `share:${resourceId(gallery, 'Microsoft.Compute/galleries', gallery.gallery)}:${whom}`.toLowerCase();
}

/** The same machine and assignment have the same exemption, so that asking again renews it. */
export function exemptionId(plan: ExemptPlan): string {
  return `${plan.machineId}/providers/Microsoft.Authorization/policyExemptions/goldbot-${hashOf(policyKey(plan)).slice(0, 8)}`;
}

/** Each run has its own task, so that an ended one is not started again by accident. */
export function remediationId(plan: RemediatePlan, run: RequestId): string {
  return `${plan.machineId}/providers/Microsoft.PolicyInsights/remediations/goldbot-${run.toLowerCase()}`;
}

/** Name of the run command that reads the tattoo: one per run, so that a crash never reads twice. */
export function tattooCommandName(run: RequestId): string {
  return `goldbot-tattoo-${run.toLowerCase()}`;
}

function policyKey(plan: ExemptPlan | RemediatePlan): string {
  return `${plan.assignment.toLowerCase()} ${(plan.reference ?? '').toLowerCase()}`.trim();
}

/** What an approval of the change is bound to: everything that was asked for. */
export function changeHash(plan: ChangePlan): string {
  return hashOf(plan);
}
