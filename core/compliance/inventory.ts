import type { GalleryDisk, GalleryVersion, Region } from '../azure';

/** The inventory as Azure reports it: machines of all teams, counted by Azure instead of read row by row. */

/** `instance`: one of a uniform scale set. VMs of flexible scale sets are `vm`. */
export type MachineType = 'vm' | 'instance' | 'arc';

/** Tag by which an owner says what a machine is. */
export const serviceModelTag = 'service-model';
export type ServiceModel = 'pet' | 'cattle';

/** The tag's value as it was written; Azure ignores the case of tag names. */
export function serviceModelOf(tags: Readonly<Record<string, string>>): string | undefined {
  return Object.entries(tags).find(([name]) => name.toLowerCase() === serviceModelTag)?.[1];
}

/** What its owner decided by that tag; undefined when there is none, or another word in it. */
export function decidedModel(tags: Readonly<Record<string, string>>): ServiceModel | undefined {
  const word = serviceModelOf(tags)?.trim().toLowerCase();
  return word === 'pet' || word === 'cattle' ? word : undefined;
}

/** Lower-case subscription id and lower-case name of a resource group. */
export interface Place {
  readonly subscription: string;
  readonly resourceGroup: string;
}

/** Everything about a machine that its team's figures depend on. */
export interface MachineTraits extends Place {
  readonly type: MachineType;
  /**
   * Values of the tags by which `teams.yaml` maps teams, under the names used there; tags a machine lacks are absent.
   */
  readonly tags: Readonly<Record<string, string>>;
  /** The tag `service-model`; without one, cattle for a member of a scale set; absent when nobody has decided. */
  readonly model?: ServiceModel;
  /** `westeurope`. */
  readonly location: string;
  /** Lower case: the id of an image definition, or `publisher:offer:sku`; empty when Azure does not say. */
  readonly source: string;
  /** The source as Azure spells it; absent where that is lower case too. */
  readonly written?: string;
  /** The exact version it was deployed from; empty when Azure does not say. */
  readonly version: string;
  /** For scale set instances: they lag behind their own scale set's model. */
  readonly behindModel: boolean;
}

/** Machines that are alike in all of these. */
export interface MachineCount extends MachineTraits {
  readonly machines: number;
}

/** The six states of Azure Policy, in Azure's words. What it never evaluated has no row. */
export const policyStates = ['Compliant', 'NonCompliant', 'Exempt', 'Conflict', 'Unknown', 'Error'] as const;
export type PolicyState = (typeof policyStates)[number];

/**
 * What Azure's own compliance percentage is made of: distinct resources that have a state, each with the one that Azure
 * ranks first (non-compliant, compliant, error, conflict, exempt, unknown). A scale set is one resource, its instances
 * are none. Compliant, exempt and unknown ones are `good`.
 *
 * @see https://learn.microsoft.com/azure/governance/policy/concepts/compliance-states
 */
export interface AzureShare {
  readonly good: number;
  readonly all: number;
}

/** Policy states of the machines of one resource group, or of one machine or scale set in it. */
export interface PolicyCount extends Place {
  /** Lower-case id of the one; absent when all of the group are counted. */
  readonly machine?: string;
  /** VMs and Arc machines by their worst state: non-compliant before conflict, error, unknown, exempt, compliant. */
  readonly machines: Readonly<Record<PolicyState, number>>;
  readonly azure: AzureShare;
  /** When Azure Policy last evaluated one of them, and when it evaluated the one that has waited longest. */
  readonly newest: Date;
  readonly oldest: Date;
}

export const guestStatuses = ['Compliant', 'NonCompliant', 'Pending'] as const;
export type GuestStatus = (typeof guestStatuses)[number];

/** Guest configuration results of the machines of one resource group, or of one of them: machines by their worst status. */
export interface GuestCount extends Place {
  /** As in `PolicyCount`. */
  readonly machine?: string;
  readonly machines: Readonly<Record<GuestStatus, number>>;
  readonly newest?: Date;
  readonly oldest?: Date;
}

export interface Exemption {
  readonly id: string;
  readonly name: string;
  /** Lower-case id of what is exempt: a machine, a resource group, a subscription. */
  readonly scope: string;
  /** Lower-case id of the assignment. */
  readonly assignment: string;
  /** What people call it, where its name was made up; also absent in what earlier versions stored. */
  readonly policy?: string;
  readonly category: 'Waiver' | 'Mitigated';
  readonly reason?: string;
  /** Absent: it never ends. */
  readonly expiresAt?: Date;
}

/** A golden version as the figures of all teams need it. */
export interface PublishedVersion {
  /** Lower-case id of the image definition. */
  readonly source: string;
  readonly version: string;
  readonly publishedAt?: Date;
  readonly endOfLife?: Date;
  readonly excludedFromLatest: boolean;
  /** Regions in short form (`westeurope`) where it can be deployed and is not excluded from latest. */
  readonly regions: readonly string[];
  /** Absent where nobody asked for them: then no channel is known. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** One as a list of them needs it. */
export interface ListedVersion extends PublishedVersion {
  readonly provisioningState: GalleryVersion['provisioningState'];
  readonly tags: Readonly<Record<string, string>>;
  /** Where it is to have copies, and how many: what is paid for. */
  readonly copies: readonly Region[];
  /** Sizes alone. */
  readonly disks: readonly GalleryDisk[];
  /** Lower-case resource id of what it was copied from as a whole; absent: Azure does not say, or from disks. */
  readonly origin?: string;
}

/** Why an answer is incomplete. */
export type Shortfall =
  /** Azure searched only the first 10,000 subscriptions. */
  | { readonly reason: 'subscriptions' }
  /** Azure returned only some of the rows. */
  | { readonly reason: 'rows'; readonly read: number; readonly total: number }
  /** Azure truncated lists within rows, which lost this many machines. */
  | { readonly reason: 'lists'; readonly machines: number };

/** The answer to a question about the inventory. */
export interface Counted<Row> {
  readonly rows: readonly Row[];
  /** World time of the answer. Resource Graph itself lags by a few minutes. */
  readonly asOf: Date;
  /** Why it is incomplete; absent when it is complete. */
  readonly partial?: readonly Shortfall[];
}

/** One machine, when rows are asked for. */
export interface Machine extends MachineTraits {
  readonly id: string;
  readonly name: string;
  /** Scale set that it belongs to, by name. */
  readonly scaleSet?: string;
  readonly createdAt?: Date;
}

/** Which machines: every condition given must hold. */
export interface MachineFilter {
  /** Machines of these places or with these tags: a team's scope. Any when absent. */
  readonly scope?: MachineScope;
  /** One of these: definition id or `publisher:offer:sku`, lower case. */
  readonly source?: string | readonly string[];
  /** What lies there passes whatever its `source` is. */
  readonly orPlaces?: readonly Place[];
  readonly version?: string;
  /** One of these, by source and version as machines are counted; at least one. */
  readonly images?: readonly Pick<MachineTraits, 'source' | 'version'>[];
  /** In one of these; at least one. */
  readonly places?: readonly Place[];
  readonly model?: ServiceModel | 'undecided';
  /** In none of these, by id or by name; at least one. */
  readonly notGolden?: { readonly galleries: readonly string[] };
  readonly type?: MachineType;
  /** Instances of uniform scale sets are left out, whose table then need not be searched. */
  readonly withoutInstances?: true;
  /** Only members of scale sets. */
  readonly inScaleSet?: true;
  /** Case is ignored. */
  readonly name?: string;
  /** What their names begin with; case is ignored. */
  readonly nameBegins?: string;
  /** Resource ids, ignoring case; at least one. */
  readonly ids?: readonly string[];
  /** Name of the scale set that they belong to, ignoring case. */
  readonly scaleSet?: string;
  /** Arc machines were not created by Azure and are left out. */
  readonly createdSince?: Date;
}

export type MachineScope =
  | { readonly tag: { readonly name: string; readonly value: string } }
  | { readonly resourceGroup: Place }
  | { readonly subscriptions: readonly string[] };

/** The places that a question is about. */
export type Within = { readonly places: readonly Place[] } | { readonly subscriptions: readonly string[] };

/** What policies and guest configuration say about one machine; about an instance, what they say about its scale set. */
export interface MachineCompliance {
  readonly policies: readonly {
    /** Lower-case id. */
    readonly assignment: string;
    readonly name: string;
    /** Of the assignment; absent when it has none or Azure does not show it. */
    readonly displayName?: string;
    readonly definition: string;
    /** Lower-case name of the definition in its initiative; absent when a single definition is assigned. */
    readonly reference?: string;
    readonly state: PolicyState;
    readonly effect?: string;
    readonly evaluatedAt: Date;
  }[];
  readonly guest: readonly {
    readonly name: string;
    readonly status: GuestStatus;
    readonly checkedAt?: Date;
    readonly reasons: readonly string[];
  }[];
  readonly exemptions: readonly Exemption[];
}

/** A machine with its worst policy state or guest status. */
export interface Judged<Verdict> {
  /** Lower-case id of the machine. */
  readonly machine: string;
  readonly worst: Verdict;
}

/** VMs and Arc machines that policies and guest configuration judge: those of some places, or single ones by their ids. */
export type JudgedMachines = { readonly places: readonly Place[] } | { readonly ids: readonly string[] };

/** A machine or a scale set with what its team depends on. */
export interface PlacedMachine extends Place {
  /** Lower case. */
  readonly id: string;
  /** As in `MachineTraits`. */
  readonly tags: Readonly<Record<string, string>>;
}

/** The machines of all teams, counted; those of resource groups that teams may share are named too. */
export interface MachineCounts extends Counted<MachineCount> {
  /**
   * VMs, Arc machines and scale sets of the resource groups in which the tags that map teams differ, where there are at
   * most `mostTogether` of them: policies and guest configuration judge these one by one. The scale sets of groups that
   * have nothing else, too: Azure Policy judges them, whether they have instances or not.
   */
  readonly members: readonly PlacedMachine[];
}

/** What Azure Policy says of the inventory. */
export interface PolicyAnswers {
  /** By resource group; machine by machine in those that were asked about so. */
  readonly states: Counted<PolicyCount>;
  readonly exemptions: Counted<Exemption>;
}

/** A scale set by what its model deploys. */
export interface ScaleSet extends Place {
  readonly id: string;
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  /** As for machines; with an empty version it takes the latest. */
  readonly source: string;
  readonly version: string;
  /** It takes every version that becomes the latest by itself: Azure upgrades the instances that run. */
  readonly selfUpgrading: boolean;
  readonly location: string;
  /** What Azure does with running instances once the model changes. */
  readonly mode: SetMode;
  /**
   * Its owner is asked before an automatic upgrade: by a lifecycle hook, or by a deferral, of which Azure does not show
   * that it waits.
   */
  readonly asks?: 'hook' | 'deferral';
  /** A reimage brings its instances to the image of the model; as `takesReimage` has it. */
  readonly takesReimage: boolean;
}

/**
 * Whether a reimage brings instances of a set to another image. Those of flexible sets are virtual machines, which keep
 * theirs, and an ephemeral system disk goes back to what it was at first.
 *
 * `orchestration`: the set's `orchestrationMode`; `ephemeral`: `diffDiskSettings.option` of its system disk. Either may be
 * empty.
 */
export const takesReimage = (orchestration: string, ephemeral: string): boolean =>
  orchestration.toLowerCase() !== 'flexible' && ephemeral === '';

/** `Automatic`: all instances at once; `Rolling`: batch by batch, by Azure; `Manual`: nothing until somebody asks for it. */
export const setModes = ['Automatic', 'Rolling', 'Manual'] as const;
export type SetMode = (typeof setModes)[number];

/** Whether a policy with this effect can be remediated; the others only audit or deny. */
export function canMend(effect: string | undefined): boolean {
  return ['modify', 'deployifnotexists'].includes(effect?.toLowerCase() ?? '');
}
